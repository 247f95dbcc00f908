"""Two samples compared: tests, effect size, interval, equivalence."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import comb, inf, isfinite, nan

EXACT_UP_TO = 10_000
"""Above so many pairs of values the rank test uses its normal approximation."""

EXACT_WITH_TIES_UP_TO = 300
"""The same where values are tied: ten runs against thirty are exact, and take a millisecond."""

RESAMPLED_UP_TO = 1000
"""Above so many values on a side intervals are Welch's: resampling grows with their square."""

SEED = 0


@dataclass(frozen=True, slots=True)
class Test:
    """A test's statistic and p; both None where it cannot be made, and then ``reason`` says why."""

    statistic: float | None
    p: float | None
    reason: str = ""


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


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """The exact two-sided p of the rank-sum test, ties included; NaN where a side is empty.

    Without ties by SciPy; with ties by the permutation distribution of the sum of doubled
    mid-ranks (shift algorithm of Streitberg and Roehmel, 1986). Beyond ``EXACT_UP_TO`` pairs, or
    ``EXACT_WITH_TIES_UP_TO``, by the normal approximation with correction for ties.
    """
    from scipy.stats import mannwhitneyu

    first, second = finite(first), finite(second)
    if not first or not second:
        return nan
    tied = len({*first, *second}) < len(first) + len(second)
    if len(first) * len(second) > (EXACT_WITH_TIES_UP_TO if tied else EXACT_UP_TO):
        return float(mannwhitneyu(first, second, method="asymptotic").pvalue)
    if tied:
        return exact_with_ties(first, second)
    return float(mannwhitneyu(first, second, method="exact").pvalue)


def exact_with_ties(first: Sequence[float], second: Sequence[float]) -> float:
    """The two-sided p of the rank-sum test by the distribution over all permutations.

    Counted from the side that is nearer, smallest ranks first: no sum beyond the observed one is
    needed. What is not below it is the other tail.
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


def vargha_delaney(clean: Sequence[float], buggy: Sequence[float]) -> float:
    """The chance that a buggy value is the higher one, ties counting half; NaN if a side is empty.

    A12 of Vargha and Delaney (JEBS 25, 2000), with the buggy sample first.
    """
    from scipy.stats import rankdata

    clean, buggy = finite(clean), finite(buggy)
    if not clean or not buggy:
        return nan
    ranks = rankdata([*buggy, *clean])[: len(buggy)]
    return float((ranks.sum() / len(buggy) - (len(buggy) + 1) / 2) / len(clean))


def equivalence(clean: Sequence[float], buggy: Sequence[float], margin: float) -> float | None:
    """The p of two one-sided Welch tests that the means differ by less than ``margin``.

    Schuirmann (J. Pharmacokin. Biopharm. 15, 1987). None where a side has fewer than two values;
    where neither varies, 0 or 1.
    """
    from statsmodels.stats.weightstats import ttost_ind

    clean, buggy = finite(clean), finite(buggy)
    if len(clean) < 2 or len(buggy) < 2:
        return None
    if len(set(clean)) == len(set(buggy)) == 1:
        return 0.0 if abs(clean[0] - buggy[0]) < margin else 1.0
    return float(ttost_ind(buggy, clean, -margin, margin, usevar="unequal")[0])


def t_test(clean: Sequence[float], buggy: Sequence[float], equal_var: bool = True) -> Test:
    """Student's two-tailed t-test, as the study made it; Welch's unless ``equal_var``."""
    from scipy.stats import ttest_ind

    clean, buggy = finite(clean), finite(buggy)
    if len(clean) < 2 or len(buggy) < 2:
        return Test(None, None, "fewer than two values on a side")
    if len(set(clean)) == len(set(buggy)) == 1:
        return Test(None, None, "no value varies")
    with quiet():
        found = ttest_ind(buggy, clean, equal_var=equal_var)
    return Test(float(found.statistic), float(found.pvalue))


def fisher(first: int, first_total: int, second: int, second_total: int) -> float | None:
    """Fisher's exact two-sided p for two proportions; None where one is of nothing."""
    from numpy import asarray
    from scipy.stats import fisher_exact

    if not first_total or not second_total:
        return None
    table = asarray([[first, first_total - first], [second, second_total - second]])
    return float(fisher_exact(table).pvalue)


def bootstrap_interval(
    clean: Sequence[float], buggy: Sequence[float], resamples: int = 2000
) -> tuple[float, float] | None:
    """The 95 % interval of the difference of means, buggy minus clean (BCa: Efron, JASA 82, 1987).

    The percentile interval where BCa has no value; Welch's above ``RESAMPLED_UP_TO`` values. None
    where a side has fewer than two values.
    """
    from numpy import mean
    from numpy.random import default_rng
    from scipy.stats import bootstrap, ttest_ind

    clean, buggy = finite(clean), finite(buggy)
    if len(clean) < 2 or len(buggy) < 2:
        return None
    if len(set(clean)) == len(set(buggy)) == 1:
        return buggy[0] - clean[0], buggy[0] - clean[0]
    if max(len(clean), len(buggy)) > RESAMPLED_UP_TO:
        ends = ttest_ind(buggy, clean, equal_var=False).confidence_interval()
        return float(ends.low), float(ends.high)

    def difference(many, few, axis):  # type: ignore[no-untyped-def]
        return mean(many, axis=axis) - mean(few, axis=axis)

    low = high = inf
    for method in ("BCa", "percentile"):
        with quiet():
            found = bootstrap(
                (buggy, clean),
                difference,
                n_resamples=resamples,
                method=method,
                rng=default_rng(SEED),
            ).confidence_interval
        low, high = float(found.low), float(found.high)
        if isfinite(low) and isfinite(high):
            break
    return low, high
