"""Verdicts in words: the reason for one, and its doubts."""

from typing import TypeVar

from trainwreck.judge.endings import doubts_of
from trainwreck.model import (
    RUN,
    VALUES_ALONE,
    CleanEvaluations,
    DigestComparison,
    EndedBy,
    EndedEarly,
    Ending,
    EndingDoubt,
    Hits,
    MissingMetrics,
    Part,
    ProbeCounts,
    Raised,
    Recorded,
    Rule,
    Rung,
    Second,
    SecondRun,
    SharedEnding,
    Stuck,
    Symptom,
    Unproven,
    Verdict,
)
from trainwreck.report.clean_sentences import MOST_NAMED, named
from trainwreck.report.evidence_sentences import differing, during, ending
from trainwreck.report.standstills import shown_stuck
from trainwreck.report.words import counted, joined

Item = TypeVar("Item")


def why(verdict: Verdict) -> str:
    """Return the reason for a verdict, with its doubts."""
    return " ".join([_reason(verdict), *(f"Doubt: {doubt}" for doubt in doubts(verdict))])


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
        when = during(ended.phase) if ended else ""
        return f"The program was stuck{when}. {shown_stuck(stuck)}"
    limit = f" at its {ended.exit.ending}{during(ended.phase)}" if ended else ""
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
        return f"the program raised {_exception(raised)}{during(raised.phase)}, {told}"
    how = f"{ending(ended.exit)}{during(ended.phase)}" if ended else "the program crashed"
    return f"{how}, without an exception"


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
        return f"Crashed{during(raised.phase)}: {_exception(raised)}"
    if ended is not None:
        return f"Crashed{during(ended.phase)}: {ending(ended.exit)}."
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
