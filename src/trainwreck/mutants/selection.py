"""Selects the mutants of a campaign and puts them in order."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trainwreck.model import (
    IMPORT_PHASE,
    DrawMethod,
    FileFrame,
    Mutant,
    Stratum,
    StratumFrame,
)

Node = tuple[int, int]
ORDER = {stratum: index for index, stratum in enumerate(Stratum)}
"""The order of strata within a round of turns."""

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


def draw_from_strata(mutants: Sequence[Mutant], per_file: int, seed: int) -> list[Mutant]:
    """Return all mutants of a random sample of one file's nodes, each stratum drawn apart.

    Strata share ``per_file`` equally, and what a small one leaves goes to the larger ones. Where
    there are more strata than ``per_file``, every node of the file has the same chance.

    Args:
        mutants: The mutants of one file.
        per_file: The largest number of nodes in the sample.
        seed: The campaign's seed; the sample depends on it and on the file's name alone.

    """
    nodes = _nodes_by_stratum(mutants)
    if len(nodes) > per_file:
        return draw_nodes(mutants, per_file, seed)
    numbers = equal_shares({stratum: len(members) for stratum, members in nodes.items()}, per_file)
    drawn: set[Node] = set()
    for stratum, members in nodes.items():
        if len(members) > numbers[stratum]:
            key = f"{seed} {mutants[0].root} {mutants[0].file} {stratum}"
            members = random.Random(key).sample(members, numbers[stratum])
        drawn.update(members)
    return [mutant for mutant in mutants if mutant.node in drawn]


def equal_shares(sizes: Mapping[Stratum, int], total: int) -> dict[Stratum, int]:
    """Return how many of each stratum are drawn: equal numbers, as far as there are as many."""
    shares, left = {}, total
    by_size = sorted(sizes.items(), key=lambda item: (item[1], item[0]))
    for index, (stratum, size) in enumerate(by_size):
        shares[stratum] = min(size, left // (len(by_size) - index))
        left -= shares[stratum]
    return shares


def _nodes_by_stratum(mutants: Iterable[Mutant]) -> dict[Stratum, list[Node]]:
    """Return the sorted nodes of each stratum."""
    nodes: dict[Stratum, list[Node]] = {}
    for node, stratum in sorted(_strata_of_nodes(mutants).items()):
        nodes.setdefault(stratum, []).append(node)
    return nodes


def _strata_of_nodes(mutants: Iterable[Mutant]) -> dict[Node, Stratum]:
    """Return the stratum of each node; one with changes in several strata is in the least."""
    strata: dict[Node, Stratum] = {}
    for mutant in mutants:
        stratum = mutant.stratum
        strata[mutant.node] = min(stratum, strata.get(mutant.node, stratum), key=ORDER.__getitem__)
    return strata


@dataclass(frozen=True, slots=True)
class Selected:
    """The selection of one file.

    ``reached`` mutants lie on executed lines, and ``planned`` ones were drawn from these.
    ``annotations`` were left out before; those that are counted lie on executed lines.
    """

    mutants: Sequence[Mutant]
    reached: Sequence[Mutant]
    planned: Sequence[Mutant]
    annotations: int

    def strata(self, root: str, file: str, draw: DrawMethod) -> list[StratumFrame]:
        """Return the numbers of each stratum; without strata, of annotations that are left out."""
        frames = []
        if self.annotations:
            left_out = Stratum.ANNOTATION, self.annotations, 0, 0.0
            frames.append(StratumFrame(root, file, *left_out))
        if draw is DrawMethod.PAPER:
            return frames
        stratum_of = _strata_of_nodes(self.reached)
        reached, planned = (
            Counter(stratum_of[mutant.node] for mutant in mutants)
            for mutants in (self.reached, self.planned)
        )
        chances = self._chances()
        return frames + [
            StratumFrame(root, file, stratum, number, planned[stratum], chances[stratum])
            for stratum, number in sorted(reached.items())
        ]

    def _chances(self) -> dict[Stratum, float]:
        """Return the chance of a node of each stratum to be drawn."""
        nodes, drawn = _nodes_by_stratum(self.reached), _nodes_by_stratum(self.planned)
        if nodes.keys() - drawn.keys():
            # The file had fewer turns than strata, so that all nodes had the same chance.
            chance = sum(map(len, drawn.values())) / sum(map(len, nodes.values()))
            return dict.fromkeys(nodes, chance)
        return {stratum: len(drawn[stratum]) / len(nodes[stratum]) for stratum in nodes}


def select(
    mutants: Sequence[Mutant],
    executed: Executed,
    per_file: int,
    seed: int,
    draw: DrawMethod = DrawMethod.PAPER,
    annotations: bool = True,
) -> Selected:
    """Select mutants of one file.

    Args:
        mutants: The mutants of the file.
        executed: The phases in which each line of the file runs.
        per_file: The largest number of nodes that are planned.
        seed: The campaign's seed.
        draw: How nodes are drawn.
        annotations: Keep mutants of annotations.

    """
    kept = [m for m in mutants if annotations or m.stratum is not Stratum.ANNOTATION]
    reached = [mutant for mutant in kept if phases_of(mutant, executed)]
    left_out = 0
    if len(kept) < len(mutants):
        others = (m for m in mutants if m.stratum is Stratum.ANNOTATION)
        left_out = sum(bool(phases_of(mutant, executed)) for mutant in others)
    draw_from = draw_nodes if draw is DrawMethod.PAPER else draw_from_strata
    return Selected(kept, reached, draw_from(reached, per_file, seed), left_out)


def frame_of(
    root: str,
    file: str,
    selected: Selected,
    dropped: int,
    problem: str,
) -> FileFrame:
    """Return the numbers of nodes and mutants in one file's selection.

    Args:
        root: ``app`` or the import name of the library.
        file: The POSIX path of the file below the root.
        selected: The mutants that compile, those on executed lines, and the planned ones.
        dropped: The number of mutants that do not compile.
        problem: The part of the file that could not be read; empty where there is none.

    """
    return FileFrame(
        root=root,
        file=file,
        nodes=_node_count(selected.mutants),
        mutants=len(selected.mutants),
        dropped=dropped,
        executed_nodes=_node_count(selected.reached),
        executed=len(selected.reached),
        planned_nodes=_node_count(selected.planned),
        planned=len(selected.planned),
        problem=problem,
    )


def _node_count(mutants: Iterable[Mutant]) -> int:
    return len({mutant.node for mutant in mutants})


def in_turns(
    mutants: Iterable[Mutant], seed: int, draw: DrawMethod = DrawMethod.PAPER
) -> list[Mutant]:
    """Return the mutants in running order, so that the first N are a fair sample of each root.

    Within a root the order is random; of a stratified draw, within each stratum of a root,
    and the strata of a root take equal turns. While it has mutants left, each root gets at least
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
        if draw is DrawMethod.STRATIFIED:
            members = _alternating(members)
        share = least_share + (1 - least_share * len(by_root)) * len(members) / total
        turns += [((number + 0.5) / share, root, member) for number, member in enumerate(members)]
    return [mutant for _, _, mutant in sorted(turns, key=lambda turn: turn[:2])]


def _alternating(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Return the mutants with their strata in turns; the order within each stays."""
    seen: Counter[Stratum] = Counter()
    turns = []
    for mutant in mutants:
        turns.append((seen[mutant.stratum], ORDER[mutant.stratum]))
        seen[mutant.stratum] += 1
    return [mutant for _, mutant in sorted(zip(turns, mutants, strict=True), key=lambda p: p[0])]
