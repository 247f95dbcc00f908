"""Verdicts in words: the reason for one, the evidence behind it, and its doubts."""

from typing import TypeVar

from trainwreck.judge.endings import doubts_of
from trainwreck.model import (
    MOST_DIFFERING,
    RUN,
    VALUES_ALONE,
    CleanEndings,
    CleanEvaluations,
    DigestComparison,
    EndedBy,
    EndedEarly,
    Ending,
    EndingDoubt,
    EvidenceItem,
    Exit,
    Hits,
    MissingMetrics,
    Part,
    ProbeCounts,
    ProbeKind,
    Raised,
    Recorded,
    Rule,
    Rung,
    SameCode,
    SameWhole,
    Second,
    SecondRun,
    SharedEnding,
    Stuck,
    Symptom,
    Together,
    Unproven,
    Unread,
    Verdict,
)
from trainwreck.report.clean_sentences import MOST_NAMED, clean_endings, comparison, named
from trainwreck.report.standstills import shown_stuck
from trainwreck.report.words import counted, joined, sentence, times

Item = TypeVar("Item")


def why(verdict: Verdict) -> str:
    """Return the reason for a verdict, with its doubts."""
    return " ".join([_reason(verdict), *(f"Doubt: {doubt}" for doubt in doubts(verdict))])


def evidence(verdict: Verdict) -> str:
    """Return what a verdict rests on, one sentence for each fact."""
    return " ".join(_fact(item) for item in verdict.evidence)


def doubts(verdict: Verdict) -> list[str]:
    """Return a sentence for each doubt that the final states of a mutant's runs leave open."""
    return [_doubt(doubt, verdict) for doubt in doubts_of(verdict)]


def _first(verdict: Verdict, kind: type[Item]) -> Item | None:
    """Return the first item of evidence of this kind."""
    return next((item for item in verdict.evidence if isinstance(item, kind)), None)


def _reason(verdict: Verdict) -> str:
    recorded = _first(verdict, Recorded)
    if recorded is not None:
        return recorded.why or "The record gives no reason."
    if verdict.decided_by not in (RUN, Rule.STUCK):
        return _reason_of_rule(verdict, Rule(verdict.decided_by))
    match verdict.symptom:
        case Symptom.NORMAL:
            return _reason_of_normal(verdict)
        case Symptom.CRASH:
            return _reason_of_crash(verdict)
        case Symptom.HANG:
            return _reason_of_hang(verdict)
        case None:
            return _reason_of_none(verdict)


def _reason_of_hang(verdict: Verdict) -> str:
    ended, stuck = _first(verdict, EndedBy), _first(verdict, Stuck)
    if stuck is not None:
        during = _during(ended.phase) if ended else ""
        return f"The program was stuck{during}. {shown_stuck(stuck)}"
    limit = f" at its {ended.exit.ending}{_during(ended.phase)}" if ended else ""
    return f"The program did not end: it was stopped{limit}."


def _reason_of_none(verdict: Verdict) -> str:
    if _first(verdict, SecondRun) is not None:
        return (
            f"Chance decided how it ended: in its first run {_first_end(verdict)}, and its second "
            "run with the same seed ended normally."
        )
    unproven = _first(verdict, Unproven)
    return f"{ending_of(unproven)}." if unproven else "Nothing is known of its run."


def _first_end(verdict: Verdict) -> str:
    """Say how a run crashed whose crash has no cause that is known."""
    ended, raised = _first(verdict, EndedBy), _first(verdict, Raised)
    if raised is not None:
        told = "which only says that another process had failed"
        return f"the program raised {_exception(raised)}{_during(raised.phase)}, {told}"
    how = f"{ending(ended.exit)}{_during(ended.phase)}" if ended else "the program crashed"
    return f"{how}, without an exception"


def _during(phase: str) -> str:
    """Name a phase, unless the program has none."""
    return f" during {phase}" if phase else ""


def ending_of(unproven: Unproven) -> str:
    """Say how a run that proves nothing ended, and why."""
    broken = "The run proves nothing, as the program broke what it is judged by"
    lost = "The run was lost, as the machine disturbed it"
    return f"{broken if unproven.ending is Ending.BROKEN else lost}: {unproven.reason}"


_REASONS = {
    Rule.SAME_CODE: "The mutant compiles to the bytecode of the clean program.",
    Rule.SAME_CALL: "Whatever the changed expression gives, the whole expression or condition "
    "around it always has the original value.",
    Rule.UNREAD: "The clean program stores the changed constant under a name that nothing reads.",
    Rule.TOGETHER: "In a run together with other bugs, all of them left the result of a clean run.",
}
"""Why rules decide whose reason has no further facts."""


