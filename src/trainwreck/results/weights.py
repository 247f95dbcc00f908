"""The weights of sampled mutants: how many mutants of the frame each one stands for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from trainwreck.model import Judged, Stratum, StratumFrame

Key = tuple[str, Stratum]
"""A root and a stratum, from which the first mutants of the plan are a random sample."""


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
    drawn = {(s.root, s.file, s.stratum): s for s in strata if s.chance}
    if not drawn:
        return list(judged)
    sizes: Counter[Key] = Counter()
    for stratum in drawn.values():
        sizes[stratum.root, stratum.stratum] += stratum.mutants
    inverses = [_inverse(item, drawn) for item in judged]
    sums: dict[Key, float] = {}
    for item, inverse in zip(judged, inverses, strict=True):
        sums[_key(item)] = sums.get(_key(item), 0.0) + inverse
    return [
        replace(item, weight=inverse * max(sizes[_key(item)], 1) / sums[_key(item)])
        for item, inverse in zip(judged, inverses, strict=True)
    ]


def _key(item: Judged) -> Key:
    return item.mutant.root, item.mutant.stratum


def _inverse(item: Judged, drawn: dict[tuple[str, str, Stratum], StratumFrame]) -> float:
    """Return the inverse of the chance of a mutant's node; 1 where its stratum is not known."""
    mutant = item.mutant
    frame = drawn.get((mutant.root, mutant.file, mutant.stratum))
    return 1 / frame.chance if frame else 1.0
