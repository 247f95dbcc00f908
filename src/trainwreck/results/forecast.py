"""The forecast of a campaign: processor time and time that what is left will take."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from trainwreck.model import (
    Comparing,
    ComparisonOutlook,
    Expected,
    Forecast,
    Judged,
    Mutant,
    MutantCost,
    Rule,
    RuleOutlook,
    Rung,
    Stratum,
    TrialKind,
)
from trainwreck.model.trials import CONTROL_EVERY
from trainwreck.model.usual_shares import NEEDS_NO_RUN, PROPAGATES
from trainwreck.results.evidence import Evidence
from trainwreck.stats.totals import Group, Seeds, predict

JOBS = "jobs"
"""Key for the number of trials at a time in the last run."""

FURTHER = "further_runs"
"""Key for the last analysis that further runs were made for, and the mutants that it is about."""

WITHOUT_RUN = (Rule.PROBE, Rule.UNUSED_DEFAULT)
PROBED_RUN = 1.2
"""The cost of a run with probes, in clean runs."""


@dataclass
class Seen:
    """The mutants with a verdict, on which a forecast rests."""

    strata: dict[str, Stratum] = field(default_factory=dict)
    propagated: set[str] = field(default_factory=set)

    def add(self, item: Judged) -> None:
        """Take one more verdict, by the run with the first seed."""
        self.strata[item.mutant.id] = item.mutant.stratum
        if item.verdict.rung is Rung.PROPAGATED:
            self.propagated.add(item.mutant.id)


@dataclass(frozen=True, slots=True)
class Clean:
    """The mean processor seconds of a clean run, and the time of a run for each such second."""

    cpu: float
    pace: float


def forecast(
    evidence: Evidence,
    seen: Seen,
    left: Iterable[Mutant],
    rules: Collection[RuleOutlook],
    comparison: ComparisonOutlook | None,
    jobs: int | None = None,
) -> Forecast | None:
    """Return what is left of a campaign; None before its first clean run.

    Args:
        evidence: The facts of the campaign.
        seen: The mutants with a verdict.
        left: The mutants without one that are to run.
        rules: What keeps each rule from deciding.
        comparison: Whether comparisons can decide, so that further seeds run.
        jobs: Number of trials at a time, by default that of the last run.

    """
    if comparison is None:
        return None
    costs = evidence.costs
    groups = _groups(evidence, seen, left, rules, costs)
    clean = _clean(evidence)
    seeds = _seeds(evidence, seen, comparison, costs)
    total = predict(list(groups.values()), seeds, clean.cpu, 1 / CONTROL_EVERY)
    probed = PROBED_RUN * clean.cpu * any(group.unknown for group in groups.values())
    jobs = jobs or evidence.file.meta(JOBS) or 1
    cpu = Expected(total.expected + probed, total.low + probed, total.high + probed)
    per_second = clean.pace / jobs
    left_over = sum(group.left + group.unknown for group in groups.values())
    return Forecast(
        mutants=left_over,
        jobs=jobs,
        cpu=cpu,
        wall=Expected(cpu.seconds * per_second, cpu.low * per_second, cpu.high * per_second),
        further=total.further / cpu.seconds if cpu.seconds else 0.0,
        clean=seeds.clean,
        most=_most(seeds, left_over),
    )


def _most(seeds: Seeds, left: int) -> int:
    """Return the largest number of further runs: that where each mutant left changes the result."""
    mutants = (left + seeds.waiting) * sum(seeds.gaps) + seeds.going * sum(seeds.later)
    return seeds.clean + seeds.running + mutants


def _clean(evidence: Evidence) -> Clean:
    runs = [
        outcome for kind, _, outcome in evidence.file.clean_outcomes() if kind is TrialKind.CLEAN
    ]
    cpu = sum(run.cpu_seconds for run in runs)
    time = sum(run.seconds + run.overhead for run in runs)
    return Clean(cpu / len(runs), time / cpu if cpu else 1.0)


def _groups(
    evidence: Evidence,
    seen: Seen,
    left: Iterable[Mutant],
    rules: Collection[RuleOutlook],
    costs: Mapping[str, MutantCost],
) -> dict[Stratum, Group]:
    """Return the mutants by kind of code, with what first runs have cost so far."""
    ran: dict[Stratum, list[float]] = {}
    free: Counter[Stratum] = Counter()
    for mutant, stratum in seen.strata.items():
        if mutant in costs:
            ran.setdefault(stratum, []).append(costs[mutant].first)
        else:
            free[stratum] += 1
    propagated = Counter(seen.strata[mutant] for mutant in seen.propagated)
    needed, unknown = _left(evidence, left, rules)
    return {
        stratum: Group(
            costs=ran.get(stratum, ()),
            propagated=propagated[stratum],
            free=free[stratum],
            left=needed[stratum],
            unknown=unknown[stratum],
            chance=PROPAGATES[stratum],
            free_chance=NEEDS_NO_RUN[stratum],
        )
        for stratum in Stratum
    }


def _left(
    evidence: Evidence, left: Iterable[Mutant], rules: Collection[RuleOutlook]
) -> tuple[Counter[Stratum], Counter[Stratum]]:
    """Count the mutants that need a run, and those that rules may still decide without one."""
    able = {outlook.rule for outlook in rules if outlook.can_decide is not False}
    may_be_free = not able.isdisjoint(WITHOUT_RUN)
    probes, compared = evidence.probes, evidence.file.same_code()
    needed: Counter[Stratum] = Counter()
    unknown: Counter[Stratum] = Counter()
    for mutant in left:
        is_known = mutant.id in probes or mutant.id in compared
        (unknown if may_be_free and not is_known else needed)[mutant.stratum] += 1
    return needed, unknown


def _seeds(
    evidence: Evidence,
    seen: Seen,
    comparison: ComparisonOutlook,
    costs: Mapping[str, MutantCost],
) -> Seeds:
    """Return the further runs that are planned, and those that only mutants to come bring."""
    if comparison.comparing is not Comparing.POSSIBLE:
        return Seeds()
    points = evidence.decision.analysis_points
    folds = len({run.draw.fold for run in evidence.clean_sample})
    state = evidence.file.meta(FURTHER) or {"runs": 1, "open": [], "closed": []}
    asked, members = state["runs"], state["open"]
    known = {*members, *state["closed"]}
    known |= {mutant for mutant, cost in costs.items() if cost.draws > 1}
    draws = {mutant: costs[mutant].draws for mutant in members if mutant in costs}
    return Seeds(
        gaps=_gaps((1, *points)),
        waiting=len(seen.propagated - known),
        running=sum(max(0, asked - number) for number in draws.values()),
        going=len(members),
        later=_gaps((asked, *(point for point in points if point > asked))),
        clean=comparison.missing * folds,
    )


def _gaps(points: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(after - before for before, after in pairwise(points))
