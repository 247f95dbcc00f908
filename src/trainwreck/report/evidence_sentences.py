"""The evidence behind verdicts in words, one sentence for each fact."""

from trainwreck.model import (
    MOST_DIFFERING,
    CleanEndings,
    CleanEvaluations,
    DigestComparison,
    EndedBy,
    EndedEarly,
    Ending,
    EvidenceItem,
    Exit,
    Hits,
    MissingMetrics,
    ProbeCounts,
    ProbeKind,
    Raised,
    Recorded,
    SameCode,
    SameWhole,
    Second,
    SecondRun,
    Stuck,
    Together,
    Unproven,
    Unread,
    Verdict,
)
from trainwreck.report.clean_sentences import clean_endings, comparison
from trainwreck.report.standstills import shown_stuck
from trainwreck.report.words import counted, joined, sentence, times


def evidence(verdict: Verdict) -> str:
    """Return what a verdict rests on, one sentence for each fact."""
    return " ".join(_fact(item) for item in verdict.evidence)


def during(phase: str) -> str:
    """Name a phase, unless the program has none."""
    return f" during {phase}" if phase else ""


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
            return f"The run was ended{during(item.phase)}, in the state of a clean run."
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
