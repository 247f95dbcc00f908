"""The rows of a campaign's tables. ``schema.sql`` describes the same tables for readers.

A new column is one line here and one line there; a test compares the two.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct

from trainwreck.model import (
    Context,
    Ending,
    Failure,
    Mutant,
    PhaseTime,
    ProbeKind,
    Report,
    Stratum,
    TrialKind,
)
from trainwreck.store.columns import Flag, Int, Json, Paths, TableRow

Relocate = Callable[[str], str]
"""Writes the name of a folder in place of the folder's path in a text."""

EditFields = tuple[int, int, int, int, int, int, str, str]
"""An edit: the six numbers of its span, the original text and its replacement."""


class MetaRow(TableRow):
    """One JSON value."""

    table: ClassVar = "meta"
    order: ClassVar = "key"

    key: str
    value: Annotated[str, Json(Any), Paths()]


class FrameRow(TableRow):
    """The selection of one file."""

    table: ClassVar = "frame"
    order: ClassVar = "root, file"

    root: str
    file: str
    nodes: Int
    mutants: Int
    dropped: Int
    executed_nodes: Int
    executed: Int
    planned_nodes: Int
    planned: Int
    problem: Annotated[str, Paths()]


class ExecutedRow(TableRow):
    """The phases of one line."""

    table: ClassVar = "executed"
    order: ClassVar = "root, file, line"

    root: str
    file: str
    line: Int
    phases: str


class MutantRow(TableRow):
    """A planned mutant."""

    table: ClassVar = "mutant"
    order: ClassVar = "position"

    position: Int
    id: str
    root: str
    file: str
    module: str
    function: str
    operator: str
    edits: Annotated[str, Json(list[EditFields])]
    source_sha: str
    context: Context
    anchor: str
    first_line: Int
    last_line: Int
    evaluated_start: Int | None
    evaluated_end: Int | None
    phases: str


class SourceRow(TableRow):
    """The size of one file."""

    table: ClassVar = "source"
    order: ClassVar = "root, file"

    root: str
    file: str
    statements: Int | None
    executed: Int | None


class EnvironmentRow(TableRow):
    """The interpreter and the packages of runs."""

    table: ClassVar = "environment"
    order: ClassVar = "id"

    id: str
    python: str
    packages: Annotated[str, Json(dict[str, str])]


class OriginRow(TableRow):
    """The tool, the machine, the settings and the state of the program, of an environment."""

    table: ClassVar = "origin"
    order: ClassVar = "environment"

    environment: str
    origin: Annotated[str, Json(dict[str, str])]


class RunRow(TableRow):
    """One run."""

    table: ClassVar = "run"
    order: ClassVar = "number"

    number: Int
    trial_id: str
    kind: TrialKind
    seed: Int
    fold: Int
    repeat: Int
    mutant_id: str | None
    ending: Ending
    code: Int
    seconds: float
    cpu_seconds: float
    peak_rss: Int
    hits: Int | None
    steps: Annotated[str, Json(dict[str, tuple[str, ...]])]
    parameters: str | None
    error: Annotated[str | None, Json(Failure), Paths()]
    phases: Annotated[str, Json(tuple[PhaseTime, ...])]
    planted: Flag
    stack: Annotated[str, Paths()]
    overhead: float
    work: Annotated[str, Json(dict[str, int])]
    reports: Annotated[str, Json(tuple[Report, ...])]
    checkpoint: str | None
    states: Annotated[str, Json(dict[str, str])]
    opaque: Annotated[str, Json(list[str]), Paths()]
    first_hit: float | None
    settled: str
    environment: str


class ProbeRow(TableRow):
    """The record of the probes of one mutant."""

    table: ClassVar = "probe"
    order: ClassVar = "mutant_id"

    mutant_id: str
    trial_id: str
    kind: ProbeKind
    evaluations: Int
    differing: Int
    example: Annotated[str, Paths()]
    counts: Annotated[str, Json(tuple[int, ...])]
    hits: Int
    doubt: Annotated[str, Paths()]


class SameCodeRow(TableRow):
    """The check of one mutant: ``same`` where it compiles to the clean bytecode."""

    table: ClassVar = "same_code"
    order: ClassVar = "mutant_id"

    mutant_id: str
    same: Flag


class ObservationRow(TableRow):
    """One value that the agent observed in a run, under a name of its own."""

    table: ClassVar = "observation"
    order: ClassVar = "trial_id, name"

    trial_id: str
    name: str
    value: Annotated[str, Json(Any), Paths()]


class StratumRow(TableRow):
    """The selection from one stratum of one file."""

    table: ClassVar = "stratum"
    order: ClassVar = "root, file, stratum"

    root: str
    file: str
    stratum: Stratum
    mutants: Int
    planned: Int
    chance: Annotated[float, Meta(ge=0, le=1)]


class ChosenRow(TableRow):
    """A mutant that somebody chose, or a bug that a user describes."""

    table: ClassVar = "chosen"
    order: ClassVar = "position"

    position: Int
    id: str
    parts: Annotated[str, Json(tuple[Mutant, ...])]
    phases: str
    own: Flag
    label: str
    link: str


class LogRow(TableRow):
    """The output of a run, compressed by zlib. Exports hold a ``LogFact`` instead."""

    table: ClassVar = "log"
    order: ClassVar = "trial_id"

    trial_id: str
    content: bytes


class LogFact(Struct, forbid_unknown_fields=True):
    """The output of a run in an export: text where it is UTF-8, Base64 otherwise."""

    trial_id: str
    text: str | None = None
    base64: str | None = None


DUMPED: tuple[type[TableRow], ...] = (
    MetaRow,
    FrameRow,
    ExecutedRow,
    MutantRow,
    SourceRow,
    EnvironmentRow,
    OriginRow,
    RunRow,
    ProbeRow,
    SameCodeRow,
    ObservationRow,
    ChosenRow,
    StratumRow,
)
"""The tables of facts in the order in which exports hold them; logs follow."""

TABLES: tuple[type[TableRow], ...] = (*DUMPED, LogRow)
ROWS = {row.table: row for row in TABLES}


class FactLine(Struct):
    """One row of a table in an export."""

    table: str
    row: msgspec.Raw


class EndLine(Struct):
    """The last line of an export: the number of facts before it."""

    facts: int
