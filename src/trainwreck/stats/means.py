"""Differences of means, each with several estimates of its error."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_RUNS = 10
"""With fewer of them a mutant's own spread is not known well enough for Welch's test."""


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """A difference of means for each row, with its standard error and third central moment."""

    mean: "NDArray[Any]"
    error: "NDArray[Any]"
    freedom: "NDArray[Any] | int"
    cube: "NDArray[Any]"

    def reach(self, level: float) -> "NDArray[Any]":
        """Return half the width of the interval that covers with probability 1 - ``level``."""
        from scipy.special import stdtrit

        reach: NDArray[Any] = self.error * stdtrit(self.freedom, 1 - level / 2)
        return reach

    def p_beyond(self, margin: float) -> "NDArray[Any]":
        """Return the two-sided p that the difference is larger than the margin."""
        import numpy

        return numpy.asarray(
            numpy.minimum(1.0, 2 * self._tail(numpy.abs(self.mean) - margin, False))
        )

    def p_within(self, margin: float) -> "NDArray[Any]":
        """Return the p that the difference is smaller (Schuirmann, JPB 15, 1987)."""
        import numpy

        ends = [self._tail(self.mean + margin, corrected) for corrected in (False, True)] + [
            self._tail(margin - self.mean, corrected, -1) for corrected in (False, True)
        ]
        return numpy.asarray(numpy.max(ends, axis=0))

    def _tail(self, room: "NDArray[Any]", corrected: bool, sign: int = 1) -> "NDArray[Any]":
        """Return the p that ``room`` is above 0; 0 or 1 where nothing varies.

        The cubic transformation of the statistic takes away its skewness (Hall, 1992).
        """
        import numpy
        from scipy.special import stdtr

        with numpy.errstate(divide="ignore", invalid="ignore"):
            statistic = room / self.error
            if corrected:
                skew = sign * self.cube / self.error**3
                square = statistic**2
                statistic = (
                    statistic + skew * square / 3 + skew**2 * statistic * square / 27 + skew / 6
                )
            p = stdtr(self.freedom, -statistic)
        return numpy.where(self.error > 0, p, numpy.where(room > 0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Means:
    """One difference by Welch's t-test, by Student's, and by pairs where draws are shared."""

    runs: int
    welch: MeanDifference
    student: MeanDifference
    paired: MeanDifference | None

    def p_beyond(self, margin: float) -> "NDArray[Any]":
        """Return the p of the clearer test that the difference is larger than the margin.

        Student's test knows the spread from all runs, so that few of a mutant can be enough.
        """
        import numpy

        all_runs = self.student if self.runs < FEW_RUNS else self.welch
        tests = [mean for mean in (all_runs, self.paired) if mean]
        return numpy.asarray(numpy.min([mean.p_beyond(margin) for mean in tests], axis=0))

    def p_within(self, margin: float) -> "NDArray[Any]":
        """Return the p of the clearer test that the difference is smaller than the margin."""
        import numpy

        tests = [mean for mean in (self.welch, self.paired) if mean]
        return numpy.asarray(numpy.min([mean.p_within(margin) for mean in tests], axis=0))


@dataclass(frozen=True, slots=True)
class _Moments:
    """Mean of each row, with the estimated second and third central moment of that mean."""

    mean: "NDArray[Any]"
    square: "NDArray[Any]"
    cube: "NDArray[Any]"


def _moments(values: "NDArray[Any]") -> _Moments:
    import numpy

    size = values.shape[1]
    mean = values.mean(axis=1)
    apart = values - mean[:, numpy.newaxis]
    square = (apart**2).sum(axis=1) / (size - 1) / size
    if size < 3:
        return _Moments(mean, square, numpy.zeros(len(values)))
    cube = (apart**3).sum(axis=1) * size / ((size - 1) * (size - 2)) / size**2
    return _Moments(mean, square, cube)


def means_of(values: "NDArray[Any]", clean: "NDArray[Any]", paired: "NDArray[Any]") -> Means | None:
    """Return the differences of means of each row, buggy minus clean; None for single values.

    Args:
        values: the mutant's values, a row for each comparison.
        clean: the clean values of the same rows.
        paired: the differences between values of shared draws, none where there are no such.

    """
    runs, usual = values.shape[1], clean.shape[1]
    if min(runs, usual) < 2:
        return None
    own, other = _moments(values), _moments(clean)
    square, cube = own.square + other.square, own.cube - other.cube
    parts = own.square**2 / (runs - 1) + other.square**2 / (usual - 1)
    freedom = (square**2 / parts.clip(1e-300)).clip(1.0)
    rest = runs + usual - 2
    squares = values.var(axis=1) * runs + clean.var(axis=1) * usual
    pooled = (squares / rest * (1 / runs + 1 / usual)) ** 0.5
    mean = own.mean - other.mean
    pairs = None
    if paired.shape[1] > 1:
        shared = _moments(paired)
        freedom_of_pairs = paired.shape[1] - 1
        pairs = MeanDifference(shared.mean, shared.square**0.5, freedom_of_pairs, shared.cube)
    return Means(
        runs,
        MeanDifference(mean, square**0.5, freedom, cube),
        MeanDifference(mean, pooled, rest, cube),
        pairs,
    )