def _reason_of_rule(verdict: Verdict, rule: Rule) -> str:
    probe, early = _first(verdict, ProbeCounts), _first(verdict, EndedEarly)
    never = probe is not None and not probe.evaluations
    phase = (early.phase if early else "") or "a phase"
    if rule in _REASONS:
        return _REASONS[rule]
    match rule:
        case Rule.UNUSED_DEFAULT if never:
            return "The clean program never calls the function with the changed default."
        case Rule.UNUSED_DEFAULT:
            return "No call in the clean program uses the changed default."
        case Rule.PROBE if never:
            return "The clean program never evaluates the changed expression."
        case Rule.PROBE:
            return "Every evaluation of the changed expression gives the original value."
        case Rule.CUT:
            state = f"When {phase} began, the whole program was in the state of a clean run."
        case Rule.HORIZON:
            state = "At the first report, training was in the state of a clean run."
    hits = _first(verdict, Hits)
    ran = "ran" if hits is None or hits.number else "did not run"
    return f"The mutated code {ran}. {state}"


def _reason_of_normal(verdict: Verdict) -> str:
    hits, compared = _first(verdict, Hits), _first(verdict, DigestComparison)
    if verdict.rung is Rung.PROPAGATED:
        return f"The mutated code changed the result without an error. {_divergence(verdict)}"
    if hits is None or compared is None:
        return ""
    if hits.number is None:
        return "The program finished. It is not known whether the mutated code ran."
    if not hits.number and verdict.rung is Rung.UNREACHED:
        return "No evaluation of the mutated code was counted."
    if _first(verdict, CleanEvaluations) is not None:
        return (
            "No evaluation of the mutated code was counted, and yet a clean run evaluates it. So "
            "this run took another way than clean ones, and shows nothing of the bug."
        )
    if not hits.number:
        return (
            "No evaluation of the mutated code was counted, and yet the result differs. The code "
            "ran uncounted (a framework may run what it reads from source), or it is chance."
        )
    if verdict.rung is None:
        return (
            "The mutated code ran and the program finished. Clean runs never repeat, so no more "
            "can be concluded."
        )
    if verdict.rung is Rung.UNINFECTED:
        return "Every evaluation of the changed expression gives the original value."
    return _reason_of_masked(verdict, compared)


def _reason_of_masked(verdict: Verdict, compared: DigestComparison) -> str:
    if verdict.second is Second.CLEAN:
        one = "One of two runs with the same seed ended exactly as a clean run does."
        return f"The mutated code ran. {one}"
    alike = joined([_ALIKE[part] for part in reversed(compared.parts)])
    reason = f"The mutated code ran, and the run ended with {alike} of a clean run."
    if compared.parts == VALUES_ALONE:
        reason += " Nothing else was compared, so the state of the program may differ."
    probe = _first(verdict, ProbeCounts)
    return f"{reason} {differing(probe)}" if probe is not None else reason


_ALIKE = {
    Part.PARAMETERS: "every final parameter",
    Part.FILES: "every file of `outputs`",
    Part.VALUES: "every reported value",
}


def _divergence(verdict: Verdict) -> str:
    divergence, compared = verdict.divergence, _first(verdict, DigestComparison)
    if divergence is not None:
        return f"`{divergence.metric}` leaves the clean runs at step {divergence.step}."
    differing = unprinted(compared)
    return f"Every reported value is that of a clean run. The result differs only in {differing}."


def unprinted(compared: DigestComparison | None) -> str:
    """Name the parts of a result that differ where every reported value is a clean run's."""
    parts = compared.differing if compared is not None else ()
    if compared is None or Part.FILES not in parts:
        return "the parameters"
    noun = "file" if len(compared.files) == 1 else "files"
    files = f"the {noun} {joined(named(compared.files))}"
    return f"the parameters and {files}" if Part.PARAMETERS in parts else files


def _reason_of_crash(verdict: Verdict) -> str:
    raised, ended = _first(verdict, Raised), _first(verdict, EndedBy)
    missing = _first(verdict, MissingMetrics)
    if raised is not None:
        return f"Crashed{_during(raised.phase)}: {_exception(raised)}"
    if ended is not None:
        return f"Crashed{_during(ended.phase)}: {ending(ended.exit)}."
    if missing is not None:
        return "The program ended without the output of a clean run."
    return ""


def _exception(raised: Raised) -> str:
    """Return an exception as Python writes it: ``SystemExit(1)``, ``ValueError: no shape``."""
    if not raised.message.strip():
        return raised.type
    words = raised.message.split()
    message = " ".join(words)
    return f"{raised.type}({message})" if len(words) == 1 else f"{raised.type}: {message}"


def ending(ended: Exit) -> str:
    """Say how the process of a run ended."""
    match ended.ending:
        case Ending.EXITED:
            return f"the program exited with status {ended.code}"
        case Ending.SIGNAL:
            return f"the program was ended by signal {ended.code}"
        case Ending.BROKEN:
            return "the program broke its own run"
        case Ending.LOST:
            return "the run was lost by the machine"
        case Ending.STUCK:
            return "the program was stopped, as it was stuck"
    return f"the program was stopped at its {ended.ending}"


def _fact(item: EvidenceItem) -> str:
    match item:
        case SameCode():
            return "The bytecode of both programs is the same."
        case Hits():
            return _hits(item)
        case ProbeCounts():
            return _probe_counts(item)
        case SameWhole() | Unread() | CleanEvaluations() | Together():
            return _fact_of_other_run(item)
        case CleanEndings():
            return clean_endings(item)
        case DigestComparison():
            return comparison(item)
        case EndedEarly():
            return f"The run was ended{_during(item.phase)}, in the state of a clean run."
        case SecondRun():
            return f"A second run with the same seed {_HOW[item.how]}."
        case _:
            return _fact_of_end(item)


