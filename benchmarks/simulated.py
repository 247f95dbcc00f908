"""Simulated runs with known differences, and the verdicts that the tool gives of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import t as student

from trainwreck.judge.comparison import HOPELESS, Decision, chance_to_decide
from trainwreck.judge.impact import impact_shown
from trainwreck.model import Better, Impact
from trainwreck.model.draws import LEAST_EQUIVALENT
from trainwreck.stats.batched import Contrasts
from trainwreck.stats.sequential import nominal_levels

Values = NDArray[Any]
Shape = Callable[[Values], Values]

COLLAPSE_RATE = 0.1
COLLAPSE = 8.0
"""How far below the middle a run of `rare collapse` ends, in deviations of the other runs."""

COLLAPSE_MEAN, COLLAPSE_DEVIATION = -0.6245, 2.5857

CORRELATIONS = (0.0, 0.6, 0.95)
"""How closely a mutant's run and the clean run of the same draw go together (normal copula)."""

LOST = (Impact.DEGRADED, Impact.WORSE)
WON = (Impact.IMPROVED, Impact.BETTER)


def _skewed(z: Values) -> Values:
    return numpy.asarray(-numpy.log(numpy.maximum(ndtr(-z), 1e-300)) - 1)


def _heavy(z: Values) -> Values:
    return numpy.asarray(student.ppf(ndtr(z), 3) / sqrt(3))


def _collapsing(z: Values) -> Values:
    values = numpy.where(ndtr(z) < COLLAPSE_RATE, -COLLAPSE, z)
    return numpy.asarray((values - COLLAPSE_MEAN) / COLLAPSE_DEVIATION)


POPULATIONS: Mapping[str, Shape] = {
    "normal": lambda z: z,
    "tied": lambda z: numpy.round(2 * z) / 2,
    "heavy-tailed": _heavy,
    "skewed up": _skewed,
    "skewed down": lambda z: -_skewed(-z),
    "rare collapse": _collapsing,
}
"""Values with mean 0 and deviation 1, from standard normal ones."""


def draw(
    source: Generator,
    rows: int,
    runs: int,
    clean: int,
    correlation: float,
    clean_shape: Shape,
    shape: Shape | None = None,
) -> tuple[Values, Values]:
    """Draw clean and buggy values: one campaign in each row, shared draws in the first columns."""
    usual = source.standard_normal((rows, clean))
    own = source.standard_normal((rows, runs))
    shared = min(runs, clean)
    own[:, :shared] *= sqrt(1 - correlation**2)
    own[:, :shared] += correlation * usual[:, :shared]
    return clean_shape(usual), (shape or clean_shape)(own)


@dataclass(frozen=True)
class Analysis:
    """Every row's verdict after a number of runs, and whether it would run on."""

    impacts: list[Impact]
    runs_on: list[bool]

    def share(self, *impacts: Impact) -> float:
        """Return the share of rows with any of these impacts."""
        return sum(impact in impacts for impact in self.impacts) / len(self.impacts)


def analyse(
    clean: Values, values: Values, margin: float | None, decision: Decision, futility: bool = False
) -> Analysis:
    """Judge each row alone, by its first runs as they stand."""
    runs = values.shape[1]
    pairs = min(runs, clean.shape[1])
    contrasts = Contrasts(clean, values, pairs, margin, decision.alpha)
    # A p is significant at a planned analysis where it is at most that analysis' nominal level.
    level = _level(runs, decision.analysis_points, decision.alpha)
    late = _level(runs, decision.late_points, decision.alpha)
    alpha = decision.alpha
    enough = runs >= LEAST_EQUIVALENT
    within = numpy.where(contrasts.all_equal, 0.0, contrasts.within) * (alpha / late)
    impacts = [
        impact_shown(
            p=float(p),
            beyond=None if margin is None else float(beyond),
            within=None if margin is None else float(near),
            rises=bool(side > 0) if side else None,
            may_be_equivalent=enough,
            better=Better.HIGHER,
            alpha=alpha,
        )
        for p, beyond, near, side in zip(
            contrasts.ps * (alpha / level),
            contrasts.beyond * (alpha / level),
            within,
            contrasts.sides,
            strict=True,
        )
    ]
    rows = range(len(impacts)) if futility else ()
    chances = [chance_to_decide(contrasts.row(row), runs, decision) for row in rows]
    runs_on = [chance >= HOPELESS for chance in chances]
    return Analysis(impacts, runs_on or [True] * len(impacts))


def _level(runs: int, analysis_points: tuple[int, ...], alpha: float) -> float:
    return (
        nominal_levels(analysis_points, alpha)[analysis_points.index(runs)]
        if runs in analysis_points
        else alpha
    )


def sequence(
    clean: Values, values: Values, margin: float | None, decision: Decision, futility: bool = False
) -> list[set[Impact]]:
    """Return the verdicts that each row was given at any of the planned analyses.

    With ``futility`` a row that is given up has none at later ones.
    """
    seen: list[set[Impact]] = [set() for _ in range(len(values))]
    going = numpy.ones(len(values), bool)
    for look in decision.analysis_points:
        analysis = analyse(clean, values[:, :look], margin, decision, futility)
        for row in numpy.flatnonzero(going):
            seen[row].add(analysis.impacts[row])
        going &= numpy.asarray(analysis.runs_on)
    return seen


def any_of(seen: Sequence[set[Impact]], impacts: Sequence[Impact]) -> float:
    """Return the share of rows that were given any of these verdicts."""
    return sum(not each.isdisjoint(impacts) for each in seen) / len(seen)


def error_of(share: float, rows: int) -> float:
    """Return the Monte-Carlo standard error of a simulated share."""
    return sqrt(max(share * (1 - share), 1 / rows) / rows)
