"""Descriptions of one sample or one proportion, with their uncertainty."""

from collections.abc import Sequence


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and sample standard deviation; the deviation of a single value is 0.

    Raises statistics.StatisticsError where there is no value.
    """
    # Importing it takes as long as a small report, and `trainwreck status` needs none of it.
    import statistics

    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return statistics.fmean(values), deviation


def chance_of_unseen(runs_without_news: int) -> float:
    """Return the largest chance of an unseen kind of result that 95 % confidence leaves.

    After r results in a row of kinds seen before, a new kind has a chance below about 3 / r. This
    is the rule of three (Hanley and Lippman-Hand, JAMA 249, 1983). The chance is 1 up to r = 3.
    """
    return min(1.0, 3 / runs_without_news) if runs_without_news else 1.0


def rate_not_excluded(runs: int, alpha: float = 0.05) -> float:
    """Return the largest rate of an event that none of ``runs`` runs showed; 1 without runs.

    It is the upper end of the one-sided interval of Clopper and Pearson (Biometrika 26, 1934),
    with confidence 1 - ``alpha``. At 95 % it is about 3 divided by the number of runs.
    """
    return 1.0 - alpha ** (1 / runs) if runs else 1.0


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of ``count`` out of ``total`` (Wilson, JASA 22, 1927).

    They are 0 and 1 where ``total`` is 0.
    """
    from scipy.stats import binomtest

    if not total:
        return 0.0, 1.0
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def exact_interval(count: int, total: int) -> tuple[float, float]:
    """Return the ends of the exact 95 % interval of ``count`` out of ``total``.

    It is that of Clopper and Pearson (Biometrika 26, 1934). Of no event, the upper end is that of
    the one-sided interval: 0 of 60 are at most 5 %. They are 0 and 1 where ``total`` is 0.
    """
    from scipy.stats import binomtest

    if not total:
        return 0.0, 1.0
    if not count:
        return 0.0, rate_not_excluded(total)
    interval = binomtest(count, total).proportion_ci(method="exact")
    return float(interval.low), float(interval.high)
