"""The answer of the command ``audit`` where a run contradicts a proven rule."""

from collections.abc import Iterable

from trainwreck.errors import AuditError
from trainwreck.findings import Audited
from trainwreck.model import RULES_IN_USE, Rule
from trainwreck.report.remarks import disagreement
from trainwreck.report.words import counted


def check_audits(audits: Iterable[Audited]) -> None:
    """Raise AuditError where a proven rule is contradicted."""
    wrong = [
        (audited.judged, audited.rule, audited.disagreement)
        for audited in audits
        if audited.disagreement is not None and audited.judged.verdict.certainty == "proven"
    ]
    if wrong:
        item, rule, difference = wrong[0]
        raise AuditError(
            f"{counted(len(wrong), 'run')} {'contradicts' if len(wrong) == 1 else 'contradict'} "
            f"the rule `{rule}`, first that of {item.mutant.id} ({item.mutant.name}): "
            f"{disagreement(difference)}",
            _way_out(item.mutant.id, rule),
        )


def _way_out(mutant: str, rule: Rule) -> str:
    read = f"Read `trainwreck show {mutant}`"
    if rule in RULES_IN_USE:
        return f"{read}, and do without the rule: `trainwreck run --without {rule}`."
    return f"{read}, and start a new campaign, since the rule no longer exists."
