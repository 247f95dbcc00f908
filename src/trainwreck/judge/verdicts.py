"""The verdict of one mutant, and the reasons that are given for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from trainwreck.judge.baseline_evidence import CleanRuns, DeterminismCheck
from trainwreck.judge.crash_causes import cause_of, raised_of
from trainwreck.judge.divergence import distance_of, divergence_of, effort_of
from trainwreck.judge.early_rules import Facts, probe_counts, rule_without_run
from trainwreck.model import (
    Divergence,
    Ending,
    Mutant,
    Outcome,
    Probe,
    ProbeKind,
    Rule,
    Rung,
    Second,
    Symptom,
    Verdict,
)

HANG_ENDINGS = frozenset([Ending.TIME, Ending.CPU, Ending.OUTPUT])


def symptom_of(outcome: Outcome, metrics: Iterable[str]) -> Symptom:
    """Normal, crash or hang, as the study defines them (its section III-A).

    Normal is a run that ends by itself with output of the clean format, however absurd its
    values: every metric that clean runs report was reported.
    """
    if outcome.exit.ending in HANG_ENDINGS:
        return Symptom.HANG
    if outcome.exit.fine and all(outcome.steps.get(name) for name in metrics):
        return Symptom.NORMAL
    return Symptom.CRASH


def verdict_of(
    mutant: Mutant, facts: Facts, clean: CleanRuns, metrics: Iterable[str]
) -> Verdict | None:
    """What is known of a mutant; None where nothing is. ``clean`` is of its run's seed.

    A run to the end counts before any rule.
    """
    outcome = facts.outcome
    if outcome is None:
        rule = rule_without_run(facts, clean, tuple(Rule))
        return _without_run(mutant, facts, clean, rule) if rule else None
    if outcome.settled:
        return _ended_early(mutant, outcome, clean)
    return _by_run(mutant, facts, outcome, clean, tuple(metrics))


def _by_run(
    mutant: Mutant, facts: Facts, outcome: Outcome, clean: CleanRuns, metrics: tuple[str, ...]
) -> Verdict:
    symptom = symptom_of(outcome, metrics)
    divergence = distance = caused = None
    elsewhere = _Elsewhere()
    if symptom is Symptom.NORMAL:
        elsewhere = _elsewhere(facts, outcome, clean.determinism, metrics)
        rung, evidence, why = _normal(facts, outcome, clean, elsewhere.second)
    elif symptom is Symptom.CRASH:
        rung, evidence, why = Rung.CRASH, *_crash(outcome, metrics)
        distance = distance_of(mutant, outcome)
        caused = cause_of(mutant, raised_of(outcome.error, facts.log))
    else:
        rung, evidence, why = Rung.HANG, *_hang(outcome)
    if rung is Rung.PROPAGATED:
        divergence = divergence_of(outcome, clean)
        why = f"it changed the result, and no error was shown{_where(divergence)}"
    effort = effort_of(outcome, clean) if symptom is Symptom.NORMAL else None
    return Verdict(
        mutant.id,
        symptom,
        rung,
        evidence,
        why,
        divergence=divergence,
        distance=distance,
        effort=effort,
        cause=caused.cause if caused else None,
        cause_why=caused.why if caused else "",
        second=elsewhere.second,
        unseen=elsewhere.unseen,
    )


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """What a first run that ends as no clean run asks for: see the same fields of a verdict."""

    second: Second | None = None
    unseen: tuple[str, ...] = ()


def _elsewhere(
    facts: Facts, outcome: Outcome, determinism: DeterminismCheck, metrics: tuple[str, ...]
) -> _Elsewhere:
    if not determinism.repeats or outcome.digest in determinism.digests:
        return _Elsewhere()
    unseen, second = [outcome.digest], facts.second
    if second is not None and symptom_of(second, metrics) is Symptom.NORMAL:
        unseen += [second.digest] if second.digest != outcome.digest else []
    unseen = [digest for digest in unseen if digest not in determinism.digests]
    asked = _second_of(second, outcome, determinism, metrics) if outcome.hits else None
    return _Elsewhere(asked, tuple(unseen))


def _second_of(
    second: Outcome | None, first: Outcome, determinism: DeterminismCheck, metrics: tuple[str, ...]
) -> Second | None:
    """Return how the second run ended; None where there is none, and one clean ending."""
    if second is None:
        return Second.MISSING if len(determinism.digests) > 1 else None
    if symptom_of(second, metrics) is not Symptom.NORMAL:
        return Second.FAILED
    if not second.hits:
        # Like a first run without a hit, it proves nothing about the changed code.
        return Second.UNREACHED
    if second.digest in determinism.digests:
        return Second.CLEAN
    return Second.SAME if second.digest == first.digest else Second.OTHER


def _where(divergence: Divergence | None) -> str:
    if divergence is None:
        return "; every reported value is a clean run's, and only the parameters differ"
    return f"; {divergence.metric} leaves the clean runs at step {divergence.step}"


def _without_run(mutant: Mutant, facts: Facts, clean: CleanRuns, rule: Rule) -> Verdict:
    """A rule that needs no run of the mutant: the run would be a clean one."""
    probe = facts.probe
    if rule is Rule.SAME_CODE or probe is None:
        rung, evidence = Rung.UNINFECTED, "the bytecode of both is the same"
        why = "it compiles to the code of the clean program"
    elif rule is Rule.UNUSED_DEFAULT:
        rung, evidence = Rung.MASKED, f"probe: calls {probe.evaluations}, with the default 0"
        why = "no call of the clean program takes the changed default"
        if not probe.evaluations:
            why = "the function with the changed default is never called"
    elif not probe.evaluations:
        rung, evidence = Rung.UNREACHED, "probe: evaluations 0"
        why = "the clean program never evaluates the changed expression"
    else:
        rung, evidence = Rung.UNINFECTED, f"probe: evaluations {probe.evaluations}, differing 0"
        why = "every evaluation gives what the original gives"
    evidence += f" ({clean.determinism.summary})" if rule is not Rule.SAME_CODE else ""
    return Verdict(
        mutant.id,
        Symptom.NORMAL,
        rung,
        evidence,
        why,
        decided_by=rule,
        ends=len(clean.determinism.digests),
        ends_as="" if rule is Rule.SAME_CODE else facts.probe_digest,
    )


def _ended_early(mutant: Mutant, outcome: Outcome, clean: CleanRuns) -> Verdict:
    """A run that was ended because it stood where a clean one had stood."""
    rule = Rule(outcome.settled)
    hits = f"hits {outcome.hits}"
    if rule is Rule.CUT:
        mark = outcome.states[outcome.phase]
        evidence = f"{hits}, state at the start of {outcome.phase} {mark}"
        why = f"it ran, and when {outcome.phase} began the whole program was as in a clean run"
    else:
        mark = outcome.checkpoint or ""
        evidence = f"{hits}, checkpoint {mark}"
        why = "it ran, and at the first report the training stood exactly as in a clean run"
    evidence += f" ({clean.determinism.summary})"
    return Verdict(
        mutant.id,
        Symptom.NORMAL,
        Rung.MASKED if outcome.hits else Rung.UNREACHED,
        evidence,
        why,
        decided_by=rule,
        ends=len(clean.determinism.digests),
        ends_as=clean.endings.get(mark, ""),
    )


def _normal(
    facts: Facts, outcome: Outcome, clean: CleanRuns, second: Second | None
) -> tuple[Rung | None, str, str]:
    determinism = clean.determinism
    hits = f"hits {outcome.hits}, digest {outcome.digest}"
    if outcome.hits is None:
        return None, hits, "it finished, and whether the changed code ran could not be told"
    if not outcome.hits:
        return _not_hit(outcome, determinism, hits)
    summary = determinism.summary
    if not determinism.repeats:
        why = "it ran and the program finished; clean runs never repeat, so no more can be said"
        return None, f"{hits}; {summary}", why
    if outcome.digest not in determinism.digests:
        evidence = f"{hits}, not among the {summary}; {determinism.outlook}"
        if facts.second is not None:
            evidence += f"; second run: hits {facts.second.hits}, digest {facts.second.digest}"
        if second is Second.CLEAN:
            why = "it ran, and one of its two runs with the same seed ended exactly as a clean one"
            return Rung.MASKED, evidence, why
        return Rung.PROPAGATED, evidence, ""
    evidence = f"{hits}, among the {summary}"
    probe = facts.probe
    if probe is None or not probe_counts(facts, clean) or probe.kind is ProbeKind.EVALUATIONS:
        return Rung.MASKED, evidence, _masked(outcome, "")
    evidence += f"; probe: evaluations {probe.evaluations}, differing {probe.differing}"
    if probe.kind is ProbeKind.VALUE and probe.evaluations and not probe.differing:
        return Rung.UNINFECTED, evidence, "every evaluation gives what the original gives"
    return Rung.MASKED, evidence, _masked(outcome, _difference(probe))


def _masked(outcome: Outcome, difference: str) -> str:
    why = "it ran, and the run ended exactly as a clean one does"
    if outcome.parameters is None:
        why = "it ran, and every reported value is a clean run's (no model was found to compare)"
    return f"{why}; {difference}" if difference else why


def _difference(probe: Probe) -> str:
    """What differed at the edit, as far as a probe saw it."""
    if probe.kind is ProbeKind.DEFAULT:
        return f"{probe.differing} of {probe.evaluations} calls took the default"
    seen = f", for example {probe.example}" if probe.example else ""
    return f"{probe.differing} of {probe.evaluations} evaluations differ{seen}"


def _not_hit(
    outcome: Outcome, determinism: DeterminismCheck, hits: str
) -> tuple[Rung | None, str, str]:
    if determinism.repeats and outcome.digest not in determinism.digests:
        why = (
            "no evaluation of the changed code was counted, and yet the result differs: "
            "it ran uncounted (a framework that runs what it reads from source), or by chance"
        )
        return None, f"{hits}, not among the {determinism.summary}", why
    why = "no evaluation of the changed code was counted"
    return Rung.UNREACHED, f"hits {outcome.hits}, planted {outcome.planted}", why


def _crash(outcome: Outcome, metrics: Iterable[str]) -> tuple[str, str]:
    if outcome.error is not None:
        place = f" at {outcome.place.file}:{outcome.place.line}" if outcome.place else ""
        evidence = f"{outcome.error.type}{place}"
        return evidence, f"an exception ended it while {outcome.phase}: {outcome.error.message}"
    if outcome.exit.ending is Ending.EXITED and outcome.exit.code == 0:
        missing = [name for name in metrics if not outcome.steps.get(name)]
        evidence = f"exit status 0, {' and '.join(missing)} not reported"
        return evidence, "it ended without the output of a clean run"
    return str(outcome.exit), f"it was ended while {outcome.phase} ({outcome.exit.ending})"


def _hang(outcome: Outcome) -> tuple[str, str]:
    evidence = f"{outcome.exit.ending}, hits {outcome.hits}"
    return evidence, f"it did not end; stopped while {outcome.phase} ({outcome.exit.ending})"
