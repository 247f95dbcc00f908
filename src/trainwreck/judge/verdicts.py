"""The verdict of one mutant, with the evidence that it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass

from trainwreck.judge.baseline_evidence import CleanRuns, DeterminismCheck
from trainwreck.judge.crash_causes import cause_of, raised_of
from trainwreck.judge.divergence import distance_of, divergence_of, effort_of
from trainwreck.judge.early_rules import Facts, probe_counts, rule_without_run
from trainwreck.model import (
    RUN,
    CleanEvaluations,
    Context,
    Difference,
    DigestComparison,
    EndedBy,
    EndedEarly,
    Ending,
    EvidenceItem,
    Hits,
    MissingMetrics,
    Mutant,
    Outcome,
    Part,
    Probe,
    ProbeCounts,
    ProbeKind,
    Raised,
    Rule,
    Rung,
    SameCode,
    SameWhole,
    Second,
    SecondRun,
    Stuck,
    Symptom,
    Together,
    Unproven,
    Unread,
    Verdict,
    difference_of,
)
from trainwreck.model.chosen_process import chosen_process
from trainwreck.model.second_hand import is_echo, is_exit_code, is_of_peer

HANG_ENDINGS = frozenset([Ending.TIME, Ending.CPU, Ending.OUTPUT, Ending.STUCK])


def symptom_of(outcome: Outcome, metrics: Iterable[str]) -> Symptom | None:
    """Return normal, crash or hang, as the paper defines them (its section III-A).

    None where the run proves nothing: it is broken or lost.

    Normal is a run that ends by itself with output of the clean format, however absurd its
    values: every metric that clean runs report was reported. A run that a rule ended early is
    normal as well: it stood where a clean run had stood, and metrics may be printed later.
    """
    if not outcome.exit.proves:
        return None
    if outcome.exit.ending in HANG_ENDINGS:
        return Symptom.HANG
    if outcome.settled:
        return Symptom.NORMAL
    if outcome.exit.fine and all(outcome.steps.get(name) for name in metrics):
        return Symptom.NORMAL
    return Symptom.CRASH


def may_be_chance(outcome: Outcome) -> bool:
    """Return whether no exception says why a run crashed, which alone connects it with a cause.

    Threads of PyTorch's Gloo, for example, abort one in a hundred healthy runs while Python ends
    (https://github.com/pytorch/pytorch/pull/179291). A launcher then raises what names the dead
    process, and other processes that their peer has gone.
    """
    ended_itself = outcome.exit.ending in (Ending.EXITED, Ending.SIGNAL)
    return ended_itself and not outcome.exit.fine and not _is_explained(outcome)


def _is_explained(outcome: Outcome) -> bool:
    error, chosen = outcome.error, chosen_process(outcome.observations)
    if error is None or is_echo([error.type, *(each.type for each in error.chain)]):
        return False
    if chosen is None:
        return True
    passed_on = is_exit_code(error.type, error.message)
    return not passed_on and not (chosen.ranks > 1 and is_of_peer(error.type, error.message))


def verdict_of(
    mutant: Mutant, facts: Facts, clean: CleanRuns, metrics: Iterable[str]
) -> Verdict | None:
    """Return the verdict of a mutant, or None where nothing decides it yet.

    A run to the end counts before any rule.

    Args:
        mutant: the mutant to be judged.
        facts: all that is known of it.
        clean: the clean runs with the seed and fold of its run.
        metrics: names of the metrics that a normal run reports.

    """
    outcome = facts.outcome
    if outcome is None:
        rule = rule_without_run(facts, clean, tuple(Rule))
        return _without_run(mutant, facts, clean, rule) if rule else None
    if not outcome.exit.proves:
        return _no_verdict(mutant, outcome)
    if outcome.settled == Rule.TOGETHER:
        # It stood clean at its first report; a joint run shows the rest.
        return _without_run(mutant, facts, clean, Rule.TOGETHER) if facts.joint else None
    if outcome.settled and outcome.exit.ending is not Ending.STUCK:
        return _ended_early(mutant, outcome, clean)
    return _by_run(mutant, facts, outcome, clean, tuple(metrics))


def _by_run(
    mutant: Mutant, facts: Facts, outcome: Outcome, clean: CleanRuns, metrics: tuple[str, ...]
) -> Verdict:
    match symptom_of(outcome, metrics):
        case Symptom.NORMAL:
            return _normal(mutant, facts, outcome, clean, metrics)
        case Symptom.CRASH:
            return _crash(mutant, facts, outcome, clean, metrics)
        case Symptom.HANG:
            return _hang(mutant, outcome)
        case None:
            return _no_verdict(mutant, outcome)


def _hang(mutant: Mutant, outcome: Outcome) -> Verdict:
    """Judge a run that was stopped at a limit, or before it because it was stuck."""
    stuck = Stuck.read(outcome.observations)
    shown = (stuck,) if stuck else ()
    evidence = (_hits(outcome), EndedBy(outcome.exit, outcome.phase), *shown)
    decided_by = Rule.STUCK if outcome.settled else RUN
    return Verdict(mutant.id, Symptom.HANG, Rung.HANG, evidence, decided_by=decided_by)


def _no_verdict(mutant: Mutant, outcome: Outcome) -> Verdict:
    """Say that nothing is known of a mutant whose run is broken or lost, and why."""
    ending = outcome.exit.ending
    evidence = (_hits(outcome), Unproven(ending, outcome.reason))
    return Verdict(mutant.id, None, None, evidence, ending=ending)


def _normal(
    mutant: Mutant, facts: Facts, outcome: Outcome, clean: CleanRuns, metrics: tuple[str, ...]
) -> Verdict:
    ending = _unseen_ending(facts, outcome, clean.determinism, metrics)
    rung = _rung(facts, outcome, clean, ending.second)
    return Verdict(
        mutant.id,
        Symptom.NORMAL,
        rung,
        _evidence(facts, outcome, clean, ending.second),
        divergence=divergence_of(outcome, clean) if rung is Rung.PROPAGATED else None,
        effort=effort_of(outcome, clean),
        second=ending.second,
        unseen=ending.unseen,
        parts=outcome.result.parts,
    )


@dataclass(frozen=True, slots=True)
class _UnseenEnding:
    """The result of a first run that no clean run has: see the same fields of a verdict."""

    second: Second | None = None
    unseen: tuple[str, ...] = ()


def _unseen_ending(
    facts: Facts, outcome: Outcome, determinism: DeterminismCheck, metrics: tuple[str, ...]
) -> _UnseenEnding:
    if not determinism.repeats or outcome.digest in determinism.digests:
        return _UnseenEnding()
    unseen, second = [outcome.digest], facts.second
    if second is not None and symptom_of(second, metrics) is Symptom.NORMAL:
        unseen += [second.digest] if second.digest != outcome.digest else []
    unseen = [digest for digest in unseen if digest not in determinism.digests]
    asked = _second_of(second, outcome, determinism, metrics) if outcome.hits else None
    return _UnseenEnding(asked, tuple(unseen))


def _second_of(
    second: Outcome | None, first: Outcome, determinism: DeterminismCheck, metrics: tuple[str, ...]
) -> Second | None:
    """Return how the second run ended; None where there is none, and one clean ending."""
    if second is None:
        return Second.MISSING if len(determinism.digests) > 1 else None
    if second.exit.proves and symptom_of(second, metrics) is not Symptom.NORMAL:
        return Second.FAILED
    if not second.exit.proves or not second.hits:
        # Like a first run without a hit, it proves nothing about the changed code.
        return Second.UNREACHED
    if second.digest in determinism.digests:
        return Second.CLEAN
    return Second.SAME if second.digest == first.digest else Second.OTHER


def _rung(facts: Facts, outcome: Outcome, clean: CleanRuns, second: Second | None) -> Rung | None:
    """Return how far a mutant got that finished; None where that cannot be concluded."""
    determinism = clean.determinism
    if outcome.hits is None:
        return None
    differs = determinism.repeats and outcome.digest not in determinism.digests
    if not outcome.hits:
        # A result that differs without a hit: code that ran uncounted, or chance. A clean run that
        # evaluates the code: this run took another way, for a reason that is not the bug.
        return None if differs or _clean_evaluations(facts) else Rung.UNREACHED
    if not determinism.repeats:
        return None
    if differs:
        return Rung.MASKED if second is Second.CLEAN else Rung.PROPAGATED
    probe = _counting_probe(facts, clean)
    equal = probe and probe.kind is ProbeKind.VALUE and probe.evaluations and not probe.differing
    return Rung.UNINFECTED if equal else Rung.MASKED


def _evidence(
    facts: Facts, outcome: Outcome, clean: CleanRuns, how: Second | None
) -> tuple[EvidenceItem, ...]:
    """Return the facts of a run that finished, beside those of clean runs."""
    determinism = clean.determinism
    is_clean = outcome.digest in determinism.digests
    items: list[EvidenceItem] = [_hits(outcome), _comparison(outcome, clean)]
    evaluated = _clean_evaluations(facts)
    if outcome.hits == 0 and evaluated is not None:
        items.append(evaluated)
    if outcome.hits and determinism.repeats:
        probe, second = _counting_probe(facts, clean), facts.second
        if is_clean and probe is not None:
            items.append(_probe_counts(probe))
        if how is not None and second is not None:
            items.append(SecondRun(how, second.hits, second.digest))
    return tuple(items)


def _comparison(outcome: Outcome, clean: CleanRuns) -> DigestComparison:
    determinism, result = clean.determinism, outcome.result
    is_clean = result.digest in determinism.digests
    differs = determinism.repeats and not is_clean
    difference = difference_of(result, clean.results) if differs else Difference(())
    return DigestComparison(
        digest=result.digest,
        is_clean=is_clean,
        parts=result.parts,
        clean=determinism.endings,
        differing=difference.parts,
        files=difference.files,
    )


def _clean_evaluations(facts: Facts) -> CleanEvaluations | None:
    """Return how often a clean run evaluates the changed code; None where it is not known to.

    Also a probe that proves nothing by its values has seen its evaluations.
    """
    probe = facts.probe
    if probe is not None:
        number = probe.hits if probe.kind is ProbeKind.DEFAULT else probe.evaluations
        if number:
            return CleanEvaluations(number)
    return CleanEvaluations(None) if facts.executed else None


def _counting_probe(facts: Facts, clean: CleanRuns) -> Probe | None:
    """Return the record of the probe if it counts and knows which evaluations differ."""
    if facts.probe is None or facts.probe.kind is ProbeKind.EVALUATIONS:
        return None
    return facts.probe if probe_counts(facts, clean) else None


def _hits(outcome: Outcome) -> Hits:
    return Hits(outcome.hits, outcome.planted)


def _probe_counts(probe: Probe) -> ProbeCounts:
    return ProbeCounts(probe.kind, probe.evaluations, probe.differing, probe.example)


def _without_run(mutant: Mutant, facts: Facts, clean: CleanRuns, rule: Rule) -> Verdict:
    """Apply a rule that needs no run of the mutant: the run would be a clean one."""
    probe = facts.probe
    evidence: tuple[EvidenceItem, ...] = (SameCode(),)
    rung = Rung.UNREACHED if mutant.context is Context.DEFERRED else Rung.UNINFECTED
    if rule is not Rule.SAME_CODE and probe is not None:
        seen: EvidenceItem = _probe_counts(probe)
        if rule is Rule.SAME_CALL and facts.same_whole is not None:
            seen = SameWhole(facts.same_whole)
        if rule is Rule.UNREAD and facts.unread is not None:
            seen = Unread(facts.unread)
        if rule is Rule.TOGETHER and facts.joint is not None:
            seen = Together(facts.joint.mutants, facts.joint.ended_early)
        evidence = (seen, clean.determinism.endings)
        if not probe.evaluations and rule is not Rule.UNUSED_DEFAULT:
            rung = Rung.UNREACHED
        elif rule in (Rule.UNUSED_DEFAULT, Rule.SAME_CALL, Rule.UNREAD, Rule.TOGETHER):
            rung = Rung.MASKED
    return Verdict(
        mutant.id,
        Symptom.NORMAL,
        rung,
        evidence,
        decided_by=rule,
        ends=len(clean.determinism.digests),
        ends_as=_ends_as(facts, rule),
        parts=facts.joint.parts if rule is Rule.TOGETHER and facts.joint else (),
    )


def _ends_as(facts: Facts, rule: Rule) -> str:
    """Return the digest of the clean run that a rule took a mutant's run for, empty for any."""
    if rule is Rule.TOGETHER and facts.joint is not None:
        return facts.joint.ends_as
    return "" if rule is Rule.SAME_CODE else facts.probe_digest


def _ended_early(mutant: Mutant, outcome: Outcome, clean: CleanRuns) -> Verdict:
    """Judge a run that was ended because it stood where a clean one had stood."""
    rule = Rule(outcome.settled)
    mark = outcome.states[outcome.phase] if rule is Rule.CUT else outcome.checkpoint or ""
    return Verdict(
        mutant.id,
        Symptom.NORMAL,
        Rung.MASKED if outcome.hits else Rung.UNREACHED,
        (_hits(outcome), EndedEarly(mark, outcome.phase), clean.determinism.endings),
        decided_by=rule,
        ends=len(clean.determinism.digests),
        ends_as=clean.endings.get(mark, ""),
        # Without parameters there is no checkpoint.
        parts=(Part.PARAMETERS, Part.VALUES),
    )


def _crash(
    mutant: Mutant, facts: Facts, outcome: Outcome, clean: CleanRuns, metrics: tuple[str, ...]
) -> Verdict:
    """Judge a run that crashed; one that may be chance is no verdict unless it repeats."""
    second, how = facts.second, _second_of_crash(facts.second, outcome, clean, metrics)
    shown = (SecondRun(how, second.hits, second.digest),) if how and second else ()
    evidence = (_hits(outcome), _ended_by(outcome, metrics), *shown)
    if how in (Second.CLEAN, Second.OTHER):
        return Verdict(mutant.id, None, None, evidence, second=how, ending=Ending.LOST)
    caused = cause_of(mutant, raised_of(outcome.error, facts.log))
    return Verdict(
        mutant.id,
        Symptom.CRASH,
        Rung.CRASH,
        evidence,
        distance=distance_of(mutant, outcome),
        cause=caused.cause,
        cause_reason=caused.reason,
        second=how,
    )


def _second_of_crash(
    second: Outcome | None, first: Outcome, clean: CleanRuns, metrics: tuple[str, ...]
) -> Second | None:
    """Return how the second run ended; None where the first one shows why it crashed."""
    if not may_be_chance(first):
        return None
    if second is None:
        return Second.MISSING
    match symptom_of(second, metrics):
        case Symptom.NORMAL:
            is_clean = second.digest in clean.determinism.digests
            return Second.CLEAN if is_clean else Second.OTHER
        case Symptom.CRASH:
            return Second.SAME
        case Symptom.HANG:
            return Second.FAILED
        case None:
            return Second.UNREACHED


def _ended_by(outcome: Outcome, metrics: Iterable[str]) -> EvidenceItem:
    """Return what ended a run that crashed."""
    error, raised_at = outcome.error, outcome.place
    if error is not None:
        file, line = (raised_at.file, raised_at.line) if raised_at else ("", 0)
        return Raised(error.type, error.message, file, line, outcome.phase)
    if outcome.exit.fine:
        return MissingMetrics(tuple(name for name in metrics if not outcome.steps.get(name)))
    return EndedBy(outcome.exit, outcome.phase)
