"""Each mutant's runs against the clean ones, in one measure, before many are looked at together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from statistics import median

from trainwreck.model import (
    TIME,
    Compared,
    Ground,
    Impact,
    Measurement,
    Metric,
    Sample,
    VerdictSettings,
)
from trainwreck.model.draws import LEAST_EQUIVALENT
from trainwreck.stats.batched import ALONE, Contrast, contrast_each
from trainwreck.stats.compare import smallest_p
from trainwreck.stats.describe import rate_not_excluded
from trainwreck.stats.sequential import can_reject, conditional_power, sequential_p

HOPELESS = 0.05
"""A mutant runs no further where the chance that more runs decide anything is below this."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The largest level at which each question of one mutant can still be decided.

    The correction over all mutants leaves less than alpha to each where few can be decided.
    """

    p: float
    beyond: float
    within: float


@dataclass(frozen=True, slots=True)
class Decision(VerdictSettings):
    """The settings by which impacts are decided.

    ``analysis_points`` are the numbers of runs after which a mutant is compared. All of them
    together keep the level, and each may end its runs.
    """

    analysis_points: tuple[int, ...] = ()

    @property
    def late_points(self) -> tuple[int, ...]:
        """Return the analysis points with enough runs to show equivalence."""
        return tuple(look for look in self.analysis_points if look >= LEAST_EQUIVALENT)

    def worthwhile(self, clean: int, metrics: Sequence[Metric]) -> bool:
        """Return whether further runs of mutants can decide anything, beside ``clean`` runs."""
        if can_reject(clean, self.analysis_points, self.alpha):
            return True
        return bool(self.late_points) and any(metric.margin for metric in metrics)


@dataclass(slots=True)
class Case:
    """One mutant in one measure; ``metric`` is None for the time.

    ``illegal`` are impossible values, beside which nothing is compared. ``p``, ``beyond`` and
    ``within`` are p values of the contrast, over all planned comparisons. The correction over all
    mutants replaces them. ``ratio`` is the median time divided by the clean one. ``levels`` are
    what this correction leaves to the mutant; None where it is judged alone.
    """

    mutant: str
    metric: Metric | None
    runs: int
    clean: int
    contrast: Contrast | None = None
    margin: float | None = None
    illegal: tuple[float, ...] = ()
    p: float | None = None
    beyond: float | None = None
    within: float | None = None
    ratio: float = 1.0
    levels: Levels | None = None

    @property
    def rises(self) -> bool | None:
        """Return whether the mutant's values are higher; None where ranks and means disagree."""
        return self.contrast.rises if self.contrast else None

    @property
    def all_equal(self) -> bool:
        """Return whether each run equals the clean one of its draw, or all report one value."""
        contrast = self.contrast
        return contrast is not None and (contrast.all_equal or contrast.p is None)

    @property
    def may_be_equivalent(self) -> bool:
        """Return whether there are enough runs for a verdict of equivalence."""
        return self.runs >= LEAST_EQUIVALENT and self.clean > 1

    def chance(self, decision: Decision) -> float:
        """Return the chance that further runs decide anything; 1 where nothing is compared yet."""
        if self.contrast is None:
            return 1.0
        return chance_to_decide(self.contrast, self.runs, decision, self.levels)

    def is_hopeless(self, decision: Decision) -> bool:
        """Return whether further runs would hardly decide anything."""
        return self.chance(decision) < HOPELESS

    def attainable(self, decision: Decision) -> float:
        """Return the smallest p that this number of runs allows."""
        return _attainable(self.clean, self.runs, decision.analysis_points)

    def compared(
        self, decision: Decision, impact: Impact | None, grounds: tuple[Ground, ...]
    ) -> Compared:
        """Return the comparison with what follows from it."""
        measure = self.metric.name if self.metric else TIME
        contrast = self.contrast
        if contrast is None:
            return Compared(
                measure,
                self.runs,
                self.clean,
                margin=self.margin,
                impact=impact,
                grounds=grounds,
                illegal=self.illegal,
            )
        return Compared(
            measure=measure,
            runs=self.runs,
            clean=self.clean,
            difference=contrast.difference,
            interval=contrast.interval,
            shared=contrast.shared,
            pairs=contrast.pairs,
            a12=contrast.a12,
            p=self.p,
            beyond=self.beyond,
            equivalence=self.within,
            margin=self.margin,
            attainable=self.attainable(decision),
            exact=contrast.exact,
            impact=impact,
            grounds=grounds,
            rises=self.rises,
            illegal=self.illegal,
            ratio=None if self.metric else self.ratio,
            not_excluded=self._not_excluded(decision, impact),
        )

    def _not_excluded(self, decision: Decision, impact: Impact | None) -> float | None:
        """Return the rate of runs with a collapse that so few runs leave possible."""
        if impact is not Impact.EQUIVALENT:
            return None
        return rate_not_excluded(self.runs, decision.alpha)


@cache
def _attainable(clean: int, runs: int, analysis_points: tuple[int, ...]) -> float:
    return sequential_p(smallest_p(clean, runs), runs, analysis_points)


