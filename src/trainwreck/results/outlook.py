"""The outlook of a campaign, from its facts: rules that can decide, and comparisons."""

from collections import Counter
from collections.abc import Collection, Iterator

from trainwreck.judge.baseline_evidence import CleanRuns
from trainwreck.judge.seed_use import seed_use
from trainwreck.model import (
    FIRST,
    RULES_IN_USE,
    Comparing,
    ComparisonOutlook,
    Obstacle,
    Part,
    Probe,
    ProbeKind,
    Rule,
    RuleOutlook,
    SeedUse,
    TrialKind,
)
from trainwreck.results.evidence import Evidence

CLEAN_SEEDS = "clean_seeds"
"""Key for the number of seeds that the settings want of the clean program."""

RULES = "rules"
"""Key for the rules that may decide early: those of the last run, before it of the settings."""

EXACT = "exact"
"""Key for whether the last run used proven rules only."""

PROBED_RULES = frozenset(RULES_IN_USE) - {Rule.SAME_CODE}
"""The rules that use a clean run with probes."""

RESTING_ON_PROBES = PROBED_RULES - {Rule.STUCK}
"""Those that decide nothing without it; ``stuck`` finds only more with its numbers."""


def rule_outlooks(evidence: Evidence) -> tuple[RuleOutlook, ...]:
    """Return for each rule what keeps it from deciding; nothing before the first clean run."""
    clean = evidence.clean.get(FIRST)
    if clean is None:
        return ()
    chosen = evidence.file.meta(RULES)
    rules = RULES_IN_USE if chosen is None else tuple(Rule(name) for name in chosen)
    is_exact = bool(evidence.file.meta(EXACT))
    return tuple(_outlook(evidence, clean, rule, rules, is_exact) for rule in RULES_IN_USE)


def _outlook(
    evidence: Evidence, clean: CleanRuns, rule: Rule, chosen: Collection[Rule], is_exact: bool
) -> RuleOutlook:
    ends = len(clean.determinism.digests)
    records = _records_of(evidence, rule)
    obstacles = [
        *([] if rule in chosen else [Obstacle.NOT_CHOSEN]),
        *(_of_exact(rule, ends) if is_exact else ()),
    ]
    if rule in RESTING_ON_PROBES:
        obstacles += _of_clean_runs(clean)
        obstacles += _of_probes(evidence, clean, records)
    if len(obstacles) > 1 and Obstacle.NOT_PROBED in obstacles:
        obstacles.remove(Obstacle.NOT_PROBED)
    doubts = Counter(probe.doubt for probe in records if probe.doubt)
    limits = tuple(_of_reports(evidence, clean)) if rule is Rule.TOGETHER else ()
    return RuleOutlook(
        rule,
        tuple(obstacles),
        rule.proven_where(ends),
        len(records),
        tuple(doubts.most_common()),
        limits,
    )


def _records_of(evidence: Evidence, rule: Rule) -> list[Probe]:
    """Return the records of probes that a rule rests on."""
    probes = evidence.probes.values()
    match rule:
        case Rule.PROBE | Rule.SAME_CALL:
            return [probe for probe in probes if probe.kind is not ProbeKind.DEFAULT]
        case Rule.UNUSED_DEFAULT:
            return [probe for probe in probes if probe.kind is ProbeKind.DEFAULT]
        case Rule.UNREAD | Rule.TOGETHER:
            return list(probes)
    return []


def _of_exact(rule: Rule, ends: int) -> Iterator[Obstacle]:
    if not rule.proven:
        yield Obstacle.EXACT
    elif not rule.proven_where(ends):
        yield Obstacle.SEVERAL_RESULTS


def _of_clean_runs(clean: CleanRuns) -> Iterator[Obstacle]:
    if clean.determinism.runs < 2:
        yield Obstacle.ONE_CLEAN_RUN
    elif not clean.determinism.repeats:
        yield Obstacle.NEVER_REPEATS


def _of_reports(evidence: Evidence, clean: CleanRuns) -> Iterator[Obstacle]:
    """Yield what keeps a run from being ended at its first report."""
    if clean.reports < 2:
        yield Obstacle.ONE_REPORT if clean.reports else Obstacle.NO_REPORT
    elif Part.FILES in clean.covers.parts or clean.covers.state:
        yield Obstacle.FILES_OR_STATES
    elif not clean.checkpoints:
        outcomes = evidence.file.outcomes(TrialKind.CLEAN, draw=FIRST)
        taken = any(outcome.checkpoint for _, _, outcome in outcomes)
        yield Obstacle.STATES_DIFFER if taken else Obstacle.NO_STATE


def _of_probes(
    evidence: Evidence, clean: CleanRuns, records: Collection[Probe]
) -> Iterator[Obstacle]:
    if not evidence.probes:
        yield Obstacle.NOT_PROBED
        return
    counting = [probe for probe in records if not probe.doubt]
    if records and not counting:
        yield Obstacle.NO_RECORD_COUNTS
    digests = clean.determinism.digests
    if counting and digests.isdisjoint(map(evidence.probe_digest, counting)):
        yield Obstacle.PROBED_RUN_DIFFERS


def comparison_outlook(evidence: Evidence) -> ComparisonOutlook | None:
    """Return whether comparisons can decide; None before the first clean run."""
    clean = evidence.clean.get(FIRST)
    if clean is None:
        return None
    sample = evidence.clean_sample
    seeds = len({run.draw.seed for run in sample})
    folds = len({run.draw.fold for run in sample})
    planned = max(seeds, evidence.file.meta(CLEAN_SEEDS) or 0)
    use = seed_use(sample, clean.determinism)
    points = evidence.decision.analysis_points
    return ComparisonOutlook(
        _comparing(evidence, clean, use, planned * folds),
        use,
        seeds,
        planned,
        points[-1] if points else 1,
    )


def _comparing(evidence: Evidence, clean: CleanRuns, use: SeedUse, planned: int) -> Comparing:
    if use is SeedUse.IGNORED:
        return Comparing.SEED_IGNORED
    if clean.determinism.runs > 1 and not clean.determinism.repeats:
        return Comparing.NEVER_REPEATS
    if not evidence.decision.analysis_points:
        return Comparing.NOT_WANTED
    can_decide = evidence.decision.worthwhile(planned, evidence.metrics)
    return Comparing.POSSIBLE if can_decide else Comparing.TOO_FEW
