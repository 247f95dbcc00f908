"""Audits: decisions made without a full run, compared with runs to the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trainwreck.findings import Judged
from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.judge.verdicts import symptom_of
from trainwreck.model import (
    FIRST,
    RUN,
    AuditedWrong,
    Disagreement,
    Outcome,
    Rule,
    Rung,
    Symptom,
    Table,
    TrialKind,
)
from trainwreck.results.baseline import clean_runs
from trainwreck.results.judged_campaign import judge_all
from trainwreck.stats import wilson_interval
from trainwreck.store.campaign_file import CampaignFile


@dataclass(frozen=True, slots=True)
class Audited:
    """A decision that was made without a complete run, and how that run disagrees, if it does."""

    judged: Judged
    disagreement: Disagreement | None

    @property
    def rule(self) -> Rule:
        """What decided."""
        return Rule(self.judged.verdict.decided_by)


def read_audits(file: CampaignFile) -> list[Audited]:
    """Every audit so far of what is still decided without a run."""
    runs: dict[str | None, list[Outcome]] = {}
    for _, mutant, outcome in file.outcomes(TrialKind.AUDIT):
        runs.setdefault(mutant, []).append(outcome)
    determinism = clean_runs(file)[FIRST].determinism
    metrics = tuple(file.meta("metrics") or ())
    return [
        Audited(item, _disagreement(item, runs[item.mutant.id], determinism, metrics))
        for item in judge_all(file)
        if item.verdict.decided_by != RUN and item.mutant.id in runs
    ]


def _disagreement(
    item: Judged,
    outcomes: Sequence[Outcome],
    determinism: DeterminismCheck,
    metrics: tuple[str, ...],
) -> Disagreement | None:
    """Return how complete runs differ from the clean run that a rule took them for.

    A second run counts as a mutant's does: where it evaluates the changed code and ends as a clean
    one, the mutant is silent.
    """
    first, *again = outcomes
    wrong = _wrong(item, first, determinism, metrics)
    if symptom_of(first, metrics) is not Symptom.NORMAL or not determinism.repeats:
        return wrong
    proofs = [second for second in again if second.hits or not first.hits]
    agree = any(_wrong(item, second, determinism, metrics) is None for second in proofs)
    hit = item.verdict.rung is Rung.UNREACHED and first.hits
    return wrong if hit or not agree else None


def _wrong(
    item: Judged, outcome: Outcome, determinism: DeterminismCheck, metrics: Iterable[str]
) -> Disagreement | None:
    symptom = symptom_of(outcome, metrics)
    is_clean = outcome.digest in determinism.digests
    hit = item.verdict.rung is Rung.UNREACHED and outcome.hits
    if symptom is Symptom.NORMAL and is_clean and not hit:
        return None
    return Disagreement(symptom, is_clean, outcome.hits, determinism.endings)


def table_audit(audits: Iterable[Audited]) -> Table:
    """How often runs disagree with what was decided without them, by rule."""
    audits = list(audits)
    rows = []
    for rule in Rule:
        for certainty in ("proven", "assumed"):
            members = [
                audited
                for audited in audits
                if audited.rule is rule and audited.judged.verdict.certainty == certainty
            ]
            if members:
                rows.append((rule.value, certainty, *_rate(members)))
    return Table(
        "audit",
        "Decisions made without a full run, run again to the end",
        ("", "Class", "Audited", "Disagree", "95 % interval"),
        tuple(rows),
        remarks=tuple(
            AuditedWrong(audited.judged.mutant.name, audited.disagreement)
            for audited in audits
            if audited.disagreement is not None
        ),
    )


def _rate(audits: Sequence[Audited]) -> tuple[object, ...]:
    """How many, how many disagree, and the interval of their share."""
    wrong = sum(audited.disagreement is not None for audited in audits)
    low, high = wilson_interval(wrong, len(audits))
    return len(audits), wrong, f"{100 * low:.1f} to {100 * high:.1f} %"
