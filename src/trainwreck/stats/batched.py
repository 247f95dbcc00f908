"""Comparisons of many mutants' runs with those of the clean program, batch by batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from trainwreck.stats.compare import EXACT_UP_TO, exact_with_ties, quiet, smallest_p
from trainwreck.stats.means import Means, means_of
from trainwreck.stats.shared_draws import LEAST_PAIRS, signed_roots

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_A_TIME = 4096
"""Number of samples in a batch, which bounds the memory that is needed."""

ALONE = -1
"""Stands for the partner of a value where no clean run has the same draw."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A sample compared with the clean one; differences are buggy minus clean, in the values' unit.

    - ``difference`` is that of the means, with its ``interval``.
    - ``shared`` is the mean difference of the ``pairs`` of runs with the same draw.
    - ``all_equal`` is whether every run has a partner, and equals it.
    - ``a12`` is the chance that a buggy value is the higher one, ties counting half.
    - ``p`` is that of any difference, two-sided.
    - ``beyond`` is the p of one that exceeds the margin, on the side where the means differ.
    - ``within`` is the p of one that is smaller than the margin.
    - ``rises`` is whether buggy values are higher, None where ranks and means do not agree.
    - ``exact`` is false where the rank test used its normal approximation.

    A field is None where there is nothing to compute it from; no test is made where no value
    varies.
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
        partners: for each value the index of the clean one with the same draw, or ``ALONE``; None
            where no draw is shared.
        margin: the smallest difference of practical interest, in the values' own unit.
        level: intervals cover with probability 1 - level.

    Returns:
        One comparison for each of ``samples``, in the same order.

    """
    from numpy import asarray, tile

    usual = asarray(clean, dtype=float)
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, sample in enumerate(samples):
        own_partners = partners[index] if partners else (ALONE,) * len(sample)
        groups.setdefault(own_partners, []).append(index)
    compared: dict[int, Contrast] = {}
    # Samples whose runs have the same partners are one array, and tested together.
    for own_partners, indices in groups.items():
        shared, order, usual_order = _orders(own_partners, len(usual))
        for start in range(0, len(indices), AT_A_TIME):
            batch = indices[start : start + AT_A_TIME]
            values = asarray([samples[index] for index in batch], dtype=float)[:, order]
            rows = tile(usual[usual_order], (len(batch), 1))
            contrasts = Contrasts(rows, values, shared, margin, level)
            compared.update((index, contrasts.row(row)) for row, index in enumerate(batch))
    return [compared[index] for index in range(len(samples))]


def _orders(partners: tuple[int, ...], clean: int) -> tuple[int, list[int], list[int]]:
    """Return the number of shared draws, and the orders of both samples with these first."""
    paired = [index for index, partner in enumerate(partners) if partner != ALONE]
    alone = [index for index, partner in enumerate(partners) if partner == ALONE]
    shared_clean = [partners[index] for index in paired]
    other_clean = sorted(set(range(clean)).difference(shared_clean))
    return len(paired), paired + alone, shared_clean + other_clean


class Contrasts:
    """Samples of one size, one in each row, compared with clean ones in the same rows.

    Where at least ``LEAST_PAIRS`` draws are shared, the test is `shared_draws.signed_roots`.
    Otherwise it is the rank test (Mann and Whitney, Annals of Mathematical Statistics 18, 1947).
    That test is exact up to ``EXACT_UP_TO`` pairs of values, ties included, and then takes the
    normal approximation.

    A size is shown (``beyond``, ``within``) where both that test and a t-test of the means show
    it. The t-test is of all runs or of pairs, whichever has the smaller p. The first test holds
    its level whatever distribution both samples share. The t-test accounts for what a few runs far
    from the rest do to a mean. Equivalence allows for skewed values (Hall, JRSS B 54, 1992), or it
    would be shown too often where a collapse is rare.

    Each attribute is computed when it is read, as an array of shape (rows,); p values are NaN
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
        """Compare ``values`` with ``clean``; the first ``pairs`` columns of both share draws.

        Args:
            clean: clean values of shape (rows, clean runs).
            values: the mutants' values of shape (rows, runs).
            pairs: number of leading columns that share draws.
            margin: the smallest difference of practical interest, in the values' own unit.
            level: intervals cover with probability 1 - level.

        """
        self._clean, self._values, self.pairs = clean, values, pairs
        self._runs, self._usual = values.shape[1], clean.shape[1]
        self._margin, self._level = margin, level
        self.exact = pairs >= LEAST_PAIRS or self._runs * self._usual <= EXACT_UP_TO
        self.differences = values.mean(axis=1) - clean.mean(axis=1)
        self._paired = values[:, :pairs] - clean[:, :pairs]
        self._untested = (values == clean[:, :1]).all(axis=1) & (clean == clean[:, :1]).all(axis=1)

    @cached_property
    def all_equal(self) -> "NDArray[Any]":
        """Return whether every run of a row shares its draw with a clean one, and equals it."""
        equal: NDArray[Any] = (self._paired == 0).all(axis=1) & (self.pairs == self._runs)
        return equal

    @cached_property
    def _statistics(self) -> "NDArray[Any]":
        """Return the standard normal statistics of the values as they are."""
        return self._roots(self._values)

    @cached_property
    def sides(self) -> "NDArray[Any]":
        """Return 1 where the mutant's values are higher, -1 where lower, 0 where unclear.

        A side is clear where the means and the test's statistic agree on it.
        """
        import numpy

        side = numpy.sign(self.differences)
        return numpy.where(side == numpy.sign(self._statistics), side, 0)

    @cached_property
    def ps(self) -> "NDArray[Any]":
        """Return the two-sided p of a difference."""
        return self._tested(self._two_sided(self._statistics))

    @cached_property
    def beyond(self) -> "NDArray[Any]":
        """Return the p of a difference beyond the margin, on the side where the means differ.

        It is the larger p of the test (with values shifted by the margin) and of the t-test.
        """
        import numpy

        if not self._margin or self._means is None:
            return numpy.full(len(self._values), numpy.nan)
        side = numpy.sign(self.differences)
        roots = self._roots(self._values - (side * self._margin)[:, numpy.newaxis])
        by_ranks = numpy.where(roots * side > 0, self._two_sided(roots), 1.0)
        return self._tested(numpy.maximum(by_ranks, self._means.p_beyond(self._margin)))

    @cached_property
    def within(self) -> "NDArray[Any]":
        """Return the p of a difference within the margin.

        It is the largest p of two one-sided tests (Schuirmann, J. Pharmacokinetics and
        Biopharmaceutics 15, 1987), both by the test of values and by the t-test.
        """
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
        """Return the ends of Welch's or Student's interval of the mean, whichever is wider.

        Welch's alone covers too rarely where a few runs happen to lie close together.
        """
        import numpy

        if self._means is None:
            missing = numpy.full(len(self._values), numpy.nan)
            return missing, missing
        means = self._means.welch, self._means.student
        reach = numpy.maximum(*(mean.reach(self._level) for mean in means))
        return self.differences - reach, self.differences + reach

    @cached_property
    def a12(self) -> "NDArray[Any]":
        """Return the chance that a mutant's value is the higher one, ties counting half.

        This is the A12 of Vargha and Delaney (J. Educational and Behavioral Statistics 25, 2000).
        """
        import numpy
        from scipy.stats import rankdata

        ranks = rankdata(numpy.hstack([self._values, self._clean]), axis=1)[:, : self._runs]
        return numpy.asarray((ranks.mean(axis=1) - (self._runs + 1) / 2) / self._usual)

    def _tested(self, p: "NDArray[Any]") -> "NDArray[Any]":
        """Return the p values, NaN where no value of a row and its clean one varies."""
        import numpy

        return numpy.where(self._untested, numpy.nan, p)

    def row(self, at: int) -> Contrast:
        """Return the comparison in the row with the index ``at``."""
        return Contrast(
            difference=float(self.differences[at]),
            interval=_interval_or_none(*(ends[at] for ends in self.interval)),
            shared=float(self._paired[at].mean()) if self.pairs else None,
            pairs=self.pairs,
            all_equal=bool(self.all_equal[at]),
            a12=float(self.a12[at]),
            p=_number_or_none(self.ps[at]),
            beyond=_number_or_none(self.beyond[at]),
            within=_number_or_none(self.within[at]),
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
        """Return the two-sided p of each statistic, no smaller than ranks of these sizes allow."""
        import numpy
        from scipy.special import ndtr

        p = 2 * ndtr(-numpy.abs(roots))
        return numpy.asarray(numpy.maximum(p, smallest_p(self._usual, self._runs)))

    @cached_property
    def _means(self) -> Means | None:
        # The squares of a diverged loss may overflow: then no t-test of it decides.
        with quiet():
            return means_of(self._values, self._clean, self._paired)


def _rank_tests(
    clean: "NDArray[Any]", values: "NDArray[Any]"
) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """Return A12 and the two-sided p of the Mann-Whitney test for each row."""
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
            samples = zip(values[rows].tolist(), clean[rows].tolist(), strict=True)
            ps[rows] = [exact_with_ties(own, usual) for own, usual in samples]
    # SciPy's approximation has no p where all values are equal: nothing speaks for a difference.
    return a12, numpy.where(numpy.isnan(ps), 1.0, ps)


def _number_or_none(p: float) -> float | None:
    """Return None for NaN, which alone differs from itself."""
    return None if p != p else float(p)


def _interval_or_none(low: float, high: float) -> tuple[float, float] | None:
    return (float(low), float(high)) if isfinite(high - low) else None
