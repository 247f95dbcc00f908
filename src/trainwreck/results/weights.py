"""The weights of sampled mutants: how many mutants of the frame each one stands for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from trainwreck.model import Judged, Stratum, StratumFrame

Key = tuple[str, Stratum]
"""A root and a stratum, from which the first mutants of the plan are a random sample."""

Place = tuple[str, str, Stratum]
"""A root, a file and a stratum, in which every node was drawn with the same chance."""


def weighted(judged: Sequence[Judged], strata: Sequence[StratumFrame]) -> list[Judged]:
    """Return the mutants with their weights.

    A node of a file was drawn with a known chance, and the judged mutants are the first of a
    random order within each stratum of a root. So each mutant's share of its stratum is the
    inverse of its chance (Horvitz and Thompson, JASA 47, 1952), and the weights of a stratum sum
    up to its number of mutants on executed lines (Hájek, 1971).

    Args:
        judged: The judged mutants of the sample.
        strata: The frame; empty, or without a chance, where mutants were not drawn from strata.

    """
    drawn = [stratum for stratum in strata if stratum.chance]
    if not drawn:
        return list(judged)
    sizes: Counter[Key] = Counter()
    for stratum in drawn:
        sizes[stratum.root, stratum.stratum] += stratum.mutants
    inverses = {(s.root, s.file, s.stratum): 1 / s.chance for s in drawn}
    numbers = Counter(map(_place, judged))
    sums: dict[Key, float] = {}
    for cell, number in numbers.items():
        key = cell[0], cell[2]
        sums[key] = sums.get(key, 0.0) + number * inverses.get(cell, 1.0)
    # Few numbers are shared by very many mutants.
    weights = {
        cell: inverses.get(cell, 1.0) * max(sizes[cell[0], cell[2]], 1) / sums[cell[0], cell[2]]
        for cell in numbers
    }
    return [replace(item, weight=weights[_place(item)]) for item in judged]


def _place(item: Judged) -> Place:
    mutant = item.mutant
    return mutant.root, mutant.file, mutant.stratum
