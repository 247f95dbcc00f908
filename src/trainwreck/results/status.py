"""What a campaign says so far, computed anew from its facts."""

from collections import Counter
from dataclasses import dataclass
from math import isfinite

from trainwreck.model import TrialKind
from trainwreck.results.imported import imported_campaign, imported_measurements
from trainwreck.results.judged_campaign import first_verdicts
from trainwreck.results.studies import subject_name
from trainwreck.store.campaign_file import CampaignFile


@dataclass(frozen=True, slots=True)
class Status:
    """How far a campaign is; costs in processor seconds, ``expected`` for what is left."""

    subject: str
    planned: int
    done: int
    left: int
    symptoms: dict[str, int]
    rungs: dict[str, int]
    cost: float
    expected: float


def read_status(file: CampaignFile) -> Status:
    """Count what is there; verdicts are looked at one by one, and only by first runs."""
    foreign = imported_campaign(file, "") if file.has_records() else None
    symptoms: Counter[str] = Counter()
    rungs: Counter[str] = Counter()
    for item in foreign.judged if foreign else first_verdicts(file):
        symptoms[item.verdict.symptom.value] += 1
        rungs[item.verdict.rung or "not told apart"] += 1
    planned, done = foreign.planned if foreign else file.planned_number(), symptoms.total()
    costs = file.costs()
    spent = sum(cost.cpu_seconds for cost in costs)
    if foreign:
        runs_told = imported_measurements(file)
        spent = sum(run.cpu_seconds for run in runs_told if isfinite(run.cpu_seconds))
    each = [cost for cost in costs if cost.kind is TrialKind.MUTANT]
    each = each or [cost for cost in costs if cost.kind is TrialKind.CLEAN]
    runs = sum(cost.runs for cost in each)
    mean = sum(cost.cpu_seconds for cost in each) / runs if runs else 0.0
    return Status(
        subject=subject_name(file),
        planned=planned,
        done=done,
        left=planned - done,
        symptoms=dict(symptoms),
        rungs=dict(rungs),
        cost=spent,
        expected=(planned - done) * mean,
    )
