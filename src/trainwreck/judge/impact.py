"""The impacts of propagated mutants on the reported values and on the time, by all their runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trainwreck.judge.comparison import (
    Case,
    Decision,
    Levels,
    ignores_seed,
    metric_cases,
    time_cases,
)
from trainwreck.judge.grounds import DIRECTIONS, changed_grounds, metric_grounds, time_grounds
from trainwreck.model import TIME, Better, Compared, Ground, Impact, Measurement, Metric, Sample
from trainwreck.stats.families import benjamini_hochberg

QUESTIONS = ("p", "beyond", "within")
"""The p values of a case: of a difference, of one beyond the margin, of one within it."""

DECIDED = (Impact.INVALID, Impact.DEGRADED, Impact.IMPROVED)


@dataclass(frozen=True, slots=True)
class Impacted:
    """The impacts of one mutant, with the comparisons behind them.

    ``chance`` is that of further runs to change them, 0 where none are worth their cost.
    """

    impact: tuple[Impact, ...]
    compared: tuple[Compared, ...]
    chance: float = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether further runs may well change the impacts."""
        return self.chance > 0


def impacts_of(
    runs: Mapping[str, Sample],
    clean: Sequence[Measurement],
    metrics: Sequence[Metric],
    decision: Decision,
) -> dict[str, Impacted]:
    """Return the impacts of every mutant, from its normal runs.

    All tests of one question are one family, over all mutants and metrics. The questions: is there
    a difference, is it larger than the margin, is it smaller? Tests of the time are families of
    their own.

    Args:
        runs: normal runs of each propagated mutant, by its id.
        clean: clean runs, at most one for each draw.
        metrics: metrics to compare, with range and margin.
        decision: level and planned analyses.

    Returns:
        The impacts by the id of the mutant, in the order of ``runs``.

    """
    return impacts_by_kind([(runs, clean)], metrics, decision)


def impacts_by_kind(
    kinds: Iterable[tuple[Mapping[str, Sample], Sequence[Measurement]]],
    metrics: Sequence[Metric],
    decision: Decision,
) -> dict[str, Impacted]:
    """Return the impacts of mutants on several kinds of machine, each with its clean runs.

    Runs are compared within their kind; the tests of all kinds are corrected together.
    """
    tested: list[Case] = []
    times: list[Case] = []
    untested: list[Case] = []
    by_mutant: dict[str, list[Case]] = {}
    for runs, clean in kinds:
        cases = [case for metric in metrics for case in metric_cases(runs, clean, metric, decision)]
        by_mutant |= {mutant: [] for mutant in runs}
        if ignores_seed(clean):
            untested += cases
        else:
            tested += cases
            times += time_cases(runs, clean, decision)
    _correct(tested)
    _correct(times)
    _set_levels(tested, decision)
    for case in (*tested, *untested, *times):
        by_mutant[case.mutant].append(case)
    copies = {case.mutant for case in untested}
    return {
        mutant: _together([_decided(case, decision, mutant not in copies) for case in members])
        for mutant, members in by_mutant.items()
    }


def _correct(cases: Sequence[Case]) -> None:
    """Correct each p over all of the same question (Benjamini and Hochberg, 1995)."""
    for question in QUESTIONS:
        corrected = benjamini_hochberg([getattr(case, question) for case in cases])
        for case, p in zip(cases, corrected, strict=True):
            setattr(case, question, p)


def _set_levels(cases: Sequence[Case], decision: Decision) -> None:
    """Keep in each case at which levels it can still be decided, given all others.

    Of m tests, Benjamini and Hochberg's procedure rejects one at level alpha k/m where it rejects
    k in all. At most those are rejected that are now, and those that are not hopeless. Each case
    that is given up leaves less to the others, so this repeats until none follows.
    """
    before: list[bool] = []
    while before != (hopeless := [case.is_hopeless(decision) for case in cases]):
        before = hopeless
        levels = Levels(*(_level(cases, hopeless, question, decision) for question in QUESTIONS))
        for case in cases:
            case.levels = levels


def _level(
    cases: Sequence[Case], hopeless: Sequence[bool], question: str, decision: Decision
) -> float:
    ps = [getattr(case, question) for case in cases]
    tested = sum(p is not None for p in ps)
    possible = sum(
        p is not None and (p <= decision.alpha or not given_up)
        for p, given_up in zip(ps, hopeless, strict=True)
    )
    share: float = max(possible, 1) / max(tested, 1)
    return decision.alpha * share


@dataclass(frozen=True, slots=True)
class _Decided:
    """A comparison with its impact, and the chance that further runs change that; 0 if closed."""

    compared: Compared
    chance: float


def _decided(case: Case, decision: Decision, is_tested: bool) -> _Decided:
    """Decide one case; runs of a program that ignores the seed are copies, and not tested."""
    impact: Impact | None
    grounds: tuple[Ground, ...]
    if case.illegal:
        impact, grounds = Impact.INVALID, (Ground.IMPOSSIBLE_VALUE,)
    elif not is_tested:
        case.p = case.beyond = case.within = None
        impact, grounds = Impact.CHANGED, changed_grounds(case)
    elif case.metric is None:
        impact, grounds = _time_impact(case, decision), time_grounds(case, decision)
    else:
        impact = _metric_impact(case, case.metric, decision)
        grounds = metric_grounds(case, impact, decision)
    return _Decided(case.compared(decision, impact, grounds), _chance(case, impact, decision))


def _chance(case: Case, impact: Impact | None, decision: Decision) -> float:
    """Return the chance that more runs show a difference, or how large one is that was shown."""
    asks = impact is Impact.UNDECIDED or (impact in DIRECTIONS and case.margin is not None)
    if not asks or case.is_hopeless(decision):
        return 0.0
    return case.chance(decision)


def _metric_impact(case: Case, metric: Metric, decision: Decision) -> Impact:
    return impact_shown(
        p=case.p,
        beyond=case.beyond,
        within=0.0 if case.all_equal else case.within,
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
    if case.p is None or case.p > decision.alpha or abs(case.ratio - 1) <= decision.time_margin:
        return None
    return Impact.SLOWER if case.ratio > 1 else Impact.FASTER


def _together(decided: Sequence[_Decided]) -> Impacted:
    """Return the impacts of all measures; equivalent only where every metric is."""
    compared = tuple(item.compared for item in decided)
    of_metrics = {item.impact for item in compared if item.measure != TIME}
    impacts = [i for i in (*DECIDED, *DIRECTIONS, Impact.CHANGED) if i in of_metrics]
    if not impacts:
        alike = of_metrics == {Impact.EQUIVALENT}
        impacts = [Impact.EQUIVALENT if alike else Impact.UNDECIDED]
    times = [item.impact for item in compared if item.measure == TIME and item.impact]
    is_asked = of_metrics.isdisjoint(DECIDED)
    chance = max((item.chance for item in decided), default=0.0) if is_asked else 0.0
    return Impacted((*impacts, *times), compared, chance)