def _fact_of_other_run(item: SameWhole | Unread | CleanEvaluations | Together) -> str:
    match item:
        case SameWhole():
            often = counted(item.evaluations, "evaluation")
            return f"None of {often} of the whole expression or condition around the bug differs."
        case Unread():
            return f"A clean run stores the constant {times(item.stores)} and never reads its name."
        case CleanEvaluations():
            if item.number is None:
                return "A clean run executes the changed statement."
            return f"A clean run with probes evaluates the changed code {times(item.number)}."
        case Together():
            how = "stood at its first report" if item.ended_early else "ended"
            if item.runs == 1:
                bugs = counted(item.mutants, "bug")
                return f"A run with {bugs} at once {how} as a clean run does."
            runs = f"{item.runs} runs with several bugs at once {how} as a clean run does"
            return f"{runs}. No other bug of this file was in all of them."


def _fact_of_end(item: Raised | EndedBy | Stuck | MissingMetrics | Unproven | Recorded) -> str:
    match item:
        case Stuck():
            return shown_stuck(item)
        case Raised():
            line = f" at {item.file}:{item.line}" if item.file else ""
            return f"{item.type} was raised{line}."
        case EndedBy():
            return sentence(ending(item.exit))
        case MissingMetrics():
            verb = "was" if len(item.names) == 1 else "were"
            names = joined(item.names)
            return f"The program exited with status 0, and {names} {verb} not reported."
        case Unproven():
            return sentence(ending(Exit(item.ending, 0)))
        case Recorded():
            return "An imported record says so."


_HOW = {
    Second.CLEAN: "ended as a clean run",
    Second.SAME: "ended as the first one",
    Second.OTHER: "ended neither as the first one nor as a clean run",
    Second.FAILED: "crashed or did not end",
    Second.UNREACHED: "is not known to have run the mutated code",
    Second.MISSING: "was not made",
}


def _hits(hits: Hits) -> str:
    if hits.number is None:
        return "It is not known how often the mutated code ran."
    if hits.number:
        return f"The mutated code ran {times(hits.number)}."
    if not hits.planted:
        return "The file of the mutant was not loaded."
    return "The mutated code did not run."


def _probe_counts(counts: ProbeCounts) -> str:
    """Say how often a clean run evaluates the changed expression, and what would differ."""
    is_default = counts.probe is ProbeKind.DEFAULT
    verb, noun = ("call", "function") if is_default else ("evaluate", "changed expression")
    if not counts.evaluations:
        return f"A clean run with probes never {verb}s the {noun}."
    often = times(counts.evaluations)
    return f"A clean run with probes {verb}s the {noun} {often}. {differing(counts)}"


def differing(counts: ProbeCounts) -> str:
    """Say in which evaluations, or calls, the mutant makes a difference."""
    number = f"{counts.differing:,}" if counts.differing else "None"
    if MOST_DIFFERING <= counts.differing < counts.evaluations:
        number = f"At least {number}"
    ending = "s" if counts.differing < 2 else ""
    if counts.probe is ProbeKind.DEFAULT:
        return _use_of_default(counts)
    evaluations = counted(counts.evaluations, "evaluation")
    if counts.names_values or not counts.differing:
        example = f", for example {counts.example}" if counts.names_values else ""
        return f"{number} of {evaluations} differ{ending}{example}."
    return f"{number} of {evaluations} may differ: only built-in values are computed again."


def _use_of_default(counts: ProbeCounts) -> str:
    """Say in how many calls the parameter is the default, which a caller may have passed too."""
    calls = counted(counts.evaluations, "call")
    if not counts.differing:
        return f"None of {calls} uses the changed default."
    return (
        f"In {counts.differing:,} of {calls} the parameter has the value of the default, left out "
        "or passed by the caller."
    )


def _doubt(doubt: EndingDoubt, verdict: Verdict) -> str:
    match doubt:
        case EndingDoubt.OTHER_RUN_UNSEEN:
            return "The other run ended in a state that no clean run has shown."
        case EndingDoubt.NO_SECOND_RUN:
            return "Clean runs end in several ways, and there is no second run with the same seed."
        case EndingDoubt.SECOND_RUN_UNREACHED:
            return (
                "Clean runs end in several ways, and the second run with the same seed is not "
                "known to have run the mutated code."
            )
        case EndingDoubt.SHARED_STATE:
            assert verdict.shared is not None
            return _sharing(verdict.mutant_id, verdict.shared)


def _sharing(mutant_id: str, shared: SharedEnding) -> str:
    others = [other for other in shared.mutants[: MOST_NAMED + 1] if other != mutant_id]
    names = others[:MOST_NAMED]
    more = len(shared.mutants) - 1 - len(names)
    names += [f"{more} more"] if more > 0 else []
    return (
        f"The final state is also that of {joined(names)}, in {counted(shared.files, 'file')} "
        "together. It may be a clean one that no clean run has shown."
    )
