"""Audits: decisions made without a full run, compared with runs to the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trainwreck.errors import AuditError
from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.judge.verdicts import symptom_of
from trainwreck.model import (
    FIRST,
    RULES_IN_USE,
    RUN,
    Judged,
    Outcome,
    Rule,
    Rung,
    Symptom,
    Table,
    TrialKind,
)
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_all
from trainwreck.stats.describe import wilson_interval


@dataclass(frozen=True, slots=True)
class Audited:
    """A decision that was made without a full run, and why the run does not agree, if so."""

    judged: Judged
    disagreement: str

    @property
    def rule(self) -> Rule:
        """What decided."""
        return Rule(self.judged.verdict.decided_by)


def read_audits(evidence: Evidence) -> list[Audited]:
    """Every audit so far of what is still decided without a run."""
    runs: dict[str | None, list[Outcome]] = {}
    for _, mutant, outcome in evidence.file.outcomes(TrialKind.AUDIT):
        runs.setdefault(mutant, []).append(outcome)
    determinism = evidence.clean[FIRST].determinism
    metrics = evidence.metric_names
    return [
        Audited(item, _disagreement(item, runs[item.mutant.id], determinism, metrics))
        for item in judge_all(evidence)
        if item.verdict.decided_by != RUN and item.mutant.id in runs
    ]


def _disagreement(
    item: Judged,
    outcomes: Sequence[Outcome],
    determinism: DeterminismCheck,
    metrics: tuple[str, ...],
) -> str:
    """Why runs to the end are not the clean run that they were taken for; empty where they are.

    A second run counts as a mutant's does: where it evaluates the changed code and ends as a clean
    one, the mutant is silent.
    """
    first, *again = outcomes
    wrong = _wrong(item, first, determinism, metrics)
    if symptom_of(first, metrics) is not Symptom.NORMAL or not determinism.repeats:
        return wrong
    proofs = [second for second in again if second.hits or not first.hits]
    agree = any(not _wrong(item, second, determinism, metrics) for second in proofs)
    hit = item.verdict.rung is Rung.UNREACHED and first.hits
    return wrong if hit or not agree else ""


def _wrong(
    item: Judged, outcome: Outcome, determinism: DeterminismCheck, metrics: Iterable[str]
) -> str:
    symptom = symptom_of(outcome, metrics)
    if symptom is not Symptom.NORMAL:
        return f"the run ends in a {symptom}"
    if outcome.digest not in determinism.digests:
        return f"the run ends in {outcome.digest}, not among the {determinism.summary}"
    if item.verdict.rung is Rung.UNREACHED and outcome.hits:
        return f"the run evaluates the changed code {outcome.hits} times"
    return ""


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
        " ".join(f"{a.judged.mutant.name}: {a.disagreement}." for a in audits if a.disagreement),
    )


def _rate(audits: Sequence[Audited]) -> tuple[object, ...]:
    """How many, how many disagree, and the interval of their share."""
    wrong = sum(bool(audited.disagreement) for audited in audits)
    low, high = wilson_interval(wrong, len(audits))
    return len(audits), wrong, f"{100 * low:.1f} to {100 * high:.1f} %"


def check_audits(audits: Iterable[Audited]) -> None:
    """Raise AuditError where a proven rule is contradicted."""
    wrong = [a for a in audits if a.disagreement and a.judged.verdict.certainty == "proven"]
    if wrong:
        first = wrong[0]
        raise AuditError(
            f"the rule `{first.rule}` is contradicted by {len(wrong)} of its runs, first by "
            f"{first.judged.mutant.id} ({first.judged.mutant.name}): {first.disagreement}",
            _way_out(first),
        )


def _way_out(audited: Audited) -> str:
    look = f"Read `trainwreck show {audited.judged.mutant.id}`"
    if audited.rule in RULES_IN_USE:
        return f"{look}, and do without the rule: `trainwreck run --without {audited.rule}`."
    return f"{look}, and start a new campaign, since the rule no longer exists."
