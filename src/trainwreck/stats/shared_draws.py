"""A test of two samples that share draws (a seed and a fold from which both start).

Mutant and clean program run with the same seeds, so that their values may be correlated. Where
they are, differences within a draw show more than ranks; where they are not, they show less. The
likelihood-ratio test here fits both cases. It models the normal scores of all values (van der
Waerden, 1952) as normally distributed with one variance. The correlation within a draw lies
between 0 and nearly 1. It is fitted twice: with a difference of means, and without.

Scores depend on ranks alone. Where nothing differs and draws are uncorrelated, the distribution
of the statistic therefore does not depend on that of the values. Where draws are correlated,
large statistics are rarer. So one factor for each combination of sample sizes, computed from
permuted scores, makes the statistic chi-squared (Bartlett, Proc. R. Soc. A 160, 1937), and the
test is conservative.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORRELATIONS = (0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 0.98)
"""Correlations that are tried; the most likely one counts."""

LEAST_PAIRS = 8
"""With fewer shared draws their correlation cannot be fitted, and ranks alone are compared."""

PERMUTATIONS = 40_000
SEED = 0
LEAST = 1e-12
"""Lower bound of a sum of squares, which keeps its logarithm finite."""


def signed_roots(mutant: "NDArray[Any]", clean: "NDArray[Any]", pairs: int) -> "NDArray[Any]":
    """Return a standard normal statistic for each row, positive where the mutant's mean is higher.

    It is the signed root of the likelihood-ratio statistic, divided by Bartlett's factor.

    Args:
        mutant: values of shape (mutants, runs), those of shared draws first.
        clean: clean values of shape (mutants, clean runs), those of the same draws first.
        pairs: number of shared draws, at least ``LEAST_PAIRS``.

    Returns:
        An array of shape (mutants,).

    """
    import numpy

    runs, usual = mutant.shape[1], clean.shape[1]
    scores = normal_scores(numpy.hstack([mutant, clean]))
    ratio, difference = _likelihood_ratio(scores[:, :runs], scores[:, runs:], pairs)
    factor = bartlett_factor(pairs, runs, usual)
    return numpy.asarray(numpy.sign(difference) * numpy.sqrt(numpy.maximum(ratio, 0.0) / factor))


def normal_scores(values: "NDArray[Any]") -> "NDArray[Any]":
    """Return the normal scores of the values in each row, of the same shape.

    A score is the normal quantile of (mean rank) / (size + 1) (van der Waerden, 1952).
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores: NDArray[Any] = ndtri(rankdata(values, axis=1) / (values.shape[1] + 1))
    return scores


@cache
def bartlett_factor(pairs: int, runs: int, usual: int) -> float:
    """Return the mean of the likelihood-ratio statistic over permutations of scores.

    It approaches 1 in large samples (Bartlett, Proc. R. Soc. A 160, 1937).

    Args:
        pairs: number of shared draws.
        runs: number of the mutant's runs.
        usual: number of clean runs.

    """
    import numpy
    from scipy.special import ndtri

    size = runs + usual
    scores = ndtri(numpy.arange(1, size + 1) / (size + 1))
    source = numpy.random.default_rng(SEED)
    permuted = source.permuted(numpy.tile(scores, (PERMUTATIONS, 1)), axis=1)
    return float(_likelihood_ratio(permuted[:, :runs], permuted[:, runs:], pairs)[0].mean())


def _likelihood_ratio(
    mutant: "NDArray[Any]", clean: "NDArray[Any]", pairs: int
) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """Return twice the logarithm of the likelihood ratio, and the difference that fits best.

    The variance is replaced by its estimate: the residual sum of squares over the sample size.
    """
    import numpy

    size = mutant.shape[1] + clean.shape[1]
    sums = _Sums(mutant, clean, pairs)
    alike = numpy.full(len(mutant), -numpy.inf)
    different, difference = alike.copy(), numpy.zeros(len(mutant))
    for correlation in CORRELATIONS:
        one_mean, two_means, fitted = sums.residuals(correlation)
        determinant = pairs / 2 * numpy.log(1 - correlation**2)
        likelihood = -size / 2 * numpy.log(numpy.maximum(two_means, LEAST)) - determinant
        difference = numpy.where(likelihood > different, fitted, difference)
        different = numpy.maximum(different, likelihood)
        likelihood = -size / 2 * numpy.log(numpy.maximum(one_mean, LEAST)) - determinant
        alike = numpy.maximum(alike, likelihood)
    return 2 * (different - alike), difference


class _Sums:
    """The sums over the runs of each row that generalised least squares need."""

    def __init__(self, mutant: "NDArray[Any]", clean: "NDArray[Any]", pairs: int) -> None:
        paired, usual = mutant[:, :pairs], clean[:, :pairs]
        rest, usual_rest = mutant[:, pairs:], clean[:, pairs:]
        self._pairs = pairs
        self._alone = rest.shape[1], usual_rest.shape[1]
        self._paired = paired.sum(axis=1), usual.sum(axis=1)
        self._rest = rest.sum(axis=1), usual_rest.sum(axis=1)
        self._squares = (paired**2).sum(axis=1) + (usual**2).sum(axis=1)
        self._squares_alone = (rest**2).sum(axis=1) + (usual_rest**2).sum(axis=1)
        self._products = (paired * usual).sum(axis=1)

    def residuals(
        self, correlation: float
    ) -> tuple["NDArray[Any]", "NDArray[Any]", "NDArray[Any]"]:
        """Return the residual squares with one mean and with two, and the two means' difference.

        Each is an array of shape (rows,). The covariance matrix is 1 on its diagonal and
        ``correlation`` between the two runs of a draw, and its inverse weights the squares.
        """
        import numpy

        sharper = 1 / (1 - correlation**2)
        weights = [self._pairs * sharper + alone for alone in self._alone]
        shared = -self._pairs * correlation * sharper
        (here, there), (rest, usual_rest) = self._paired, self._rest
        mutant = (here - correlation * there) * sharper + rest
        clean = (there - correlation * here) * sharper + usual_rest
        squares = (self._squares - 2 * correlation * self._products) * sharper
        squares = squares + self._squares_alone
        determinant = weights[0] * weights[1] - shared**2
        means = (
            (weights[1] * mutant - shared * clean) / determinant,
            (weights[0] * clean - shared * mutant) / determinant,
        )
        two = squares - means[0] * mutant - means[1] * clean
        one = squares - (mutant + clean) ** 2 / (sum(weights) + 2 * shared)
        return numpy.asarray(one), numpy.asarray(two), numpy.asarray(means[0] - means[1])
