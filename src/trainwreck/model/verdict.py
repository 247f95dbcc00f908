"""A verdict: what the facts say of a mutant; and tables of verdicts."""

from dataclasses import dataclass, field
from enum import StrEnum


class Symptom(StrEnum):
    """The three symptoms of the study (section III-A)."""

    NORMAL = "normal"
    CRASH = "crash"
    HANG = "hang"


class Rung(StrEnum):
    """How far a bug got."""

    UNREACHED = "unreached"
    MASKED = "masked"
    PROPAGATED = "propagated"
    CRASH = "crash"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the facts say of one mutant; recomputed whenever it is asked for."""

    mutant_id: str
    symptom: Symptom
    rung: Rung | None
    evidence: str
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of plain values; a figure is a table first."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    note: str = field(default="")


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, in a cell of a table."""

    count: int
    total: int
