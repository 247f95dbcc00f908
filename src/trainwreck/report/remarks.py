"""Remarks under tables in words."""

from typing import assert_never

from trainwreck.model import (
    AuditedWrong,
    CampaignCost,
    ComparisonOutlook,
    Contained,
    Controls,
    DigestCovers,
    Disagreement,
    DoubtfulMutants,
    EnvironmentChange,
    MachineKind,
    Machines,
    Remark,
    Repeatability,
    Starts,
    Symptom,
    Table,
    Uncompared,
    Unsealed,
    Withdrawn,
    WithoutVerdict,
)
from trainwreck.report.clean_sentences import clean_endings, covers, difference, outlook
from trainwreck.report.containment import containment
from trainwreck.report.damages import unsealed
from trainwreck.report.outlook import comparing
from trainwreck.report.printable import LONGEST_NOTE, one_line
from trainwreck.report.words import counted, times


def note_of(table: Table) -> str:
    """Return the text under a table: its remarks in words, then its note."""
    sentences = filter(None, [*map(remark_text, table.remarks), table.note])
    return one_line(" ".join(sentences), LONGEST_NOTE)


def remark_text(remark: Remark) -> str:
    """Return a remark in sentences."""
    match remark:
        case Repeatability():
            return _repeatability(remark)
        case ComparisonOutlook():
            return comparing(remark)
        case DigestCovers():
            return covers(remark)
        case Controls():
            return _controls(remark)
        case EnvironmentChange(runs=runs, differences=differences):
            changed = ", ".join(differences)
            return f"Warning: {counted(runs, 'run')} used another environment: {changed}."
        case Machines():
            return machines(remark)
        case Uncompared(mutants=mutants):
            return _uncompared(mutants)
        case CampaignCost():
            return _cost(remark)
        case Starts():
            return _starts(remark)
        case _:
            return _further_remark(remark)


def _further_remark(
    remark: DoubtfulMutants | WithoutVerdict | Withdrawn | AuditedWrong | Contained | Unsealed,
) -> str:
    match remark:
        case DoubtfulMutants():
            return _doubtful(remark)
        case WithoutVerdict():
            return _without_verdict(remark)
        case Withdrawn():
            return _withdrawn(remark)
        case AuditedWrong(mutant=mutant, disagreement=wrong):
            return f"{mutant}: {disagreement(wrong)}."
        case Contained(name=name, held=held):
            return f"{name}: {containment(held)}" if name else containment(held)
        case Unsealed(name=name, sealing=sealing):
            return f"{name}: {unsealed(sealing)}" if name else unsealed(sealing)
        case _:
            assert_never(remark)


def _repeatability(remark: Repeatability) -> str:
    text = f"Seed {remark.seed}: {clean_endings(remark.clean)} {outlook(remark.clean)}"
    if not remark.watched:
        return text
    runs = counted(remark.watched, "run")
    reported = f"{remark.agreeing} of {runs} under coverage.py or with probes reported clean values"
    return f"{text} {reported}."


def _controls(remark: Controls) -> str:
    runs = counted(remark.runs, "control run")
    if remark.have_drifted:
        return f"Warning: results have drifted. None of {runs} reproduces the baseline."
    have = "has" if remark.new == 1 else "have"
    return f"{remark.new} of {runs} {have} a result that no clean run had before."


def machines(remark: Machines) -> str:
    """Say which kinds of machine stand behind the verdicts of a campaign."""
    if len(remark.kinds) == 1:
        return f"All runs were made on one kind of machine: {remark.kinds[0].name}."
    kinds = "; ".join(map(_kind, remark.kinds))
    return (
        f"Runs were made on {len(remark.kinds)} kinds of machine, and each is compared with clean "
        f"runs of its own kind: {kinds}."
    )


def _uncompared(mutants: int) -> str:
    ran = f"{counted(mutants, 'mutant')} ran on a kind of machine without a clean run"
    return f"{ran}, and {'is' if mutants == 1 else 'are'} left out."


def _kind(kind: MachineKind) -> str:
    runs = f"{counted(kind.runs, 'run')}, {kind.clean} of them of the clean program"
    return f"{kind.name or 'one that is not known'} ({runs})"


def _cost(cost: CampaignCost) -> str:
    text = (
        f"Processor time: {cost.spent:.0f} s for the mutants, probes included; every one run to "
        f"its end would have taken about {cost.complete:.0f} s."
    )
    if not cost.further:
        return text
    return f"{text} Further runs of propagated mutants took {cost.further:.0f} s."


def _starts(starts: Starts) -> str:
    total = starts.warm + sum(number for _, number in starts.cold)
    runs = counted(total, "run")
    if starts.refuted:
        return (
            f"Warning: a run that started warm ended otherwise than its cold run. All {runs} of "
            "mutants since then started cold."
        )
    text = f"{starts.warm} of {runs} of mutants started warm, as forks of a clean run."
    reasons = "; ".join(f"{number} as {why}" for why, number in starts.cold)
    return f"{text} The others started cold: {reasons}." if reasons else text


def _doubtful(remark: DoubtfulMutants) -> str:
    sentences = []
    if remark.shared:
        share = "shares" if remark.shared == 1 else "share"
        sentences.append(
            f"Doubtful: {remark.shared} of the propagated mutants {share} a final state with "
            "mutants of other files. It may be a clean one that no clean run has shown (see "
            "`show`)."
        )
    if remark.unproven:
        have = "has" if remark.unproven == 1 else "have"
        sentences.append(
            f"Doubtful: clean runs end in several ways, and {remark.unproven} of the propagated "
            f"mutants {have} no second run that reached the mutated code."
        )
    if remark.half_masked:
        sentences.append(
            f"Doubtful: {remark.half_masked} of the masked mutants ended as a clean run in one of "
            "two runs, and in the other in a state that no clean run has shown."
        )
    return " ".join(sentences)


def _withdrawn(remark: Withdrawn) -> str:
    were = "was" if remark.runs == 1 else "were"
    return (
        f"Warning: {counted(remark.runs, 'run')} of {remark.campaign} {were} withdrawn, as a "
        "control after them did not work."
    )


def _without_verdict(remark: WithoutVerdict) -> str:
    number = remark.broken + remark.lost
    share = 100 * number / remark.judged
    return (
        f"No verdict, {remark.campaign}: {number} of {counted(remark.judged, 'mutant')} "
        f"({share:.2g} %), {remark.broken} broken and {remark.lost} lost. They count in every "
        "denominator."
    )


def disagreement(wrong: Disagreement) -> str:
    """Say how a complete run differs from the run that a rule took it for."""
    if wrong.symptom is None:
        return "the run proves nothing"
    if wrong.is_alive:
        return f"the run was not stuck, and is {wrong.symptom}"
    if wrong.symptom is not Symptom.NORMAL:
        return f"the run ends in a {wrong.symptom}"
    if not wrong.is_clean:
        return difference(wrong.clean)
    return f"the run evaluates the mutated code {times(wrong.hits or 0)}"
