"""The verdict of one mutant, with the evidence that it rests on."""

from collections.abc import Iterable
from functools import lru_cache

from trainwreck.judge.baseline_evidence import CleanRuns
from trainwreck.judge.conclusions import (
    clean_evaluations,
    counting_probe,
    rung_of,
    second_of_crash,
    symptom_of,
    unseen_ending,
)
from trainwreck.judge.crash_causes import cause_of, raised_of
from trainwreck.judge.divergence import distance_of, divergence_of, effort_of
from trainwreck.judge.early_rules import Facts, rule_without_run
from trainwreck.model import (
    RUN,
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

STANDS_CLEAN = (Part.PARAMETERS, Part.VALUES)
"""The parts compared where a run is ended early: without parameters there is no checkpoint."""

BY_CHANCE = (Second.CLEAN, Second.OTHER)
"""Ends of the second run of a mutant that show that the crash of the first one was not its own."""


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


def brief_verdict_of(
    mutant: Mutant, facts: Facts, clean: CleanRuns, metrics: Iterable[str]
) -> Verdict | None:
    """Return what `verdict_of` does without the evidence: symptom, rung and compared parts.

    Of the outcomes, it uses their ends, hits, results and errors. It takes a third of the time,
    for those who count mutants.
    """
    outcome = facts.outcome
    if outcome is None or not outcome.exit.proves or outcome.settled == Rule.TOGETHER:
        return verdict_of(mutant, facts, clean, metrics)
    if outcome.settled and outcome.exit.ending is not Ending.STUCK:
        return Verdict(mutant.id, Symptom.NORMAL, _early_rung(outcome), parts=STANDS_CLEAN)
    metrics = tuple(metrics)
    symptom = symptom_of(outcome, metrics)
    if symptom is Symptom.NORMAL:
        second = unseen_ending(facts, outcome, clean.determinism, metrics).second
        rung = rung_of(facts, outcome, clean, second)
        return Verdict(mutant.id, symptom, rung, parts=outcome.result.parts)
    if symptom is Symptom.CRASH:
        if second_of_crash(facts.second, outcome, clean, metrics) in BY_CHANCE:
            return Verdict(mutant.id, None, None, ending=Ending.LOST)
        return Verdict(mutant.id, symptom, Rung.CRASH)
    return Verdict(mutant.id, symptom, Rung.HANG)


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
    ending = unseen_ending(facts, outcome, clean.determinism, metrics)
    rung = rung_of(facts, outcome, clean, ending.second)
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


def _evidence(
    facts: Facts, outcome: Outcome, clean: CleanRuns, how: Second | None
) -> tuple[EvidenceItem, ...]:
    """Return the facts of a run that finished, beside those of clean runs."""
    determinism = clean.determinism
    is_clean = outcome.digest in determinism.digests
    items: list[EvidenceItem] = [_hits(outcome), _comparison(outcome, clean)]
    evaluated = clean_evaluations(facts)
    if outcome.hits == 0 and evaluated is not None:
        items.append(evaluated)
    if outcome.hits and determinism.repeats:
        probe, second = counting_probe(facts, clean), facts.second
        if is_clean and probe is not None:
            items.append(_probe_counts(probe))
        if how is not None and second is not None:
            items.append(SecondRun(how, second.hits, second.digest))
    return tuple(items)


def _comparison(outcome: Outcome, clean: CleanRuns) -> DigestComparison:
    determinism, result, digest = clean.determinism, outcome.result, outcome.digest
    if digest in determinism.digests:
        return _clean_comparison(digest, True, result.parts, determinism.endings)
    differs = determinism.repeats
    difference = difference_of(result, clean.results) if differs else Difference(())
    return DigestComparison(
        digest=digest,
        is_clean=False,
        parts=result.parts,
        clean=determinism.endings,
        differing=difference.parts,
        files=difference.files,
    )


def _hits(outcome: Outcome) -> Hits:
    return _shared_hits(outcome.hits, outcome.planted)


# A million mutants have few different facts of these kinds, so one noun stands for all that agree.
_shared_hits = lru_cache(maxsize=4096)(Hits)
_clean_comparison = lru_cache(maxsize=1024)(DigestComparison)


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
        if rule is Rule.TOGETHER and facts.joint:
            joint = facts.joint[-1]
            seen = Together(len(joint.mutants), joint.ended_early, len(facts.joint))
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
        parts=facts.joint[-1].parts if rule is Rule.TOGETHER and facts.joint else (),
    )


def _ends_as(facts: Facts, rule: Rule) -> str:
    """Return the digest of the clean run that a rule took a mutant's run for, empty for any."""
    if rule is Rule.TOGETHER and facts.joint:
        return facts.joint[-1].ends_as
    return "" if rule is Rule.SAME_CODE else facts.probe_digest


def _ended_early(mutant: Mutant, outcome: Outcome, clean: CleanRuns) -> Verdict:
    """Judge a run that was ended because it stood where a clean one had stood."""
    rule = Rule(outcome.settled)
    mark = outcome.states[outcome.phase] if rule is Rule.CUT else outcome.checkpoint or ""
    return Verdict(
        mutant.id,
        Symptom.NORMAL,
        _early_rung(outcome),
        (_hits(outcome), EndedEarly(mark, outcome.phase), clean.determinism.endings),
        decided_by=rule,
        ends=len(clean.determinism.digests),
        ends_as=clean.endings.get(mark, ""),
        parts=STANDS_CLEAN,
    )


def _early_rung(outcome: Outcome) -> Rung:
    return Rung.MASKED if outcome.hits else Rung.UNREACHED


def _crash(
    mutant: Mutant, facts: Facts, outcome: Outcome, clean: CleanRuns, metrics: tuple[str, ...]
) -> Verdict:
    """Judge a run that crashed; one that may be chance is no verdict unless it repeats."""
    second, how = facts.second, second_of_crash(facts.second, outcome, clean, metrics)
    shown = (SecondRun(how, second.hits, second.digest),) if how and second else ()
    evidence = (_hits(outcome), _ended_by(outcome, metrics), *shown)
    if how in BY_CHANCE:
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


def _ended_by(outcome: Outcome, metrics: Iterable[str]) -> EvidenceItem:
    """Return what ended a run that crashed."""
    error, raised_at = outcome.error, outcome.place
    if error is not None:
        file, line = (raised_at.file, raised_at.line) if raised_at else ("", 0)
        return Raised(error.type, error.message, file, line, outcome.phase)
    if outcome.exit.fine:
        return MissingMetrics(tuple(name for name in metrics if not outcome.steps.get(name)))
    return EndedBy(outcome.exit, outcome.phase)
