"""The distance between two series of one metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

UNITS = 3
SPLIT_SHARE, STEP_SHARE = 0.25, 0.1
"""A bug that changes training a little gives differences up to UNITS units, or up to this share
of the range, while other metrics (SPLIT_SHARE) or steps (STEP_SHARE) still agree as printed.
tests/test_partly_common.py simulates such bugs."""


@dataclass(frozen=True, slots=True)
class Apart:
    """The largest difference of a series from a usual one, at the place ``place``, from 0.

    ``units`` is the difference in the smallest that the usual series has between two of its
    values, ``share`` that in its range.
    """

    place: int
    units: float
    share: float

    def is_large(self, share: float) -> bool:
        """Whether a small change of training is no explanation."""
        return self.units > UNITS and self.share > share


def apart(values: Sequence[float], usual: Sequence[float]) -> Apart:
    """Return how far two series of the same length are apart, and where most.

    A value that is no finite number is infinitely far from every other one.
    """
    differences = [_difference(one, other) for one, other in zip(values, usual, strict=True)]
    place = max(range(len(differences)), key=differences.__getitem__)
    known = sorted({value for value in usual if isfinite(value)})
    gaps = [high - low for low, high in pairwise(known)]
    if not gaps:
        return Apart(place, 0.0, 0.0)
    largest = differences[place]
    return Apart(place, largest / min(gaps), largest / (known[-1] - known[0]))


def _difference(one: float, other: float) -> float:
    if one == other or (one != one and other != other):
        return 0.0
    return abs(one - other) if isfinite(one) and isfinite(other) else float("inf")
