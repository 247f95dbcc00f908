"""Levels, p values and power of interim analyses of growing samples."""

from bisect import bisect_left
from functools import cache
from math import e, exp, log, log1p, sqrt
from typing import TYPE_CHECKING, Any

from trainwreck.stats.compare import smallest_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

POINTS = 301
"""Number of points on which the density of the statistic is integrated."""

LEVELS = tuple(10 ** (exponent / 3) for exponent in range(-24, 1))
"""Overall levels between which nominal ones are interpolated."""


def spent(share: float) -> float:
    """Return the share of the level that may be used after this ``share`` of the runs.

    This is the Pocock-type spending function of Lan and DeMets (Biometrika 70, 1983).
    """
    return log1p((e - 1) * share)


@cache
def nominal_levels(analyses: tuple[int, ...], level: float) -> tuple[float, ...]:
    """Return the two-sided level of each analysis, such that all together have ``level``.

    The levels spend ``level`` as `spent` says, and come from recursive integration (Armitage,
    McPherson and Rowe, JRSS A 132, 1969). The statistic's correlation between two analyses is the
    root of the ratio of their numbers of runs. Mutants that share their clean runs have a higher
    correlation, which makes these levels conservative.

    Args:
        analyses: numbers of runs after which data are compared, ascending.
        level: overall two-sided level, above 0 and at most 1.

    Returns:
        One level for each of ``analyses``.

    """
    import numpy

    points, weights = numpy.zeros(1), numpy.ones(1)
    levels: list[float] = []
    before = 0.0
    for runs in analyses:
        share = runs / analyses[-1]
        step = sqrt(share - before)
        bound = _bound(points, weights, step, level * (spent(share) - spent(before)))
        points, weights = _within(points, weights, step, bound)
        levels.append(_two_sided(bound / sqrt(share)))
        before = share
    return tuple(levels)


def can_reject(clean: int, analyses: tuple[int, ...], level: float) -> bool:
    """Return whether a rank test can be significant at any of the planned analyses.

    Args:
        clean: number of clean runs, all of them present at each analysis.
        analyses: numbers of a mutant's runs after which data are compared, ascending.
        level: overall two-sided level.

    """
    least = [smallest_p(clean, runs) for runs in analyses]
    if min(least, default=1.0) > level:
        return False
    shares = [spent(runs / analyses[-1]) for runs in analyses]
    steps = [share - before for before, share in zip([0.0, *shares], shares, strict=False)]
    # What an analysis spends is at most its nominal level, which takes an integration.
    if any(p <= level * step for p, step in zip(least, steps, strict=True)):
        return True
    return any(p <= at for p, at in zip(least, nominal_levels(analyses, level), strict=True))


def _bound(
    points: "NDArray[Any]", weights: "NDArray[Any]", step: float, probability: float
) -> float:
    """Return the bound that the next absolute value exceeds with this probability.

    The value so far lies on ``points`` with these ``weights``; ``step`` is the standard deviation
    of what the next runs add.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    def excess(bound: float) -> float:
        beyond = ndtr((points - bound) / step) + ndtr((-points - bound) / step)
        return float(weights @ beyond) - probability

    # Beyond 40 standard deviations a double holds no probability, so that every root lies below.
    return 0.0 if excess(0.0) <= 0 else float(brentq(excess, 0.0, 40.0, xtol=1e-9))


def _within(
    points: "NDArray[Any]", weights: "NDArray[Any]", step: float, bound: float
) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """Return the distribution of the next value inside the bounds, as weighted points."""
    import numpy

    grid = numpy.linspace(-bound, bound, POINTS)
    distances = (grid[:, numpy.newaxis] - points) / step
    density = numpy.exp(-0.5 * distances**2) @ weights / (step * sqrt(2 * numpy.pi))
    # The trapezoidal rule: points at both ends count half.
    width = numpy.full(POINTS, 2 * bound / (POINTS - 1))
    width[[0, -1]] /= 2
    return grid, density * width


def _two_sided(z: float) -> float:
    """Return the two-sided p of a standard normal value of at least 0."""
    from scipy.special import ndtr

    return float(2 * ndtr(-z))


@cache
def _at_each_level(analyses: tuple[int, ...], index: int) -> tuple[float, ...]:
    """Return the logarithm of one analysis' nominal level for each of ``LEVELS``."""
    nominal = [nominal_levels(analyses, level)[index] for level in LEVELS]
    return tuple(log(max(level, 1e-300)) for level in nominal)


def sequential_p(p: float, runs: int, analyses: tuple[int, ...]) -> float:
    """Return the smallest overall level at which ``p`` is significant after ``runs`` runs.

    This inverts `nominal_levels`, with logarithms interpolated linearly between ``LEVELS``.

    Args:
        p: two-sided p of one analysis.
        runs: number of runs that it rests on. A number between two analyses belongs to the later
            one (a seed may have crashed), a number above all of them to the last.
        analyses: all planned numbers of runs, ascending; with fewer than two, p stays as it is.

    """
    if len(analyses) < 2 or not 0 < p < 1:
        return p
    nominal = _at_each_level(analyses, analysis_of(runs, analyses))
    target = log(p)
    right = bisect_left(nominal, target)
    if right == 0:
        return min(1.0, exp(target - nominal[0]) * LEVELS[0])
    if right == len(nominal):
        return 1.0
    low, high = nominal[right - 1], nominal[right]
    share = (target - low) / (high - low) if high > low else 1.0
    return exp(log(LEVELS[right - 1]) * (1 - share) + log(LEVELS[right]) * share)


def analysis_of(runs: int, analyses: tuple[int, ...]) -> int:
    """Return the index of the analysis to which this number of runs belongs."""
    return min(bisect_left(analyses, runs), len(analyses) - 1)


def conditional_power(p: float, runs: int, analyses: tuple[int, ...], level: float) -> float:
    """Return the chance that the last analysis is significant, given the data so far.

    This is the conditional power of Lan and Wittes (Biometrics 44, 1988), from B-values. The
    assumed drift is the observed one plus one standard error, so that giving up is rarely wrong.

    Args:
        p: one-sided p of the data so far.
        runs: number of runs that it rests on, at least 1.
        analyses: numbers of runs after which data are compared, ascending.
        level: overall two-sided level.

    Returns:
        A probability; 0 where no analysis is left.

    """
    from scipy.special import ndtr, ndtri

    if not analyses or runs >= analyses[-1]:
        return 0.0
    share = runs / analyses[-1]
    z = float(-ndtri(min(max(p, 1e-12), 1 - 1e-12)))
    drift = (z + 1) / sqrt(share)
    critical = float(-ndtri(nominal_levels(analyses, level)[-1] / 2))
    expected = z * sqrt(share) + drift * (1 - share)
    return float(ndtr((expected - critical) / sqrt(1 - share)))
