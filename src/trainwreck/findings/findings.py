"""The nine findings of the paper, answered in the paper's way and with better statistics."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trainwreck.findings import by_operator, by_phase, overall
from trainwreck.findings.answer import Answer
from trainwreck.findings.judged_campaign import JudgedCampaign
from trainwreck.model import Table

Ask = Callable[[JudgedCampaign], Answer]

COLUMNS = ("", "Finding", "As in the paper", "Numbers", "Better statistics", "Numbers")
NOTE = (
    "As in the paper: shares, box plots, t-tests and analyses of variance, one run per mutant. "
    "Better: intervals, exact and rank tests, several runs of every propagated mutant, each "
    "mutant once, and errors that are robust to files. A difference that is not shown leaves a "
    "finding undecided."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim of the paper, and the two functions that answer it for a campaign."""

    number: int
    claim: str
    as_published: Ask
    better: Ask


FINDINGS = (
    Finding(
        1,
        "More than half show no error, fewer than half crash, few hang",
        overall.symptoms_as_published,
        overall.symptoms,
    ),
    Finding(
        2,
        "Outliers of accuracy lie mostly below",
        overall.low_values_as_published,
        overall.low_values,
    ),
    Finding(
        3,
        "Outliers of time lie mostly above",
        overall.long_times_as_published,
        overall.long_times,
    ),
    Finding(
        4,
        "Accuracy of normal buggy runs is close to that of clean ones",
        overall.alike_as_published,
        overall.alike,
    ),
    Finding(
        5,
        "ComOR, MemOR and LogOR crash more than other operators",
        by_operator.more_crashes_as_published,
        by_operator.more_crashes,
    ),
    Finding(
        6,
        "NVR, LogOR and ComOR reach much lower accuracy, ComOR the longest training",
        by_operator.lower_and_longer_as_published,
        by_operator.lower_and_longer,
    ),
    Finding(
        7,
        "Operators differ in accuracy, and some from clean runs",
        by_operator.operators_differ_as_published,
        by_operator.operators_differ,
    ),
    Finding(
        8,
        "Bugs of constructing and learning have more impact than those of preprocessing",
        by_phase.later_impact_as_published,
        by_phase.later_impact,
    ),
    Finding(
        9,
        "Normal outputs and crashes are distributed alike in the three phases",
        by_phase.alike_phases_as_published,
        by_phase.alike_phases,
    ),
)


def table_findings(studies: Iterable[JudgedCampaign]) -> list[Table]:
    """Return a table for each campaign: every finding with both answers and their numbers."""
    studies = list(studies)
    tables = []
    for study in studies:
        name = "findings" if len(studies) == 1 else f"findings-{study.name}"
        rows = tuple(_row(study, finding) for finding in FINDINGS)
        tables.append(Table(name, f"Findings 1 to 9: {study.name}", COLUMNS, rows, NOTE))
    return tables


def _row(study: JudgedCampaign, finding: Finding) -> tuple[object, ...]:
    published, better = finding.as_published(study), finding.better(study)
    return (
        finding.number,
        finding.claim,
        published.holds.value,
        published.numbers,
        better.holds.value,
        better.numbers,
    )
