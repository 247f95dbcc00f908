"""The doctor: checks that a subject can be studied, by runs with known outcomes."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.causes import OBSERVATION, causes_of
from trainwreck.campaign.checks import (
    BareRun,
    Check,
    ContainmentFacts,
    PlantedRun,
    Question,
    ReachedFacts,
    ReportedMetrics,
    SeedFacts,
    TakenProcesses,
    WatchedRuns,
)
from trainwreck.campaign.devices import slot_beside
from trainwreck.campaign.early_decisions import gather_facts
from trainwreck.campaign.other_files import other_files
from trainwreck.campaign.outside import reached, written_outside
from trainwreck.campaign.plan import make_plan
from trainwreck.campaign.planned_mutants import PlannedMutants
from trainwreck.campaign.session import Session
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import (
    FIRST,
    VALUES_ALONE,
    Comparing,
    Edit,
    Level,
    Mutant,
    Obstacle,
    Outcome,
    Repeatability,
    Rule,
    SeedUse,
    Span,
    Symptom,
    Trial,
    TrialKind,
    chosen_process,
    difference_of,
    values_that_count,
)
from trainwreck.model.credentials import credentials_in
from trainwreck.report.costs import doctor_cost
from trainwreck.results.baseline import Baseline
from trainwreck.results.found_metrics import read_found
from trainwreck.results.outlook import PROBED_RULES, comparison_outlook, rule_outlooks
from trainwreck.run.context import RunContext
from trainwreck.run.copying import size_of
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.launcher import TrialRequest, run_trial
from trainwreck.run.means import strict_means
from trainwreck.run.scratch import copied_paths
from trainwreck.source import SourceText, decode

DOCTOR_SLOT = 2000
CANDIDATES = 3
BARE_RUNS = 4
"""The most runs without the agent that must agree before it is said to change the result."""

CALL_FOR_CARE = frozenset([Obstacle.ONE_CLEAN_RUN, Obstacle.PROBED_RUN_DIFFERS])
"""Obstacles to a rule that a user can remove, or that show that probes disturb the program.

Others lie in what the program is, and need no cure; clean runs that never repeat have failed.
"""

CERTAIN_CRASH = "(1).a_certain_crash"


def check_subject(session: Session) -> Iterator[Check]:
    """Yield the checks, in the order in which they depend on one another.

    Raises CleanProgramError where the clean program does not work, which is the first question.
    """
    baseline = run_baseline(session)
    _announce(session)
    yield Check(
        Question.CLEAN_WORKS, True, ReportedMetrics(baseline.noise, read_found(session.evidence))
    )
    yield from _process(session)
    yield _contained(session)
    yield from _outside(session)
    yield _determinism(session)
    if len(session.evidence.clean[FIRST].determinism.digests) > 1:
        yield _causes(session)
    yield _compared(session)
    yield from _files_compared(session)
    if baseline.depends_on_watching:
        yield _measured(baseline)
    yield from _seed_use(session)
    yield _without_agent(session)
    make_plan(session)
    roots = dict.fromkeys(planned.mutant.root for planned in session.file.mutants())
    for root in roots:
        yield _certain_crash(session, root)
        yield _no_op(session, root)
    yield from _rules(session)
    yield from _impacts(session)


def _announce(session: Session) -> None:
    """Say what the doctor's own runs will cost: without the agent, with probes, with edits."""
    runs = 2 + 2 * len(session.subject.settings.subject.targets)
    session.progress.say(doctor_cost(runs, session.slowest_clean()))


def _contained(session: Session) -> Check:
    """Say what contains the runs, and warn where that leaves files of the user open."""
    context = session.subject.context
    policy = context.policy
    copies = () if policy.has_links else copied_paths(context.folder, context.campaign)
    facts = ContainmentFacts(
        policy.held,
        "" if policy.level is Level.STRICT else strict_means()[1],
        tuple(credentials_in(os.environ, policy.credentials)),
        sum(map(size_of, copies)),
        tuple(name for name in policy.credentials if name not in os.environ),
    )
    is_open = policy.level is not Level.STRICT
    is_noted = bool(facts.withheld or facts.absent)
    return Check(Question.CONTAINED, True, facts, warning=is_open, note=is_noted)


