"""What propagated bugs did to the reported values and to the time, by all of their runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from statistics import median

from trainwreck.model import TIME, Better, Compared, Impact, Measurement, Metric, Sample
from trainwreck.stats import Contrast, benjamini_hochberg, contrast_each, smallest_p

DECIDED = (Impact.INVALID, Impact.DEGRADED, Impact.IMPROVED)


@dataclass(frozen=True, slots=True)
class Decision:
    """How impacts are decided.

    ``alpha`` is the level of every family of tests. ``looks`` are the numbers of runs after which
    a mutant is compared: each look may end its runs, so that every p counts so many times
    (Bonferroni). A change of the time by less than ``time_margin`` of the clean mean is none.
    """

    alpha: float = 0.05
    time_margin: float = 0.1
    looks: tuple[int, ...] = ()

    def worthwhile(self, clean: int, metrics: Iterable[Metric]) -> bool:
        """Whether all the looks together can decide anything."""
        if not self.looks:
            return False
        attainable = smallest_p(clean, self.looks[-1]) * len(self.looks)
        return attainable <= self.alpha or any(metric.margin for metric in metrics)


@dataclass(frozen=True, slots=True)
class Impacted:
    """The impacts of one mutant, with the comparisons behind them."""

    impact: tuple[Impact, ...]
    compared: tuple[Compared, ...]


def impacts_of(
    runs: Mapping[str, Sample],
    clean: Sequence[Measurement],
    metrics: Sequence[Metric],
    decision: Decision,
) -> dict[str, Impacted]:
    """The impacts of every mutant, from its normal runs; mutants are one family per measure."""
    found: dict[str, list[Compared]] = {mutant: [] for mutant in runs}
    for metric in metrics:
        compared = _compare_metric(runs, clean, metric, decision)
        for mutant, each in _corrected(compared, _metric_impact(metric, decision)):
            found[mutant].append(each)
    times = {mutant: sample.times for mutant, sample in runs.items()}
    usual = [run.cpu_seconds for run in clean if isfinite(run.cpu_seconds)]
    compared = _compare(TIME, times, usual, decision, None)
    for mutant, each in _corrected(compared, _time_impact(usual, times, decision)):
        found[mutant].append(each)
    return {mutant: Impacted(_together(all_), tuple(all_)) for mutant, all_ in found.items()}


def _together(compared: Sequence[Compared]) -> tuple[Impact, ...]:
    """The impacts of all measures; equivalent only where every metric is."""
    ofmetrics = {each.impact for each in compared if each.measure != TIME}
    impacts = [impact for impact in DECIDED if impact in ofmetrics]
    if not impacts:
        same = ofmetrics == {Impact.EQUIVALENT}
        impacts = [Impact.EQUIVALENT if same else Impact.UNDECIDED]
    times = [each.impact for each in compared if each.measure == TIME and each.impact]
    return (*impacts, *times)


def _compare_metric(
    runs: Mapping[str, Sample], clean: Sequence[Measurement], metric: Metric, decision: Decision
) -> dict[str, Compared]:
    reported = {mutant: sample.values.get(metric.name, ()) for mutant, sample in runs.items()}
    usual = [run.metrics[metric.name] for run in clean if metric.name in run.metrics]
    found = _compare(metric.name, reported, usual, decision, metric.margin)
    for mutant, values in reported.items():
        wrong = [value for value in values if not is_legal(value, metric)]
        if wrong:
            why = f"{len(wrong)} of {len(values)} runs report an impossible value ({wrong[0]:g})"
            invalid = replace(found[mutant], impact=Impact.INVALID, why=why)
            found[mutant] = replace(invalid, p=None, equivalence=None)
    return found


def is_legal(value: float, metric: Metric) -> bool:
    """Whether a metric may have this value: a finite number, inside its range if it has one."""
    low, high = metric.range or (-float("inf"), float("inf"))
    return isfinite(value) and low <= value <= high


def _compare(
    measure: str,
    values: Mapping[str, Sequence[float]],
    usual: Sequence[float],
    decision: Decision,
    margin: float | None,
) -> dict[str, Compared]:
    """The comparisons before any correction over mutants; impact and reason come later."""
    looks = max(1, len(decision.looks))
    sound = [name for name, each in values.items() if usual and each and all(map(isfinite, each))]
    contrasts = contrast_each(usual, [values[name] for name in sound], margin)
    found = dict(zip(sound, contrasts, strict=True))
    return {
        name: _compared(measure, found.get(name), len(each), len(usual), looks)
        for name, each in values.items()
    }


def _compared(measure: str, found: Contrast | None, runs: int, clean: int, looks: int) -> Compared:
    """One comparison; each p counts as often as there are looks."""

    def counted(p: float | None) -> float | None:
        return None if p is None else min(1.0, looks * p)

    return Compared(
        measure=measure,
        runs=runs,
        clean=clean,
        difference=found.difference if found else None,
        a12=found.a12 if found else None,
        p=counted(found.p) if found else None,
        attainable=min(1.0, looks * smallest_p(clean, runs)),
        equivalence=counted(found.equivalence) if found else None,
        impact=None,
        why="",
    )


Impacting = Callable[[str, Compared], tuple[Impact | None, str]]


def _corrected(
    compared: Mapping[str, Compared], impact: Impacting
) -> Iterable[tuple[str, Compared]]:
    """Each comparison with p values corrected over all of them, and its impact."""
    differing = benjamini_hochberg([each.p for each in compared.values()])
    near = benjamini_hochberg([each.equivalence for each in compared.values()])
    for (mutant, each), p, equivalent in zip(compared.items(), differing, near, strict=True):
        corrected = replace(each, p=p, equivalence=equivalent)
        if corrected.impact is None:
            found, why = impact(mutant, corrected)
            corrected = replace(corrected, impact=found, why=why)
        yield mutant, corrected


def _metric_impact(metric: Metric, decision: Decision) -> Impacting:
    def impact(_: str, each: Compared) -> tuple[Impact | None, str]:
        if each.difference is None:
            side = "the mutant" if each.clean else "the clean program"
            return Impact.UNDECIDED, f"no run of {side} reports it"
        if each.p is None:
            return _without_variance(each, metric)
        if each.equivalence is not None and each.equivalence <= decision.alpha:
            return Impact.EQUIVALENT, f"the difference lies within the margin of {metric.margin:g}"
        if each.p <= decision.alpha:
            return _direction(each, metric), f"it differs (p = {each.p:.2g})"
        if each.attainable > decision.alpha:
            return Impact.UNDECIDED, f"{each.runs} runs are too few to show a difference"
        return Impact.UNDECIDED, f"neither a difference nor its absence is shown (p = {each.p:.2g})"

    return impact


def _without_variance(each: Compared, metric: Metric) -> tuple[Impact, str]:
    """Where neither side varies there is nothing to test: the values are equal, or they are not."""
    if each.runs < 2 or each.clean < 2:
        return Impact.UNDECIDED, "a single run shows no variance"
    if not each.difference:
        return Impact.EQUIVALENT, "every run reports the value of every clean run"
    return _direction(each, metric), "no run varies, and the values differ"


def _direction(each: Compared, metric: Metric) -> Impact:
    assert each.a12 is not None
    higher = each.a12 > 0.5
    return Impact.IMPROVED if higher == (metric.better is Better.HIGHER) else Impact.DEGRADED


def _time_impact(
    clean: Sequence[float], times: Mapping[str, Sequence[float]], decision: Decision
) -> Impacting:
    usual = median(clean) if clean else 0.0

    def impact(mutant: str, each: Compared) -> tuple[Impact | None, str]:
        if each.p is None or each.p > decision.alpha or not usual:
            return None, ""
        ratio = median(times[mutant]) / usual
        if abs(ratio - 1) <= decision.time_margin:
            return None, f"it differs (p = {each.p:.2g}), by less than the margin"
        return (
            Impact.SLOWER if ratio > 1 else Impact.FASTER,
            f"{ratio:.2f} times the clean median (p = {each.p:.2g})",
        )

    return impact