def ignores_seed(clean: Sequence[Measurement]) -> bool:
    """Return whether clean runs with different seeds all end alike, each fold by itself."""
    ends: dict[int, Measurement] = {}
    for run in clean:
        first = ends.setdefault(run.draw.fold, run)
        alike = run.digest == first.digest and run.metrics == first.metrics
        if not (run.draw.is_known and run.digest and alike):
            return False
    return len({run.draw.seed for run in clean}) > 1


def metric_cases(
    runs: Mapping[str, Sample], clean: Sequence[Measurement], metric: Metric, decision: Decision
) -> Iterator[Case]:
    """Compare every mutant with the clean runs in one metric.

    Args:
        runs: normal runs of each mutant, by its id.
        clean: clean runs; those without a finite value of the metric do not count.
        metric: the metric to compare, with its range and margin.
        decision: level and planned analyses.

    Yields:
        One case for each mutant, in the order of ``runs``, before any correction over mutants.

    """
    name = metric.name
    usual = [run for run in clean if name in run.metrics and isfinite(run.metrics[name])]
    numbers = [run.metrics[name] for run in usual]
    positions = {run.draw.key: index for index, run in enumerate(usual) if run.draw.is_known}
    margin = metric.margin.among(numbers) if metric.margin else None
    sound = [
        mutant
        for mutant, sample in runs.items()
        if numbers and sample.numbers(name) and all(map(isfinite, sample.numbers(name)))
    ]
    contrasts = contrast_each(
        numbers,
        [runs[mutant].numbers(name) for mutant in sound],
        [_partners(runs[mutant], name, positions) for mutant in sound],
        margin,
        decision.alpha,
    )
    by_mutant = dict(zip(sound, contrasts, strict=True))
    for mutant, sample in runs.items():
        values, contrast = sample.numbers(name), by_mutant.get(mutant)
        illegal = tuple(value for value in values if not metric.allows(value))
        case = Case(mutant, metric, len(values), len(numbers), contrast, margin, illegal)
        yield case if illegal else _counting_all(case, decision)


def _partners(sample: Sample, metric: str, positions: Mapping[int, int]) -> tuple[int, ...]:
    """Return for each value the position of the clean one with the same draw."""
    return tuple(positions.get(key, ALONE) for key in sample.values[metric].draws)


def time_cases(
    runs: Mapping[str, Sample], clean: Sequence[Measurement], decision: Decision
) -> Iterator[Case]:
    """Compare the times, by ranks alone: a machine's noise does not go with the seed.

    Args:
        runs: normal runs of each mutant, by its id.
        clean: clean runs, with times in processor seconds.
        decision: level and planned analyses.

    Yields:
        One case for each mutant, in the order of ``runs``, before any correction over mutants.

    """
    usual = [run.cpu_seconds for run in clean if isfinite(run.cpu_seconds)]
    timed = [mutant for mutant, sample in runs.items() if usual and sample.times]
    contrasts = contrast_each(usual, [runs[m].times for m in timed], level=decision.alpha)
    by_mutant = dict(zip(timed, contrasts, strict=True))
    middle = median(usual) if usual else 0.0
    for mutant, sample in runs.items():
        contrast = by_mutant.get(mutant)
        ratio = median(sample.times) / middle if contrast and middle else 1.0
        case = Case(mutant, None, len(sample.times), len(usual), contrast, ratio=ratio)
        yield _counting_all(case, decision)


def _counting_all(case: Case, decision: Decision) -> Case:
    """Return the case with p values that count all planned comparisons."""
    contrast, runs = case.contrast, case.runs
    if contrast is not None:
        case.p = _overall(contrast.p, runs, decision.analysis_points)
        case.beyond = _overall(contrast.beyond, runs, decision.analysis_points)
        case.within = _overall(contrast.within, runs, decision.late_points)
    return case


def _overall(p: float | None, runs: int, analysis_points: tuple[int, ...]) -> float | None:
    return None if p is None else sequential_p(p, runs, analysis_points)


def chance_to_decide(
    contrast: Contrast, runs: int, decision: Decision, levels: Levels | None = None
) -> float:
    """Return the chance that a later comparison shows a difference, its size or equivalence.

    It is the conditional power of Lan and Wittes (Biometrics 44, 1988). Giving up where it is small
    makes no error more frequent, as it only leaves verdicts out.

    Args:
        contrast: the comparison after ``runs`` runs, with uncorrected p values.
        runs: number of the mutant's runs.
        decision: level and planned analyses.
        levels: what the correction over all mutants leaves to each question, by default alpha.

    """
    points, alpha = decision.analysis_points, decision.alpha
    levels = levels or Levels(alpha, alpha, alpha)
    if not points:
        return 1.0
    if runs >= points[-1]:
        return 0.0
    alike = contrast.all_equal or contrast.p is None
    if runs < points[0] or (alike and decision.late_points):
        return 1.0
    # Runs that equal clean ones do not speak for a difference, whatever their ranks say.
    p = 1.0 if alike else contrast.p or 0.0
    chances = [conditional_power(p / 2, runs, points, levels.p)]
    if contrast.beyond is not None and p < alpha:
        chances.append(conditional_power(contrast.beyond / 2, runs, points, levels.beyond))
    if contrast.within is not None:
        late = min(1.0, 2 * levels.within)
        chances.append(conditional_power(contrast.within, runs, decision.late_points, late))
    return max(chances)