def _outside(session: Session) -> Iterator[Check]:
    """Note what the clean program writes outside of its folder, and what it reaches."""
    facts = written_outside(session.subject.context, session.file)
    if facts.written:
        yield Check(Question.WRITES_OUTSIDE, True, facts, warning=facts.shared, note=True)
    online = reached(session.file)
    if online.hosts or online.services:
        others = ReachedFacts(online.hosts, online.services)
        yield Check(Question.REACHES_NOTHING, True, others, bool(online.services), note=True)


def _files_compared(session: Session) -> Iterator[Check]:
    """Note the files of clean runs that no verdict compares."""
    facts = other_files(session.file)
    if facts.steady or facts.changing:
        yield Check(Question.FILES_COMPARED, True, facts, note=True)


def _process(session: Session) -> Iterator[Check]:
    """Say which process is the program's, where it is not simply the first one."""
    outcomes = session.file.outcomes(TrialKind.CLEAN, draw=FIRST)
    taken = [chosen_process(outcome.observations) for _, _, outcome in outcomes]
    different = {process.work if process else None: process for process in taken}
    if any(different):
        facts = TakenProcesses(tuple(different.values()))
        yield Check(Question.PROCESS_CHOSEN, True, facts, warning=len(different) > 1)


def _determinism(session: Session) -> Check:
    check = session.evidence.clean[FIRST].determinism
    facts = Repeatability(check.seed, check.endings, check.watched, check.agreeing)
    return Check(Question.CLEAN_REPEATS, check.repeats, facts)


def _causes(session: Session) -> Check:
    """Warn of what may be the reason why runs with one seed differ, seen in two more runs."""
    context, instructions = session.subject.context, Instructions(sources=True)
    observed = [
        _run(session, None, context, instructions).observations.get(OBSERVATION, {})
        for _ in range(2)
    ]
    return Check(Question.CAUSES_SHOWN, True, causes_of(*observed), warning=True)


def _compared(session: Session) -> Check:
    """Say what is compared with clean runs; warn where that is little or cannot repeat."""
    covers = session.evidence.clean[FIRST].covers
    warning = covers.parts == VALUES_ALONE or bool(covers.unsteady)
    return Check(Question.COMPARED, True, covers, warning=warning)


def _measured(baseline: Baseline) -> Check:
    """Warn that runs under coverage.py report something else, though clean runs agree."""
    agreeing = baseline.measured - baseline.differing
    facts = WatchedRuns(baseline.measured, agreeing)
    return Check(Question.WATCHED_AGREE, True, facts, warning=True)


def _seed_use(session: Session) -> Iterator[Check]:
    """Note whether the program uses the seed; there is nothing to ask where it never repeats."""
    outlook = comparison_outlook(session.evidence)
    if outlook is None or outlook.comparing is Comparing.NEVER_REPEATS:
        return
    is_handed = session.subject.settings.subject.takes_seed
    facts = SeedFacts(outlook.seed_use, outlook.seeds, is_handed)
    is_ignored = outlook.seed_use is SeedUse.IGNORED
    yield Check(
        Question.SEED_USED,
        True,
        facts,
        warning=is_ignored and is_handed,
        note=outlook.seed_use is not SeedUse.USED,
    )


def _without_agent(session: Session) -> Check:
    """Check that the program reports the same values with and without the agent.

    Where it does not, it runs again without the agent: a program that then reports something else
    each time seeds nothing itself, and only the agent makes it repeat.
    """
    context = replace(session.subject.context, agent=False)
    clean = session.evidence.clean[FIRST]
    results = [replace(result, parameters=None) for result in clean.results]
    repeats = clean.determinism.repeats
    first = _run(session, None, context)
    is_clean = first.result in results
    is_normal = symptom_of(first, session.evidence.metric_names) is Symptom.NORMAL
    different = {first.digest}
    runs = 1
    while repeats and is_normal and not is_clean and len(different) == 1 and runs < BARE_RUNS:
        different.add(_run(session, None, context).digest)
        runs += 1
    facts = BareRun(
        is_clean,
        repeats,
        values_that_count(first.steps, session.evidence.metrics),
        first.exit,
        difference_of(first.result, results).files,
        runs,
        len(different),
    )
    # Where clean runs never repeat, a difference says nothing about the agent.
    is_unknown = not (is_clean or repeats)
    passed = is_clean or is_unknown or facts.needs_agent
    return Check(Question.AGENT_NEUTRAL, passed, facts, note=facts.needs_agent or is_unknown)


