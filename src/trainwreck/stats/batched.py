"""Many samples against clean ones: each mutant's runs against those of the clean program."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from trainwreck.stats.compare import EXACT_UP_TO, exact_with_ties, quiet, smallest_p
from trainwreck.stats.means import Means, means_of
from trainwreck.stats.shared_draws import LEAST_PAIRS, signed_roots

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_A_TIME = 4096
"""Number of samples that are in memory at a time."""

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

    Each question is answered when it is asked, as an array with one element for each row; p values
    are NaN where nothing is tested.
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
        self._clean, self._values, self.pairs = clean, values, pairs
        self._runs, self._usual = values.shape[1], clean.shape[1]
        self._margin, self._level = margin, level
        self.exact = pairs >= LEAST_PAIRS or self._runs * self._usual <= EXACT_UP_TO
        self.differences = values.mean(axis=1) - clean.mean(axis=1)
        self._paired = values[:, :pairs] - clean[:, :pairs]
        self._untested = (values == clean[:, :1]).all(axis=1) & (clean == clean[:, :1]).all(axis=1)

    @cached_property
    def all_equal(self) -> "NDArray[Any]":
        """Whether each run of a row equals the clean one of its draw."""
        equal: NDArray[Any] = (self._paired == 0).all(axis=1) & (self.pairs == self._runs)
        return equal

    @cached_property
    def _statistics(self) -> "NDArray[Any]":
        return self._roots(self._values)

    @cached_property
    def sides(self) -> "NDArray[Any]":
        """1 where the mutant's values are higher, -1 where lower, 0 where tests do not agree."""
        import numpy

        side = numpy.sign(self.differences)
        return numpy.where(side == numpy.sign(self._statistics), side, 0)

    @cached_property
    def ps(self) -> "NDArray[Any]":
        """The p that there is a difference."""
        return self._tested(self._two_sided(self._statistics))

    @cached_property
    def beyond(self) -> "NDArray[Any]":
        """The p that it is larger than the margin, on the side of its mean."""
        import numpy

        if not self._margin or self._means is None:
            return numpy.full(len(self._values), numpy.nan)
        side = numpy.sign(self.differences)
        roots = self._roots(self._values - (side * self._margin)[:, numpy.newaxis])
        by_ranks = numpy.where(roots * side > 0, self._two_sided(roots), 1.0)
        return self._tested(numpy.maximum(by_ranks, self._means.p_beyond(self._margin)))

    @cached_property
    def within(self) -> "NDArray[Any]":
        """The p that it is smaller than the margin: the larger one of both tests."""
        import numpy
        from scipy.special import ndtr

        if not self._margin or self._means is None:
            return numpy.full(len(self._values), numpy.nan)
        below = ndtr(self._roots(self._values - self._margin))
        above = ndtr(-self._roots(self._values + self._margin))
        by_ranks = numpy.maximum(below, above)
        return self._tested(numpy.maximum(by_ranks, self._means.p_within(self._margin)))

    @cached_property
    def interval(self) -> "tuple[NDArray[Any], NDArray[Any]]":
        """The ends of Welch's or Student's interval, whichever is wider.

        Welch's alone covers too rarely where a few runs happen to lie close together.
        """
        import numpy

        if self._means is None:
            nothing = numpy.full(len(self._values), numpy.nan)
            return nothing, nothing
        means = self._means.welch, self._means.student
        reach = numpy.maximum(*(mean.reach(self._level) for mean in means))
        return self.differences - reach, self.differences + reach

    @cached_property
    def a12(self) -> "NDArray[Any]":
        """The chance that a mutant's value is the higher one, ties counting half.

        A12 of Vargha and Delaney (JEBS 25, 2000).
        """
        import numpy
        from scipy.stats import rankdata

        ranks = rankdata(numpy.hstack([self._values, self._clean]), axis=1)[:, : self._runs]
        return numpy.asarray((ranks.mean(axis=1) - (self._runs + 1) / 2) / self._usual)

    def _tested(self, p: "NDArray[Any]") -> "NDArray[Any]":
        import numpy

        return numpy.where(self._untested, numpy.nan, p)

    def row(self, at: int) -> Contrast:
        """Return one row as a value."""
        return Contrast(
            difference=float(self.differences[at]),
            interval=_both(*(ends[at] for ends in self.interval)),
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

    @cached_property
    def _means(self) -> Means | None:
        return means_of(self._values, self._clean, self._paired)


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
