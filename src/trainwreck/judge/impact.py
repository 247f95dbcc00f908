"""What propagated bugs did to the reported values and to the time, by all of their runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from statistics import fmean, median

from trainwreck.model import TIME, Better, Compared, Impact, Measurement, Metric
from trainwreck.stats import (
    benjamini_hochberg,
    equivalence,
    mann_whitney,
    smallest_p,
    vargha_delaney,
)

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
    runs: Mapping[str, Sequence[Measurement]],
    clean: Sequence[Measurement],
    metrics: Sequence[Metric],
    decision: Decision,
) -> dict[str, Impacted]:
    """The impacts of every mutant, from its normal runs; mutants are one family per measure."""
    found: dict[str, list[Compared]] = {mutant: [] for mutant in runs}
    for metric in metrics:
        compared = {
            mutant: _compare_metric(members, clean, metric, decision)
            for mutant, members in runs.items()
        }
        for mutant, each in _corrected(compared, _metric_impact(metric, decision)):
            found[mutant].append(each)
    times = {mutant: _compare_time(members, clean, decision) for mutant, members in runs.items()}
    for mutant, each in _corrected(times, _time_impact(clean, runs, decision)):
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
    runs: Sequence[Measurement], clean: Sequence[Measurement], metric: Metric, decision: Decision
) -> Compared:
    reported = [run.metrics[metric.name] for run in runs if metric.name in run.metrics]
    usual = [run.metrics[metric.name] for run in clean if metric.name in run.metrics]
    wrong = [value for value in reported if not is_legal(value, metric)]
    compared = _compare(metric.name, reported, usual, decision, metric.margin)
    if wrong:
        why = f"{len(wrong)} of {len(reported)} runs report an impossible value ({wrong[0]:g})"
        return replace(compared, impact=Impact.INVALID, why=why, p=None, equivalence=None)
    return compared


def is_legal(value: float, metric: Metric) -> bool:
    """Whether a metric may have this value: a finite number, inside its range if it has one."""
    low, high = metric.range or (-float("inf"), float("inf"))
    return isfinite(value) and low <= value <= high


def _compare_time(
    runs: Sequence[Measurement], clean: Sequence[Measurement], decision: Decision
) -> Compared:
    times = [run.cpu_seconds for run in runs if run.whole and isfinite(run.cpu_seconds)]
    usual = [run.cpu_seconds for run in clean if isfinite(run.cpu_seconds)]
    return _compare(TIME, times, usual, decision, None)


def _compare(
    measure: str,
    values: Sequence[float],
    usual: Sequence[float],
    decision: Decision,
    margin: float | None,
) -> Compared:
    """The comparison before any correction over mutants; impact and reason come later."""
    looks = max(1, len(decision.looks))
    finite = all(map(isfinite, values)) and bool(values) and bool(usual)
    compared = Compared(
        measure=measure,
        runs=len(values),
        clean=len(usual),
        difference=fmean(values) - fmean(usual) if finite else None,
        a12=vargha_delaney(usual, values) if finite else None,
        p=None,
        attainable=min(1.0, looks * smallest_p(len(usual), len(values))),
        equivalence=None,
        impact=None,
        why="",
    )
    if not finite or len(set(values)) == 1 == len(set(usual)):
        return compared
    near = equivalence(usual, values, margin) if margin and len(values) > 1 else None
    return replace(
        compared,
        p=min(1.0, looks * mann_whitney(usual, values)),
        equivalence=None if near is None else min(1.0, looks * near),
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
    clean: Sequence[Measurement], runs: Mapping[str, Sequence[Measurement]], decision: Decision
) -> Impacting:
    usual = median([run.cpu_seconds for run in clean]) if clean else 0.0

    def impact(mutant: str, each: Compared) -> tuple[Impact | None, str]:
        if each.p is None or each.p > decision.alpha or not usual:
            return None, ""
        ratio = median([run.cpu_seconds for run in runs[mutant] if run.whole]) / usual
        if abs(ratio - 1) <= decision.time_margin:
            return None, f"it differs (p = {each.p:.2g}), by less than the margin"
        return (
            Impact.SLOWER if ratio > 1 else Impact.FASTER,
            f"{ratio:.2f} times the clean median (p = {each.p:.2g})",
        )

    return impact
