"""What a sample or a proportion shows by itself."""

import statistics
from collections.abc import Sequence


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation; the deviation of a single value is 0."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return statistics.fmean(values), deviation


def chance_of_unseen(runs_without_news: int) -> float:
    """The largest chance of an unseen kind of result that 95 % confidence leaves.

    After r results in a row that were all of known kinds, a new kind has a chance below about
    3 / r (the rule of three: Hanley and Lippman-Hand, JAMA 249, 1983). 1 where r is below 3.
    """
    return min(1.0, 3 / runs_without_news) if runs_without_news else 1.0


def rate_not_excluded(runs: int, alpha: float = 0.05) -> float:
    """Return the largest rate of something that none of these runs showed.

    The upper end of the one-sided interval of Clopper and Pearson (Biometrika 26, 1934): about 3
    divided by the runs at 95 %.
    """
    return 1.0 - alpha ** (1 / runs) if runs else 1.0


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson, JASA 22, 1927); 0 to 1 where total is 0."""
    from scipy.stats import binomtest

    if not total:
        return 0.0, 1.0
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
