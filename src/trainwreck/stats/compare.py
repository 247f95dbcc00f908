"""Two samples compared: tests and effect size."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import comb, isfinite

EXACT_UP_TO = 2_500
"""With more pairs of values than this the rank test uses its normal approximation."""


class Untestable(StrEnum):
    """A reason why a test cannot be made."""

    TOO_FEW_VALUES = "fewer than two values on a side"
    TOO_FEW_RUNS = "fewer than two runs on a side"
    TOO_FEW_SAMPLES = "fewer than two groups with two values"
    TOO_FEW_COUNTS = "fewer than two rows or columns with counts"
    TOO_FEW_GROUPS = "fewer than two groups have mutants"
    TOO_FEW_FILES = "too few files for the groups"
    NO_VALUE_VARIES = "no value varies"
    NO_RUN_VARIES = "no run varies"
    NO_VARIANCE_WITHIN = "no value varies within a group"
    ALL_EQUAL = "all values are equal"
    ALL_OR_NONE = "all have it, or none"


@dataclass(frozen=True, slots=True)
class Test:
    """A test's statistic and p; both None where it cannot be made for a ``reason``."""

    statistic: float | None
    p: float | None
    reason: Untestable | None = None


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings of nearly equal values: SciPy's results are as good as such values allow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def finite(values: Iterable[float]) -> list[float]:
    """The values that are numbers: neither NaN nor infinite."""
    return [value for value in values if isfinite(value)]


@cache
def smallest_p(first: int, second: int) -> float:
    """The smallest two-sided p that a rank test of samples of these sizes can have."""
    return min(1.0, 2 / comb(first + second, first)) if first and second else 1.0


def exact_with_ties(first: Sequence[float], second: Sequence[float]) -> float:
    """The two-sided p of the rank-sum test by the distribution over all permutations.

    The shift algorithm on doubled mid-ranks (Streitberg and Roehmel, 1986), counted from the side
    that is nearer, smallest ranks first: no sum beyond the observed one is needed. What is not
    below it is the other tail.
    """
    import numpy
    from scipy.stats import rankdata

    size, number = len(first), len(first) + len(second)
    ranks = numpy.rint(2 * rankdata([*first, *second])).astype(int)
    observed, mean = int(ranks[:size].sum()), size * (number + 1)
    if observed > mean:
        # Turned round, the upper tail is the lower one.
        ranks, observed = 2 * (number + 1) - ranks, 2 * mean - observed
    ways = numpy.zeros((size + 1, observed + 1))
    ways[0, 0] = 1
    for rank in numpy.sort(ranks):
        if rank > observed:
            break
        ways[1:, rank:] += ways[:-1, : observed + 1 - rank]
    total = comb(number, size)
    lower = ways[size].sum()
    upper = total - lower + ways[size, observed]
    return float(min(1.0, 2 * min(lower, upper) / total))


def t_test(clean: Sequence[float], buggy: Sequence[float], equal_var: bool = True) -> Test:
    """Student's two-tailed t-test, as the study made it; Welch's unless ``equal_var``."""
    from scipy.stats import ttest_ind

    clean, buggy = finite(clean), finite(buggy)
    if len(clean) < 2 or len(buggy) < 2:
        return Test(None, None, Untestable.TOO_FEW_VALUES)
    if len(set(clean)) == len(set(buggy)) == 1:
        return Test(None, None, Untestable.NO_VALUE_VARIES)
    with quiet():
        found = ttest_ind(buggy, clean, equal_var=equal_var)
    return Test(float(found.statistic), float(found.pvalue))
