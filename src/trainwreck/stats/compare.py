"""Tests of two samples, and what they share with other tests."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import comb, isfinite

EXACT_UP_TO = 2_500
"""Number of pairs (first size times second size) above which the rank test is approximate."""


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
    """The statistic and the p value of one test.

    Both are None where the test is impossible; then ``reason`` says why.
    """

    statistic: float | None
    p: float | None
    reason: Untestable | None = None


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress SciPy's warnings about nearly equal values while the block runs."""
    # Rounding limits what any test can do with such values, and no caller could act on a warning.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def finite(values: Iterable[float]) -> list[float]:
    """Return the values that are neither NaN nor infinite, in their order."""
    return [value for value in values if isfinite(value)]


@cache
def smallest_p(first: int, second: int) -> float:
    """Return the smallest two-sided p that a rank test can have, given both sample sizes.

    Without ties each of the ``comb(first + second, first)`` arrangements is equally likely (Mann
    and Whitney, Annals of Mathematical Statistics 18, 1947), and two of them are extreme.
    """
    return min(1.0, 2 / comb(first + second, first)) if first and second else 1.0


def exact_with_ties(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the exact two-sided p of the rank-sum test where values are tied.

    It takes the distribution over all permutations of the mid-ranks, which the shift algorithm of
    Streitberg and Röhmel (Statistical Software Newsletter 12, 1986) counts.
    """
    import numpy
    from scipy.stats import rankdata

    size, number = len(first), len(first) + len(second)
    # Mid-ranks are multiples of one half, and the algorithm needs whole numbers.
    ranks = numpy.rint(2 * rankdata([*first, *second])).astype(int)
    observed, mean = int(ranks[:size].sum()), size * (number + 1)
    if observed > mean:
        # Reversed ranks make the upper tail the lower one: no sum above the observed is needed.
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
    """Return the two-sided t-test of a difference of means, positive where buggy values are higher.

    Args:
        clean: values of the clean program; NaN and infinite ones are left out.
        buggy: values of the mutants; NaN and infinite ones are left out.
        equal_var: whether to take the test of Student (Biometrika 6, 1908), as the paper does,
            or that of Welch (Biometrika 34, 1947).

    """
    from scipy.stats import ttest_ind

    clean, buggy = finite(clean), finite(buggy)
    if len(clean) < 2 or len(buggy) < 2:
        return Test(None, None, Untestable.TOO_FEW_VALUES)
    if len(set(clean)) == len(set(buggy)) == 1:
        return Test(None, None, Untestable.NO_VALUE_VARIES)
    with quiet():
        result = ttest_ind(buggy, clean, equal_var=equal_var)
    return Test(float(result.statistic), float(result.pvalue))
