"""Many samples against clean ones: each mutant's runs against those of the clean program."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from trainwreck.stats.compare import EXACT_UP_TO, exact_with_ties, quiet, smallest_p
from trainwreck.stats.shared_draws import LEAST_PAIRS, signed_roots

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_A_TIME = 4096
"""Number of samples that are in memory at a time."""

FEW_RUNS = 10
"""With fewer of them a mutant's own spread is not known well enough for Welch's test."""

ALONE = -1
"""The partner of a value whose draw no clean run has."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A sample against the clean one; differences are buggy minus clean.

    ``difference`` is that of the means, with its ``interval``, ``shared`` that of the ``pairs`` of
    runs with the same draw, and ``all_equal`` whether these are all of the sample's runs and each
    equals its clean one. ``a12`` is the chance that a buggy value is the higher one. ``p`` asks
    for a difference, two-sided; ``beyond`` for one that is larger than the margin, on the side
    where the means differ; ``within`` for one that is smaller. ``rises`` is the direction in which
    a difference was found, None where ranks and means do not agree. ``exact`` is false where
    ranks were compared by their normal approximation. A field is None where there is nothing to
    compute it from; no test is made where no value varies.
    """

    difference: float
    interval: tuple[float, float] | None
    shared: float | None
    pairs: int
    all_equal: bool
    a12: float
    p: float | None
    beyond: float | None
    within: float | None
    rises: bool | None
    exact: bool


def contrast_each(
    clean: Sequence[float],
    samples: Sequence[Sequence[float]],
    partners: Sequence[tuple[int, ...]] | None = None,
    margin: float | None = None,
    level: float = 0.05,
) -> list[Contrast]:
    """Compare every sample with the clean values, as `Contrasts` does.

    Args:
        clean: the clean program's values, at least one; all must be finite.
        samples: the values of each mutant, at least one of each.
        partners: for each value the index of the clean one with the same draw, or ``ALONE``.
        margin: the difference above which there is something to see, in the values' own unit.
        level: intervals cover with probability 1 - level.

    """
    from numpy import asarray, tile

    usual = asarray(clean, dtype=float)
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, sample in enumerate(samples):
        own = partners[index] if partners else (ALONE,) * len(sample)
        groups.setdefault(own, []).append(index)
    compared: dict[int, Contrast] = {}
    for own, indices in groups.items():
        shared, order, usual_order = _orders(own, len(usual))
        for start in range(0, len(indices), AT_A_TIME):
            chosen = indices[start : start + AT_A_TIME]
            values = asarray([samples[index] for index in chosen], dtype=float)[:, order]
            rows = tile(usual[usual_order], (len(chosen), 1))
            contrasts = Contrasts(rows, values, shared, margin, level)
            compared.update((index, contrasts.row(at)) for at, index in enumerate(chosen))
    return [compared[index] for index in range(len(samples))]


def _orders(partners: tuple[int, ...], clean: int) -> tuple[int, list[int], list[int]]:
    """Return how many draws are shared, and orders of both samples with these first."""
    paired = [index for index, partner in enumerate(partners) if partner != ALONE]
    alone = [index for index, partner in enumerate(partners) if partner == ALONE]
    own = [partners[index] for index in paired]
    rest = sorted(set(range(clean)).difference(own))
    return len(paired), paired + alone, own + rest


class Contrasts:
    """Samples of one size, one in each row, against clean ones in the same rows.

    Where at least ``LEAST_PAIRS`` draws are shared the test is `shared_draws.signed_roots`, and the
    rank test otherwise, which is exact up to ``EXACT_UP_TO`` pairs of values, ties included, and
    then takes the normal approximation. A size is shown (``beyond``, ``within``) where both that
    test and a t-test of the means say so, of all runs or of pairs, whichever is clearer:
    the first holds its level whatever distribution both samples share, the others know what a
    few runs far from the rest do to a mean. Equivalence allows for skewed values (Hall, JRSS B 54,
    1992), or it would be shown too often where a collapse is rare.

    Attributes are those of `Contrast`, as arrays with one element for each row; p values are NaN
    where nothing is tested.
    """

    def __init__(
        self,
        clean: "NDArray[Any]",
        values: "NDArray[Any]",
        pairs: int,
        margin: float | None = None,
        level: float = 0.05,
    ) -> None:
        """Compare ``values`` with ``clean``; the first ``pairs`` columns of both share draws."""
        import numpy

        self._clean, self._values, self.pairs = clean, values, pairs
        self._runs, self._usual = values.shape[1], clean.shape[1]
        self._margin, self._level = margin, level
        self.exact = pairs >= LEAST_PAIRS or self._runs * self._usual <= EXACT_UP_TO
        self.differences = values.mean(axis=1) - clean.mean(axis=1)
        self._paired = values[:, :pairs] - clean[:, :pairs]
        self.all_equal = (self._paired == 0).all(axis=1) & (pairs == self._runs)
        still = (values == clean[:, :1]).all(axis=1) & (clean == clean[:, :1]).all(axis=1)
        self._means = self._mean_differences()
        roots = self._roots(values)
        side = numpy.sign(self.differences)
        self.sides = numpy.where(side == numpy.sign(roots), side, 0)
        self.ps = numpy.where(still, numpy.nan, self._two_sided(roots))
        self.beyond = numpy.where(still, numpy.nan, self._beyond(side))
        self.within = numpy.where(still, numpy.nan, self._within())
        self.low, self.high = self._interval()
        self.a12 = _a12(clean, values)

    def row(self, at: int) -> Contrast:
        """Return one row as a value."""
        return Contrast(
            difference=float(self.differences[at]),
            interval=_both(self.low[at], self.high[at]),
            shared=float(self._paired[at].mean()) if self.pairs else None,
            pairs=self.pairs,
            all_equal=bool(self.all_equal[at]),
            a12=float(self.a12[at]),
            p=_known(self.ps[at]),
            beyond=_known(self.beyond[at]),
            within=_known(self.within[at]),
            rises=bool(self.sides[at] > 0) if self.sides[at] else None,
            exact=self.exact,
        )

    def _roots(self, values: "NDArray[Any]") -> "NDArray[Any]":
        """Return a standard normal statistic of each row, positive where its values are higher."""
        import numpy
        from scipy.special import ndtri

        if self.pairs >= LEAST_PAIRS:
            return signed_roots(values, self._clean, self.pairs)
        a12, p = _rank_tests(self._clean, values)
        roots: NDArray[Any] = -ndtri(p.clip(1e-300, 1.0) / 2) * numpy.where(a12 < 0.5, -1, 1)
        return roots

    def _two_sided(self, roots: "NDArray[Any]") -> "NDArray[Any]":
        """Return the p of each statistic, no smaller than ranks of such samples allow."""
        import numpy
        from scipy.special import ndtr

        p = 2 * ndtr(-numpy.abs(roots))
        return numpy.asarray(numpy.maximum(p, smallest_p(self._usual, self._runs)))

    def _beyond(self, side: "NDArray[Any]") -> "NDArray[Any]":
        """Return the p that each row lies beyond the margin, on the side of its mean."""
        import numpy

        if not self._margin or self._means is None:
            return numpy.full(len(side), numpy.nan)
        roots = self._roots(self._values - (side * self._margin)[:, numpy.newaxis])
        by_ranks = numpy.where(roots * side > 0, self._two_sided(roots), 1.0)
        return numpy.asarray(numpy.maximum(by_ranks, self._means.p_beyond(self._margin)))

    def _within(self) -> "NDArray[Any]":
        """Return the p that each row lies within the margin: the larger one of both tests."""
        import numpy
        from scipy.special import ndtr

        if not self._margin or self._means is None:
            return numpy.full(len(self._values), numpy.nan)
        below = ndtr(self._roots(self._values - self._margin))
        above = ndtr(-self._roots(self._values + self._margin))
        return numpy.asarray(
            numpy.maximum(numpy.maximum(below, above), self._means.p_within(self._margin))
        )

    def _mean_differences(self) -> "_Means | None":
        """Return the difference of means by all runs, twice, and by those with shared draws."""
        if min(self._runs, self._usual) < 2:
            return None
        own, clean = _moments(self._values), _moments(self._clean)
        square, cube = own.square + clean.square, own.cube - clean.cube
        parts = own.square**2 / (self._runs - 1) + clean.square**2 / (self._usual - 1)
        freedom = (square**2 / parts.clip(1e-300)).clip(1.0)
        rest = self._runs + self._usual - 2
        squares = self._values.var(axis=1) * self._runs + self._clean.var(axis=1) * self._usual
        pooled = (squares / rest * (1 / self._runs + 1 / self._usual)) ** 0.5
        paired = None
        if self.pairs > 1:
            shared = _moments(self._paired)
            paired = MeanDifference(shared.mean, shared.square**0.5, self.pairs - 1, shared.cube)
        return _Means(
            self._runs,
            MeanDifference(self.differences, square**0.5, freedom, cube),
            MeanDifference(self.differences, pooled, rest, cube),
            paired,
        )

    def _interval(self) -> tuple["NDArray[Any]", "NDArray[Any]"]:
        """Return the ends of Welch's or Student's interval, whichever is wider.

        Welch's alone covers too rarely where a few runs happen to lie close together.
        """
        import numpy

        if self._means is None:
            nothing = numpy.full(len(self._values), numpy.nan)
            return nothing, nothing
        means = self._means.welch, self._means.student
        reach = numpy.maximum(*(mean.reach(self._level) for mean in means))
        return self.differences - reach, self.differences + reach


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
class _Means:
    """The same difference by Welch's t-test, by Student's, and by pairs where draws are shared."""

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


def _a12(clean: "NDArray[Any]", values: "NDArray[Any]") -> "NDArray[Any]":
    """Return `vargha_delaney` of each row, from the ranks of its values among all."""
    import numpy
    from scipy.stats import rankdata

    runs, usual = values.shape[1], clean.shape[1]
    ranks = rankdata(numpy.hstack([values, clean]), axis=1)[:, :runs]
    chance: NDArray[Any] = (ranks.mean(axis=1) - (runs + 1) / 2) / usual
    return chance


def _rank_tests(
    clean: "NDArray[Any]", values: "NDArray[Any]"
) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """Return A12 and the two-sided p of the rank test for each row."""
    import numpy
    from scipy.stats import mannwhitneyu

    pooled = numpy.sort(numpy.hstack([values, clean]), axis=1)
    tied = (pooled[:, 1:] == pooled[:, :-1]).any(axis=1)
    pairs = values.shape[1] * clean.shape[1]
    a12, ps = numpy.empty(len(values)), numpy.empty(len(values))
    for rows, ties in ((~tied, False), (tied, True)):
        if not rows.any():
            continue
        exact = pairs <= EXACT_UP_TO and not ties
        method: Literal["exact", "asymptotic"] = "exact" if exact else "asymptotic"
        with quiet():
            test = mannwhitneyu(values[rows], clean[rows], axis=1, method=method)
        a12[rows], ps[rows] = test.statistic / pairs, test.pvalue
        if ties and pairs <= EXACT_UP_TO:
            members = zip(values[rows].tolist(), clean[rows].tolist(), strict=True)
            ps[rows] = [exact_with_ties(own, usual) for own, usual in members]
    return a12, numpy.where(numpy.isnan(ps), 1.0, ps)


def _known(p: float) -> float | None:
    return None if p != p else float(p)


def _both(low: float, high: float) -> tuple[float, float] | None:
    return None if low != low else (float(low), float(high))
