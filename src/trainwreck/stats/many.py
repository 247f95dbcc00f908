"""Many samples against one, each as `compare` would do it, in a fraction of the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from trainwreck.stats.compare import (
    EXACT_UP_TO,
    EXACT_WITH_TIES_UP_TO,
    exact_with_ties,
    finite,
    quiet,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_A_TIME = 4096
"""So many samples are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A sample against the clean one: difference of means (buggy minus clean), A12, two p values.

    ``p`` is that of the rank test, None where neither side varies; ``equivalence`` that of the two
    one-sided tests, None without a margin or with fewer than two values on a side.
    """

    difference: float
    a12: float
    p: float | None
    equivalence: float | None


def contrast_each(
    clean: Sequence[float], samples: Sequence[Sequence[float]], margin: float | None
) -> list[Contrast]:
    """`mann_whitney`, `vargha_delaney` and `equivalence` of each sample against ``clean``.

    Samples of one size are taken together. All values must be finite, and no sample empty.
    """
    from numpy import asarray

    usual = asarray(finite(clean))
    by_size: dict[int, list[int]] = {}
    for index, sample in enumerate(samples):
        by_size.setdefault(len(sample), []).append(index)
    found: dict[int, Contrast] = {}
    for indices in by_size.values():
        for start in range(0, len(indices), AT_A_TIME):
            chosen = indices[start : start + AT_A_TIME]
            values = asarray([samples[index] for index in chosen], dtype=float)
            found.update(zip(chosen, _contrasts(usual, values, margin), strict=True))
    return [found[index] for index in range(len(samples))]


def _contrasts(
    usual: "NDArray[Any]", values: "NDArray[Any]", margin: float | None
) -> list[Contrast]:
    import numpy

    size, clean = values.shape[1], len(usual)
    pooled = numpy.sort(numpy.hstack([values, numpy.tile(usual, (len(values), 1))]), axis=1)
    tied = (pooled[:, 1:] == pooled[:, :-1]).any(axis=1)
    still = pooled[:, 0] == pooled[:, -1]
    apart = (values == values[:, :1]).all(axis=1) & bool((usual == usual[0]).all())
    untested = still | apart
    a12, ps = _ranked(usual, values, tied)
    near = _near(usual, values, apart, margin) if margin and size > 1 and clean > 1 else None
    differences = values.mean(axis=1) - usual.mean()
    return [
        Contrast(
            difference=float(differences[row]),
            a12=float(a12[row]),
            p=None if untested[row] else float(ps[row]),
            equivalence=None if near is None or untested[row] else float(near[row]),
        )
        for row in range(len(values))
    ]


def _ranked(
    usual: "NDArray[Any]", values: "NDArray[Any]", tied: "NDArray[Any]"
) -> tuple["NDArray[Any]", "NDArray[Any]"]:
    """A12 and the p of the rank test for each row."""
    import numpy
    from scipy.stats import mannwhitneyu

    pairs = values.shape[1] * len(usual)
    a12, ps = numpy.empty(len(values)), numpy.empty(len(values))
    for rows, most in ((~tied, EXACT_UP_TO), (tied, EXACT_WITH_TIES_UP_TO)):
        if not rows.any():
            continue
        exact = pairs <= most and not tied[rows].any()
        method: Literal["exact", "asymptotic"] = "exact" if exact else "asymptotic"
        with quiet():
            test = mannwhitneyu(values[rows], usual[numpy.newaxis, :], axis=1, method=method)
        a12[rows], ps[rows] = test.statistic / pairs, test.pvalue
        if pairs <= most and not exact:
            ps[rows] = [exact_with_ties(row.tolist(), usual.tolist()) for row in values[rows]]
    return a12, ps


def _near(
    usual: "NDArray[Any]", values: "NDArray[Any]", apart: "NDArray[Any]", margin: float
) -> "NDArray[Any]":
    """Two one-sided Welch tests that the means differ by less than the margin, for each row."""
    import numpy
    from scipy.stats import ttest_ind

    row = usual[numpy.newaxis, :]
    with quiet():
        above = ttest_ind(values + margin, row, axis=1, equal_var=False, alternative="greater")
        below = ttest_ind(values - margin, row, axis=1, equal_var=False, alternative="less")
    within = numpy.abs(values.mean(axis=1) - usual.mean()) < margin
    larger = numpy.maximum(above.pvalue, below.pvalue)
    return numpy.where(apart, numpy.where(within, 0.0, 1.0), larger)
