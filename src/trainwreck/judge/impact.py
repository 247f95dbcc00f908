"""What propagated mutants did to the reported values and to the time, by all of their runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from trainwreck.judge.comparison import Case, Decision, ignores_seed, metric_cases, time_cases
from trainwreck.judge.reasons import changed_reason, invalid_reason, metric_reason, time_reason
from trainwreck.model import TIME, Better, Compared, Impact, Measurement, Metric, Sample
from trainwreck.stats import benjamini_hochberg

DECIDED = (Impact.INVALID, Impact.DEGRADED, Impact.IMPROVED)
DIRECTIONS = (Impact.WORSE, Impact.BETTER)


@dataclass(frozen=True, slots=True)
class Impacted:
    """The impacts of one mutant, with the comparisons behind them.

    ``is_open`` is whether further runs may well change them.
    """

    impact: tuple[Impact, ...]
    compared: tuple[Compared, ...]
    is_open: bool = False


def impacts_of(
    runs: Mapping[str, Sample],
    clean: Sequence[Measurement],
    metrics: Sequence[Metric],
    decision: Decision,
) -> dict[str, Impacted]:
    """Return the impacts of every mutant, from its normal runs.

    All questions of one kind (is there a difference, is it larger than the margin, is it smaller)
    are one family of tests, over all mutants and metrics; those about the time are another.
    """
    cases = [case for metric in metrics for case in metric_cases(runs, clean, metric, decision)]
    if ignores_seed(clean):
        cases = [_changed(case) for case in cases]
    else:
        times = list(time_cases(runs, clean, decision))
        cases = [*_corrected(cases), *_corrected(times)]
    by_mutant: dict[str, list[Case]] = {mutant: [] for mutant in runs}
    for case in cases:
        by_mutant[case.mutant].append(_decided(case, decision))
    return {mutant: _together(members) for mutant, members in by_mutant.items()}


def _corrected(cases: Sequence[Case]) -> list[Case]:
    """Return the cases with each p corrected over all that ask the same question."""
    compared = [case.compared for case in cases]
    families = zip(
        compared,
        benjamini_hochberg([each.p for each in compared]),
        benjamini_hochberg([each.beyond for each in compared]),
        benjamini_hochberg([each.equivalence for each in compared]),
        strict=True,
    )
    corrected = [
        replace(each, p=p, beyond=beyond, equivalence=within)
        for each, p, beyond, within in families
    ]
    return [replace(case, compared=each) for case, each in zip(cases, corrected, strict=True)]


def _changed(case: Case) -> Case:
    """Return a case of a program that ignores the seed: its runs are copies, and not tested."""
    untested = replace(case.compared, p=None, beyond=None, equivalence=None, interval=None)
    if not case.illegal:
        untested = replace(untested, impact=Impact.CHANGED, why=changed_reason(untested))
    return replace(case, compared=untested)


def _decided(case: Case, decision: Decision) -> Case:
    each = case.compared
    if each.impact is not None:
        return case
    impact: Impact | None
    if case.illegal:
        impact, why = Impact.INVALID, invalid_reason(case)
    elif case.metric is None:
        impact, why = _time_impact(case, decision), time_reason(case, decision)
    else:
        impact = _metric_impact(case, case.metric, decision)
        why = metric_reason(case, impact, decision)
    return replace(case, compared=replace(each, impact=impact, why=why))


def _metric_impact(case: Case, metric: Metric, decision: Decision) -> Impact:
    each = case.compared
    return impact_shown(
        p=each.p,
        beyond=each.beyond,
        within=0.0 if case.all_equal else each.equivalence,
        rises=case.rises,
        may_be_equivalent=case.may_be_equivalent,
        better=metric.better,
        alpha=decision.alpha,
    )


def impact_shown(
    p: float | None,
    beyond: float | None,
    within: float | None,
    rises: bool | None,
    may_be_equivalent: bool,
    better: Better,
    alpha: float,
) -> Impact:
    """Return the impact on a metric that these tests show at level ``alpha``.

    Args:
        p: of a difference, over all planned analyses and corrected; None where nothing is tested.
        beyond: of a difference larger than the margin; None without one.
        within: of a difference smaller than the margin; 0 where every run equals its clean one.
        rises: whether the mutant's values are higher; None where ranks and means disagree.
        may_be_equivalent: whether there are enough runs to say so.
        better: which way the metric is good.
        alpha: level of each test.

    """
    if may_be_equivalent and within is not None and within <= alpha:
        return Impact.EQUIVALENT
    if p is None or p > alpha or rises is None:
        return Impact.UNDECIDED
    good = rises == (better is Better.HIGHER)
    if beyond is not None and beyond <= alpha:
        return Impact.IMPROVED if good else Impact.DEGRADED
    return Impact.BETTER if good else Impact.WORSE


def _time_impact(case: Case, decision: Decision) -> Impact | None:
    p = case.compared.p
    if p is None or p > decision.alpha or abs(case.ratio - 1) <= decision.time_margin:
        return None
    return Impact.SLOWER if case.ratio > 1 else Impact.FASTER


def _together(cases: Sequence[Case]) -> Impacted:
    """Return the impacts of all measures; equivalent only where every metric is."""
    compared = tuple(case.compared for case in cases)
    of_metrics = {each.impact for each in compared if each.measure != TIME}
    impacts = [i for i in (*DECIDED, *DIRECTIONS, Impact.CHANGED) if i in of_metrics]
    if not impacts:
        alike = of_metrics == {Impact.EQUIVALENT}
        impacts = [Impact.EQUIVALENT if alike else Impact.UNDECIDED]
    times = [each.impact for each in compared if each.measure == TIME and each.impact]
    is_open = of_metrics.isdisjoint(DECIDED) and any(map(_is_open, cases))
    return Impacted((*impacts, *times), compared, is_open)


def _is_open(case: Case) -> bool:
    """Return whether more runs may show a difference, or how large one is that was shown."""
    impact, margin = case.compared.impact, case.compared.margin
    asks = impact is Impact.UNDECIDED or (impact in DIRECTIONS and margin is not None)
    return asks and not case.is_hopeless
