"""A test of two samples that share draws: seeds, folds, whatever both start from.

Mutant and clean program run with the same seeds, so that their values go together more or less:
where they do, differences within a draw tell more than ranks, and where they do not, less. The
likelihood-ratio test here need not know which: its model is a normal distribution of the normal
scores of all values (van der Waerden, 1952) with one variance, and a correlation of draws between
0 and nearly 1 that is fitted both with a difference of means and without.

Scores depend on ranks alone, and so does the statistic's distribution where nothing differs and
draws do not go together, whatever the values' own distribution is. Where they do go together
large statistics are rarer. So one factor for each combination of sample sizes, found by permuting
scores, makes the statistic chi-squared (Bartlett, Proc. R. Soc. A 160, 1937), and the test is
conservative.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORRELATIONS = (0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 0.98)
LEAST_PAIRS = 8
"""With fewer shared draws their correlation cannot be fitted, and ranks alone are compared."""

PERMUTATIONS = 40_000
SEED = 0
LEAST = 1e-12
"""What keeps the logarithm of a vanishing sum of squares finite."""


def signed_roots(mutant: "NDArray[Any]", clean: "NDArray[Any]", pairs: int) -> "NDArray[Any]":
    """Return a standard normal statistic for each row, positive where the mutant's mean is higher.

    Args:
        mutant: values by mutant (rows) and run, those of shared draws first.
        clean: the clean values of each row, those of the same shared draws first.
        pairs: number of shared draws, at least ``LEAST_PAIRS``.

    """
    import numpy

    runs, usual = mutant.shape[1], clean.shape[1]
    scores = normal_scores(numpy.hstack([mutant, clean]))
    ratio, difference = _likelihood_ratio(scores[:, :runs], scores[:, runs:], pairs)
    factor = bartlett_factor(pairs, runs, usual)
    return numpy.asarray(numpy.sign(difference) * numpy.sqrt(numpy.maximum(ratio, 0.0) / factor))


def normal_scores(values: "NDArray[Any]") -> "NDArray[Any]":
    """Return the normal quantile of each value's mean rank within its row."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores: NDArray[Any] = ndtri(rankdata(values, axis=1) / (values.shape[1] + 1))
    return scores


@cache
def bartlett_factor(pairs: int, runs: int, usual: int) -> float:
    """Return the statistic's mean over permutations, which would be 1 in endless samples."""
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
    """Return twice the logarithm of the likelihood ratio, and the difference that fits best."""
    import numpy

    size = mutant.shape[1] + clean.shape[1]
    sums = _Sums(mutant, clean, pairs)
    alike = numpy.full(len(mutant), -numpy.inf)
    different, difference = alike.copy(), numpy.zeros(len(mutant))
    for correlation in CORRELATIONS:
        without, with_, here = sums.residuals(correlation)
        determinant = pairs / 2 * numpy.log(1 - correlation**2)
        likelihood = -size / 2 * numpy.log(numpy.maximum(with_, LEAST)) - determinant
        difference = numpy.where(likelihood > different, here, difference)
        different = numpy.maximum(different, likelihood)
        likelihood = -size / 2 * numpy.log(numpy.maximum(without, LEAST)) - determinant
        alike = numpy.maximum(alike, likelihood)
    return 2 * (different - alike), difference


class _Sums:
    """The sums over runs that generalised least squares need, for each row."""

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
        """Return the residual squares with one mean and with two, and the two means' difference."""
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