def _rules(session: Session) -> Iterator[Check]:
    """Say of each early rule whether it can decide here, after one clean run with probes."""
    rules = session.subject.settings.trials.rules
    if session.evidence.clean[FIRST].determinism.repeats and not PROBED_RULES.isdisjoint(rules):
        gather_facts(session, PlannedMutants(session.file, None), [Rule.PROBE])
    for outlook in rule_outlooks(session.evidence):
        calls_for_care = not CALL_FOR_CARE.isdisjoint(outlook.obstacles)
        yield Check(
            Question.RULE_DECIDES,
            True,
            outlook,
            warning=calls_for_care,
            root=outlook.rule,
            note=not outlook.can_decide or bool(outlook.doubts),
        )


def _impacts(session: Session) -> Iterator[Check]:
    """Say whether the impacts of propagated mutants can be decided."""
    outlook = comparison_outlook(session.evidence)
    if outlook is not None:
        is_off = outlook.comparing in (Comparing.TOO_FEW, Comparing.NEVER_REPEATS)
        note = outlook.comparing is not Comparing.POSSIBLE
        yield Check(Question.IMPACTS_DECIDED, True, outlook, warning=is_off, note=note)


def _certain_crash(session: Session, root: str) -> Check:
    """Check with an attribute that no number has, where a mutant would be.

    A program may catch the exception: where it then ends in another result, the edit was there.
    """
    facts: PlantedRun | None = None
    metrics = session.evidence.metric_names
    determinism = session.evidence.clean[FIRST].determinism
    is_swallowed = False
    for mutant in _candidates(session, root, lambda _: CERTAIN_CRASH):
        outcome = _run(session, mutant)
        is_clean = outcome.digest in determinism.digests or not determinism.repeats
        if symptom_of(outcome, metrics) is Symptom.CRASH and outcome.error:
            facts = _planted(mutant, outcome, is_clean=False)
            return Check(Question.CRASH_CAUGHT, True, facts, root=root)
        if not is_swallowed:
            facts = _planted(mutant, outcome, is_clean)
            is_swallowed = bool(outcome.hits) and outcome.exit.fine and not is_clean
    return Check(Question.CRASH_CAUGHT, is_swallowed, facts, root=root, note=is_swallowed)


def _no_op(session: Session, root: str) -> Check:
    """Check with brackets around an expression, which change nothing."""
    facts: PlantedRun | None = None
    determinism = session.evidence.clean[FIRST].determinism
    for mutant in _candidates(session, root, lambda text: f"({text})"):
        outcome = _run(session, mutant)
        is_clean = outcome.digest in determinism.digests
        passed = is_clean or not determinism.repeats
        facts = _planted(mutant, outcome, is_clean)
        if outcome.hits or not passed:
            return Check(Question.EDIT_NEUTRAL, passed, facts, root=root, note=not is_clean)
    return Check(Question.EDIT_NEUTRAL, False, facts, root=root)


def _planted(mutant: Mutant, outcome: Outcome, is_clean: bool) -> PlantedRun:
    error = outcome.error.type if outcome.error else ""
    return PlantedRun(mutant.file, mutant.lines[0], outcome.hits, outcome.exit, error, is_clean)


def _candidates(session: Session, root: str, change: Callable[[str], str]) -> Iterator[Mutant]:
    """Yield the first planned mutants of a root, each with ``change`` in place of its own edit."""
    places = (
        planned.mutant
        for planned in session.file.mutants()
        if planned.mutant.root == root and planned.mutant.evaluated is not None
    )
    for mutant in islice(places, CANDIDATES):
        source = decode(session.subject.path_of(mutant).read_bytes())
        yield _changed(mutant, source, change)


def _changed(mutant: Mutant, source: SourceText, change: Callable[[str], str]) -> Mutant:
    assert mutant.evaluated is not None
    start, end = mutant.evaluated
    original = source.text[start:end]
    line, column = mutant.span.line, mutant.span.column
    span = Span(start, end, line, column, line, column)
    return replace(mutant, edits=(Edit(span, original, change(original)),))


def _run(
    session: Session,
    mutant: Mutant | None,
    context: RunContext | None = None,
    instructions: Instructions = NO_INSTRUCTIONS,
) -> Outcome:
    """Run a trial that is not stored, in a slot that no campaign uses."""
    context = context or session.subject.context
    kind = TrialKind.MUTANT if mutant else TrialKind.CONTROL
    trial = Trial(session.id, kind, FIRST.seed, mutant=mutant)
    slot = slot_beside(DOCTOR_SLOT, context)
    request = TrialRequest(trial, session.limits(), instructions)
    return run_trial(request, context, slot).outcome
