"""Audits: early decisions compared with complete runs, by rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trainwreck.model import AuditedWrong, Disagreement, Judged, Rule, Table
from trainwreck.stats.describe import wilson_interval


@dataclass(frozen=True, slots=True)
class Audited:
    """A decision that was made without a complete run, and how that run disagrees, if it does."""

    judged: Judged
    disagreement: Disagreement | None

    @property
    def rule(self) -> Rule:
        """Return the rule that decided."""
        return Rule(self.judged.verdict.decided_by)


def table_audit(audits: Iterable[Audited]) -> Table:
    """Tabulate how often complete runs disagree with early decisions, by rule."""
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
    """Return the number of audits, of disagreements, and the 95 % interval of their share."""
    wrong = sum(audited.disagreement is not None for audited in audits)
    low, high = wilson_interval(wrong, len(audits))
    return len(audits), wrong, f"{100 * low:.1f} to {100 * high:.1f} %"
