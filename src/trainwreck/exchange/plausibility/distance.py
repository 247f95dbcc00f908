"""The distance between two series of one metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

UNITS = 3
SPLIT_SHARE, STEP_SHARE = 0.25, 0.1
"""Limits of the differences that a bug causes which changes training a little.

They are up to UNITS units, or up to a share of the range. Meanwhile other metrics (SPLIT_SHARE) or
other steps (STEP_SHARE) still agree as printed. tests/unit/test_partly_common.py simulates such
bugs.
"""


@dataclass(frozen=True, slots=True)
class LargestDifference:
    """The largest difference of a series from a usual one, at ``index``, counted from 0.

    ``units`` is the difference divided by the smallest one between two values of the usual series.
    ``share`` is the difference divided by the range of that series.
    """

    index: int
    units: float
    share: float

    def is_large(self, share: float) -> bool:
        """Return whether a small change of training cannot explain the difference."""
        return self.units > UNITS and self.share > share


def largest_difference(values: Sequence[float], usual: Sequence[float]) -> LargestDifference:
    """Return the largest difference of two series of the same length, which is at least 1.

    A value that is no finite number is infinitely far from every other one.
    """
    differences = [_difference(one, other) for one, other in zip(values, usual, strict=True)]
    index = max(range(len(differences)), key=differences.__getitem__)
    levels = sorted({value for value in usual if isfinite(value)})
    gaps = [high - low for low, high in pairwise(levels)]
    # A series of one value has no unit and no range to measure a difference by.
    if not gaps:
        return LargestDifference(index, 0.0, 0.0)
    largest = differences[index]
    return LargestDifference(index, largest / min(gaps), largest / (levels[-1] - levels[0]))


def _difference(one: float, other: float) -> float:
    """Return the absolute difference; two NaN are equal."""
    if one == other or (one != one and other != other):
        return 0.0
    return abs(one - other) if isfinite(one) and isfinite(other) else float("inf")
