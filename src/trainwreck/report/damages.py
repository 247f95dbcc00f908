"""Sentences about the damage of a campaign's records."""

from collections.abc import Iterable

from trainwreck.model.damage import Damage, DamageKind, Sealing, Verification
from trainwreck.report.printable import one_line
from trainwreck.report.words import counted

NAMES = {
    "run": "the facts of run",
    "log": "the output of run",
    "observation": "the observations of run",
    "mutant": "the planned mutant",
    "chosen": "the chosen mutant",
    "executed": "the executed lines of",
    "frame": "the selection from",
    "stratum": "the stratum",
    "source": "the size of",
    "environment": "the environment",
    "origin": "the origin of environment",
    "probe": "the probes of mutant",
    "same_code": "the compared bytecode of mutant",
    "meta": "the value",
    "record": "the imported record of line",
    "doubt": "the doubt number",
    "sqlite_master": "the definition of",
}
"""The words before the name of a unit, by table."""

STATES = {
    DamageKind.CHANGED: "changed",
    DamageKind.LOST: "lost",
    DamageKind.ADDED: "added by another program",
    DamageKind.SEAL: "the seal is damaged",
}


def damage_line(damage: Damage) -> str:
    """Return one line about a damaged thing."""
    if damage.kind is DamageKind.STRUCTURE:
        return f"the file: {' '.join(damage.detail.split())}"
    if damage.kind is DamageKind.TABLE:
        return f"the table `{damage.table}`: missing, or of another program"
    if damage.kind is DamageKind.PENDING:
        return "the log beside the file: damaged, so that what was stored last is lost"
    if damage.kind is DamageKind.UNUSED:
        return "the file: bytes changed that belong to no record, or its digest did"
    name = NAMES.get(damage.table, f"the row of `{damage.table}`")
    return f"{name} {one_line(damage.unit.replace(chr(31), ' '))}: {STATES[damage.kind]}"


def damage_lines(damages: Iterable[Damage]) -> str:
    """Return one line about each damaged thing."""
    return "\n".join(map(damage_line, damages))


def unsealed(sealing: Sealing) -> str:
    """Return a sentence on records that have had no seals since they were made, or nothing."""
    if sealing is Sealing.NONE:
        return "An earlier version made the records, without seals: `verify` cannot find changes."
    if sealing is Sealing.AS_FOUND:
        return "An earlier version made some records; they were sealed later, as they were found."
    return ""


def verified(verification: Verification) -> str:
    """Return what the check of all records covers, and what it cannot know."""
    checked = f"{counted(verification.units, 'record')} checked"
    if not verification.sealed:
        return f"{checked}, which have no seals: an earlier version made them"
    if verification.converted:
        return f"{checked}; some were made by an earlier version, and sealed as they were found"
    return checked
