"""Differences of means, each with several estimates of its error."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_RUNS = 10
"""With fewer runs, a mutant's own spread is too uncertain for Welch's test."""


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """A difference of means for each of ``n`` comparisons.

    All arrays have the shape ``(n,)``. ``error`` is the standard error of ``mean``, in the unit of
    the values. ``freedom`` is the number of degrees of freedom. ``cube`` is the third central
    moment of ``mean``.
    """

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
        """Return the two-sided p of a difference beyond the margin, doubled from one t-test."""
        import numpy

        return numpy.asarray(
            numpy.minimum(1.0, 2 * self._tail(numpy.abs(self.mean) - margin, False))
        )

    def p_within(self, margin: float) -> "NDArray[Any]":
        """Return the p of a difference within the margin, by two one-sided tests.

        The procedure is that of Schuirmann (J. Pharmacokinetics and Biopharmaceutics 15, 1987).
        """
        import numpy

        # Each end is tested with and without the correction of skewness; the larger p counts.
        ends = [self._tail(self.mean + margin, corrected) for corrected in (False, True)] + [
            self._tail(margin - self.mean, corrected, -1) for corrected in (False, True)
        ]
        return numpy.asarray(numpy.max(ends, axis=0))

    def _tail(self, room: "NDArray[Any]", corrected: bool, sign: int = 1) -> "NDArray[Any]":
        """Return the one-sided p that ``room`` is above 0; 0 or 1 where nothing varies.

        Where ``corrected``, the cubic transformation of Hall (JRSS B 54, 1992) removes the
        skewness of the statistic. ``sign`` is -1 where ``room`` falls as the difference rises.
        """
        import numpy
        from scipy.special import stdtr

        with numpy.errstate(divide="ignore", invalid="ignore", over="ignore"):
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
    """Differences of means, each with the errors of three t-tests.

    The tests are those of Welch (Biometrika 34, 1947) and of Student (Biometrika 6, 1908), of all
    runs, and Student's of pairs. ``paired`` is None with fewer than two shared draws. ``runs`` is
    the number of runs of each mutant.
    """

    runs: int
    welch: MeanDifference
    student: MeanDifference
    paired: MeanDifference | None

    def p_beyond(self, margin: float) -> "NDArray[Any]":
        """Return, for each comparison, the smaller p of a difference beyond the margin.

        One test takes all runs, the other one the pairs, where there are any.
        """
        import numpy

        # Student's test estimates the spread from all runs, so that few of a mutant can be enough.
        all_runs = self.student if self.runs < FEW_RUNS else self.welch
        tests = [mean for mean in (all_runs, self.paired) if mean]
        return numpy.asarray(numpy.min([mean.p_beyond(margin) for mean in tests], axis=0))

    def p_within(self, margin: float) -> "NDArray[Any]":
        """Return, for each comparison, the smaller p of a difference within the margin.

        One test takes all runs, the other one the pairs, where there are any.
        """
        import numpy

        tests = [mean for mean in (self.welch, self.paired) if mean]
        return numpy.asarray(numpy.min([mean.p_within(margin) for mean in tests], axis=0))


@dataclass(frozen=True, slots=True)
class _Moments:
    """The mean of each row, with estimates of the second and third central moment of that mean."""

    mean: "NDArray[Any]"
    square: "NDArray[Any]"
    cube: "NDArray[Any]"


def _moments(values: "NDArray[Any]") -> _Moments:
    """Return the moments of each row; the third one is 0 for fewer than three values."""
    import numpy

    size = values.shape[1]
    mean = values.mean(axis=1)
    deviations = values - mean[:, numpy.newaxis]
    square = (deviations**2).sum(axis=1) / (size - 1) / size
    if size < 3:
        return _Moments(mean, square, numpy.zeros(len(values)))
    # The unbiased estimate of a third moment, divided by the square of the size for the mean's.
    cube = (deviations**3).sum(axis=1) * size / ((size - 1) * (size - 2)) / size**2
    return _Moments(mean, square, cube)


def means_of(values: "NDArray[Any]", clean: "NDArray[Any]", paired: "NDArray[Any]") -> Means | None:
    """Return the differences of means of each row, buggy minus clean.

    Args:
        values: the mutants' values, of shape (comparisons, runs).
        clean: the clean values, of shape (comparisons, clean runs).
        paired: the differences between runs that share a draw, of shape (comparisons, pairs);
            the number of pairs may be 0.

    Returns:
        The differences, or None where a side has fewer than two runs.

    """
    runs, usual = values.shape[1], clean.shape[1]
    if min(runs, usual) < 2:
        return None
    own, other = _moments(values), _moments(clean)
    square, cube = own.square + other.square, own.cube - other.cube
    # Degrees of freedom of Satterthwaite (Biometrics Bulletin 2, 1946), which Welch's test needs.
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
