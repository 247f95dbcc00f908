"""Selects the mutants of a campaign and puts them in order."""

import random
from collections.abc import Iterable, Mapping, Sequence

from trainwreck.model import IMPORT_PHASE, FileFrame, Mutant

LEAST_TURN = 0.15
"""The least share of the turns that a root gets while it has mutants left."""

Executed = Mapping[int, frozenset[str]]
"""Maps each executed line of a file to the phases in which it runs."""


def phases_of(mutant: Mutant, executed: Executed) -> tuple[str, ...]:
    """Return the phases in which the clean program runs the mutant's statement, import first."""
    first, last = mutant.lines
    phases = {phase for line in range(first, last + 1) for phase in executed.get(line, ())}
    return tuple(sorted(phases, key=lambda phase: (phase != IMPORT_PHASE, phase)))


def draw_nodes(mutants: Sequence[Mutant], per_file: int, seed: int) -> list[Mutant]:
    """Return all mutants of a random sample of one file's syntax nodes.

    Args:
        mutants: The mutants of one file.
        per_file: The largest number of nodes in the sample; every node has the same chance.
        seed: The campaign's seed; the sample depends on it and on the file's name alone.

    """
    nodes = sorted({mutant.node for mutant in mutants})
    if len(nodes) > per_file:
        generator = random.Random(f"{seed} {mutants[0].root} {mutants[0].file}")
        nodes = generator.sample(nodes, per_file)
    drawn = set(nodes)
    return [mutant for mutant in mutants if mutant.node in drawn]


def select(
    mutants: Sequence[Mutant], executed: Executed, per_file: int, seed: int
) -> tuple[list[Mutant], list[Mutant]]:
    """Select mutants of one file.

    Args:
        mutants: The mutants of the file.
        executed: The phases in which each line of the file runs.
        per_file: The largest number of nodes that are planned.
        seed: The campaign's seed.

    Returns:
        The mutants on executed lines, and those of them that are planned.

    """
    reached = [mutant for mutant in mutants if phases_of(mutant, executed)]
    return reached, draw_nodes(reached, per_file, seed)


def frame_of(
    root: str,
    file: str,
    mutants: Sequence[Mutant],
    dropped: int,
    reached: Sequence[Mutant],
    planned: Sequence[Mutant],
    problem: str,
) -> FileFrame:
    """Return the numbers of nodes and mutants in one file's selection.

    Args:
        root: ``app`` or the import name of the library.
        file: The POSIX path of the file below the root.
        mutants: The mutants that compile.
        dropped: The number of mutants that do not compile.
        reached: The mutants on executed lines.
        planned: The mutants that are planned.
        problem: The part of the file that could not be read; empty where there is none.

    """
    return FileFrame(
        root=root,
        file=file,
        nodes=_node_count(mutants),
        mutants=len(mutants),
        dropped=dropped,
        executed_nodes=_node_count(reached),
        executed=len(reached),
        planned_nodes=_node_count(planned),
        planned=len(planned),
        problem=problem,
    )


def _node_count(mutants: Iterable[Mutant]) -> int:
    return len({mutant.node for mutant in mutants})


def in_turns(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """Return the mutants in running order, so that the first N are a fair sample of each root.

    Within a root the order is random. While it has mutants left, each root gets at least
    ``LEAST_TURN`` of the turns, or half of an equal share where there are many roots. The other
    turns are in proportion to the roots' numbers of mutants. So the few mutants of a program do
    not wait for thousands of its library.
    """
    by_root: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_root.setdefault(mutant.root, []).append(mutant)
    total = sum(map(len, by_root.values()))
    least_share = min(LEAST_TURN, 0.5 / len(by_root)) if by_root else 0.0
    turns: list[tuple[float, str, Mutant]] = []
    for root, members in sorted(by_root.items()):
        members.sort(key=lambda mutant: mutant.id)
        random.Random(f"{seed} {root}").shuffle(members)
        share = least_share + (1 - least_share * len(by_root)) * len(members) / total
        turns += [((number + 0.5) / share, root, member) for number, member in enumerate(members)]
    return [mutant for _, _, mutant in sorted(turns, key=lambda turn: turn[:2])]
