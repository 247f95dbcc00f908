"""The doctor: whether a subject can be studied, shown by runs whose result is known beforehand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.plan import make_plan
from trainwreck.campaign.session import Session
from trainwreck.judge.verdicts import symptom_of
from trainwreck.model import FIRST, Edit, Mutant, Outcome, Span, Symptom, Trial, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.results.baseline import Baseline
from trainwreck.run.context import RunContext
from trainwreck.run.launcher import TrialRequest, run_trial
from trainwreck.source import SourceText, decode

DOCTOR_SLOT = 2000
CANDIDATES = 3
CERTAIN_CRASH = "(1).a_certain_crash"


@dataclass(frozen=True, slots=True)
class Check:
    """One question, whether its answer is as it must be, and what was seen.

    ``warning`` marks an answer that leaves the subject usable and calls for care.
    """

    question: str
    passed: bool
    seen: str
    warning: bool = False


def check_subject(session: Session) -> Iterator[Check]:
    """Yield the checks, in the order in which they depend on one another.

    Raises CleanProgramError where the clean program does not work, which is the first question.
    """
    baseline = run_baseline(session)
    noise = ", ".join(f"{n.metric} {n.mean:.4g} ± {n.deviation:.2g}" for n in baseline.noise)
    yield Check("the clean program works, and its metrics are found", True, noise)
    yield _determinism(session)
    if baseline.depends_on_watching:
        yield _measured(baseline)
    yield _without_agent(session)
    make_plan(session)
    roots = dict.fromkeys(planned.mutant.root for planned in session.file.mutants())
    for root in roots:
        yield _certain_crash(session, root)
        yield _no_op(session, root)


def _determinism(session: Session) -> Check:
    determinism = session.evidence.clean[FIRST].determinism
    seen = f"{determinism.summary} with seed {determinism.seed}; {determinism.outlook}"
    return Check("clean runs with the same seed repeat", determinism.repeats, seen)


def _measured(baseline: Baseline) -> Check:
    """Warn that runs under coverage.py report something else, though clean runs agree."""
    agreeing = baseline.measured - baseline.differing
    return Check(
        "runs under coverage.py report the values of clean runs",
        True,
        f"{agreeing} of {baseline.measured} do, although clean runs agree: the program may depend "
        "on time or on tracing",
        warning=True,
    )


def _without_agent(session: Session) -> Check:
    """What is printed must be the same whether the guest is there or not."""
    question = "the agent does not change the result"
    outcome = _run(session, None, replace(session.subject.context, agent=False))
    clean = session.evidence.clean[FIRST]
    if any(outcome.steps == dict(steps) for steps in clean.steps):
        return Check(question, True, "every metric at every step is that of a clean run with it")
    values = ", ".join(f"{name} {value:g}" for name, value in outcome.metrics.items())
    seen = f"without it: {values or outcome.exit.ending}; not among the clean runs with it"
    if not clean.determinism.repeats:
        return Check(question, True, "cannot be told, as clean runs never repeat")
    return Check(question, False, f"{seen} (a program that does not seed itself is seeded by it)")


def _certain_crash(session: Session, root: str) -> Check:
    """An attribute that no number has, where a mutant would be."""
    question = f"a certain crash in {root} is caught"
    seen = "no expression on an executed line could be changed"
    metrics = session.evidence.metric_names
    for mutant in _candidates(session, root, lambda _: CERTAIN_CRASH):
        outcome = _run(session, mutant)
        if symptom_of(outcome, metrics) is Symptom.CRASH and outcome.error:
            return Check(question, True, f"{outcome.error.type} at {mutant.file}:{mutant.lines[0]}")
        seen = (
            f"{mutant.file}:{mutant.lines[0]} ended as {outcome.exit.ending}, hits {outcome.hits}"
        )
    return Check(question, False, seen)


def _no_op(session: Session, root: str) -> Check:
    """Brackets around an expression, which change nothing."""
    question = f"an edit in {root} that changes nothing leaves a clean digest"
    determinism = session.evidence.clean[FIRST].determinism
    seen = "no expression on an executed line could be changed"
    for mutant in _candidates(session, root, lambda text: f"({text})"):
        outcome = _run(session, mutant)
        known = outcome.digest in determinism.digests or not determinism.repeats
        seen = f"hits {outcome.hits} at {mutant.file}:{mutant.lines[0]}, digest {outcome.digest}"
        if outcome.hits or not known:
            return Check(question, known, seen)
    return Check(question, False, seen)


def _candidates(session: Session, root: str, change: Callable[[str], str]) -> Iterator[Mutant]:
    """The first planned places of a root, with another change there."""
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


def _run(session: Session, mutant: Mutant | None, context: RunContext | None = None) -> Outcome:
    """Run a trial that is not stored, in a slot that no campaign uses."""
    context = context or session.subject.context
    kind = TrialKind.MUTANT if mutant else TrialKind.CONTROL
    trial = Trial(session.id, kind, FIRST.seed, mutant=mutant)
    slot = Slot(DOCTOR_SLOT, context.work / str(DOCTOR_SLOT))
    return run_trial(TrialRequest(trial, session.limits()), context, slot).outcome
