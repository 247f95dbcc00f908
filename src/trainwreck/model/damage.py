"""Damage of a campaign's records: what was changed or lost after it was written."""

from dataclasses import dataclass
from enum import StrEnum


class DamageKind(StrEnum):
    """One way in which a stored campaign differs from what was written."""

    CHANGED = "changed"
    LOST = "lost"
    ADDED = "added"
    SEAL = "seal"
    STRUCTURE = "structure"
    TABLE = "table"
    PENDING = "pending"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged thing of a campaign file.

    - ``table`` and ``unit`` name rows: the facts of a run, its output, one file's executed lines.
      They are CHANGED, LOST or ADDED, or their SEAL is damaged and they are not.
    - STRUCTURE is of the file, as SQLite describes it in ``detail``; TABLE is a missing or unknown
      one; PENDING is a log beside the file whose end cannot be read.
    - UNUSED bytes belong to no record.
    """

    kind: DamageKind
    table: str = ""
    unit: str = ""
    detail: str = ""


class Sealing(StrEnum):
    """The seals of a campaign's records: all, later ones with the rest as it was found, or none."""

    WHOLE = "whole"
    AS_FOUND = "as found"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a check of all records.

    Attributes:
        damages: Everything that is damaged; empty for a sound campaign.
        units: Number of units that were compared with their seals.
        sealed: Whether the campaign has seals. Those of early versions have none.
        converted: Whether its first records had none, and were sealed later as they were then.

    """

    damages: tuple[Damage, ...]
    units: int
    sealed: bool
    converted: bool
