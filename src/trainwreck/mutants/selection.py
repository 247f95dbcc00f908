"""Mutants and seeds to trials: what is drawn, in which order, with which seed."""

import random
from collections.abc import Iterable, Mapping, Sequence

from trainwreck.model import IMPORT_PHASE, FileFrame, Mutant

LEAST_TURN = 0.15

Executed = Mapping[int, frozenset[str]]
"""The phases in which each line of a file runs."""


def phases_of(mutant: Mutant, executed: Executed) -> tuple[str, ...]:
    """The phases in which the clean program runs the mutant's statement, sorted, import first."""
    first, last = mutant.lines
    found = {phase for line in range(first, last + 1) for phase in executed.get(line, ())}
    return tuple(sorted(found, key=lambda phase: (phase != IMPORT_PHASE, phase)))


def draw_nodes(mutants: Sequence[Mutant], per_file: int, seed: int) -> list[Mutant]:
    """All mutants of at most ``per_file`` nodes of one file, drawn evenly by ``seed``."""
    nodes = sorted({mutant.node for mutant in mutants})
    if len(nodes) > per_file:
        source = random.Random(f"{seed} {mutants[0].root} {mutants[0].file}")
        nodes = source.sample(nodes, per_file)
    drawn = set(nodes)
    return [mutant for mutant in mutants if mutant.node in drawn]


def select(
    mutants: Sequence[Mutant], executed: Executed, per_file: int, seed: int
) -> tuple[list[Mutant], list[Mutant]]:
    """Of one file's mutants, those on executed lines, and those of them that are planned."""
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
    """The numbers of one file's selection."""
    return FileFrame(
        root=root,
        file=file,
        nodes=_node_number(mutants),
        mutants=len(mutants),
        dropped=dropped,
        executed_nodes=_node_number(reached),
        executed=len(reached),
        planned_nodes=_node_number(planned),
        planned=len(planned),
        problem=problem,
    )


def _node_number(mutants: Iterable[Mutant]) -> int:
    return len({mutant.node for mutant in mutants})


def in_turns(mutants: Iterable[Mutant], seed: int) -> list[Mutant]:
    """The order in which mutants run, so that the first N are a fair sample of each root.

    Within a root the order is random. While it has mutants left, each root gets ``LEAST_TURN`` of
    the turns (of many roots each gets half of an equal part), and beyond that they take turns in
    proportion to their mutants: a program's own few bugs do not wait for thousands of its
    library's.
    """
    by_root: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_root.setdefault(mutant.root, []).append(mutant)
    total = sum(map(len, by_root.values()))
    least = min(LEAST_TURN, 0.5 / len(by_root)) if by_root else 0.0
    places: list[tuple[float, str, Mutant]] = []
    for root, members in sorted(by_root.items()):
        members.sort(key=lambda mutant: mutant.id)
        random.Random(f"{seed} {root}").shuffle(members)
        weight = least + (1 - least * len(by_root)) * len(members) / total
        places += [((turn + 0.5) / weight, root, member) for turn, member in enumerate(members)]
    return [mutant for _, _, mutant in sorted(places, key=lambda place: place[:2])]
