"""The rows of a campaign's tables, each with the types that reading it again relies on."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from trainwreck.model import (
    IMPORT_PHASE,
    Better,
    Ending,
    ProbeKind,
    Rule,
    TrialKind,
    VerdictSettings,
)
from trainwreck.store.nouns import mutant_of

Relocate = Callable[[str], str]
"""A text with the name of a folder in place of the folder's path."""

Int = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""What an integer of SQLite holds."""


class MetaRow(Struct, forbid_unknown_fields=True):
    """One JSON value."""

    key: str
    value: str


class FrameRow(Struct, forbid_unknown_fields=True):
    """The selection of one file."""

    root: str
    file: str
    nodes: Int
    mutants: Int
    dropped: Int
    executed_nodes: Int
    executed: Int
    planned_nodes: Int
    planned: Int
    problem: str


class ExecutedRow(Struct, forbid_unknown_fields=True):
    """The phases of one line."""

    root: str
    file: str
    line: Int
    phases: str


class MutantRow(Struct, forbid_unknown_fields=True):
    """A planned mutant."""

    position: Int
    id: str
    root: str
    file: str
    module: str
    function: str
    operator: str
    edits: str
    source_sha: str
    context: str
    anchor: str
    first_line: Int
    last_line: Int
    evaluated_start: Int | None
    evaluated_end: Int | None
    phases: str


class SourceRow(Struct, forbid_unknown_fields=True):
    """The size of one file."""

    root: str
    file: str
    statements: Int | None
    executed: Int | None


class EnvironmentRow(Struct, forbid_unknown_fields=True):
    """What runs were made in."""

    id: str
    python: str
    packages: str


class RunRow(Struct, forbid_unknown_fields=True):
    """One run."""

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
    steps: str
    parameters: str | None
    error: str | None
    phases: str
    planted: Annotated[int, Meta(ge=0, le=1)]
    stack: str
    overhead: float
    work: str
    reports: str
    checkpoint: str | None
    states: str
    opaque: str
    first_hit: float | None
    settled: str
    environment: str


class ProbeRow(Struct, forbid_unknown_fields=True):
    """What a probe tells of one mutant."""

    mutant_id: str
    trial_id: str
    kind: ProbeKind
    evaluations: Int
    differing: Int
    example: str
    counts: str
    hits: Int
    doubt: str


class SameCodeRow(Struct, forbid_unknown_fields=True):
    """Whether a mutant compiles to the clean bytecode."""

    mutant_id: str
    same: Annotated[int, Meta(ge=0, le=1)]


class LogRow(Struct, forbid_unknown_fields=True):
    """What a run printed: text where it is UTF-8, Base64 otherwise."""

    trial_id: str
    text: str | None = None
    base64: str | None = None


Row = (
    MetaRow
    | FrameRow
    | ExecutedRow
    | MutantRow
    | SourceRow
    | EnvironmentRow
    | RunRow
    | ProbeRow
    | SameCodeRow
    | LogRow
)
ROWS: dict[str, Any] = {
    "meta": MetaRow,
    "frame": FrameRow,
    "executed": ExecutedRow,
    "mutant": MutantRow,
    "source": SourceRow,
    "environment": EnvironmentRow,
    "run": RunRow,
    "probe": ProbeRow,
    "same_code": SameCodeRow,
    "log": LogRow,
}


class FactLine(Struct):
    """One row of a table."""

    table: str
    row: msgspec.Raw


class EndLine(Struct):
    """The last line of a campaign's records: how many facts came before it."""

    facts: int


class _Measure(Struct):
    name: str
    pattern: str | None = None
    better: Better | None = None
    range: tuple[float, float] | None = None
    margin: float | str | None = None


_VerdictSettings = msgspec.defstruct(
    "_VerdictSettings",
    [(field.name, field.type, field.default) for field in fields(VerdictSettings)],
    forbid_unknown_fields=True,
)
"""The same fields, of which none may be unknown when it is read."""


class _Chained(Struct, array_like=True, forbid_unknown_fields=True):
    type: str
    message: str
    frames: list[tuple[str, int, str, str]]


class _Failure(Struct, array_like=True, forbid_unknown_fields=True):
    """The column ``error``; older campaigns have no chain."""

    type: str
    message: str
    frames: list[tuple[str, int, str]]
    seconds: float | None
    chain: list[_Chained] = []


Timed = tuple[str, float, float, int]
JSON_COLUMNS: dict[str, dict[str, Any]] = {
    "mutant": {"edits": list[tuple[int, int, int, int, int, int, str, str]]},
    "environment": {"packages": dict[str, str]},
    "probe": {"counts": list[int]},
    "run": {
        "steps": dict[str, list[str]],
        "error": _Failure | None,
        "phases": list[Timed],
        "work": dict[str, int],
        "reports": list[tuple[list[str], float, float, int]],
        "states": dict[str, str],
        "opaque": list[str],
    },
}
"""What the columns that are JSON hold."""

META: dict[str, Any] = {
    "subject": str | None,
    "metrics": list[str] | None,
    "measures": list[_Measure] | None,
    "looks": list[int] | None,
    "verdicts": _VerdictSettings | None,
    "versions": dict[str, str | None] | None,
    "reported": dict[str, str] | None,
}
"""What those values of the table meta hold that reports read."""

TOLD = {
    "meta": (("value", True),),
    "frame": (("problem", False),),
    "run": (("error", True), ("stack", False), ("opaque", True)),
    "probe": (("example", False), ("doubt", False)),
}
"""The columns that may name files of the machine, and whether they are JSON."""


def check_row(table: str, row: Row) -> None:
    """Raise ValueError, with the column, where a row cannot be made a noun of."""
    for name, kind in JSON_COLUMNS.get(table, {}).items():
        text = getattr(row, name)
        if text is not None:
            _check_json(name, text, kind)
    if isinstance(row, MetaRow):
        _check_json(f"value` of `{row.key}", row.value, META.get(row.key, Any))
    elif isinstance(row, RunRow):
        _check_numbers(row.steps)
        _check_settled(row)
    elif isinstance(row, MutantRow):
        _check_mutant(row)


def _check_json(name: str, text: str, kind: Any) -> None:
    try:
        # Not by msgspec alone: Python writes, and reads, halves of surrogate pairs.
        msgspec.convert(json.loads(text), kind)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"column `{name}`: {error}") from None


def _check_numbers(text: str) -> None:
    for name, values in json.loads(text).items():
        for value in values:
            try:
                float(value)
            except ValueError:
                raise ValueError(f"column `steps`: `{value}` of {name} is no number") from None


def _check_settled(row: RunRow) -> None:
    if row.settled not in ("", *Rule):
        raise ValueError(f"column `settled`: `{row.settled}` is no rule")
    last = [IMPORT_PHASE, *(name for name, *_ in json.loads(row.phases))][-1]
    if row.settled == Rule.CUT and last not in json.loads(row.states):
        raise ValueError("column `states`: the state by which the run was settled is missing")


def _check_mutant(row: MutantRow) -> None:
    values = msgspec.structs.astuple(row)[1:]
    if (row.evaluated_start is None) != (row.evaluated_end is None):
        raise ValueError("column `evaluated_end`: one end without the other")
    if not json.loads(row.edits):
        raise ValueError("column `edits`: a mutant without an edit")
    mutant, _ = mutant_of(values)
    if mutant.id != row.id:
        raise ValueError(f"column `id`: {row.id} is not the id of this mutant, {mutant.id}")


def relocated_row(table: str, row: dict[str, Any], relocate: Relocate) -> dict[str, Any]:
    """A row without paths of the machine."""
    for name, is_json in TOLD.get(table, ()):
        if row[name] is not None:
            row[name] = relocated_json(row[name], relocate) if is_json else relocate(row[name])
    return row


def log_fields(trial_id: str, content: bytes, relocate: Relocate) -> dict[str, str]:
    """A log as a row that JSON can hold."""
    plain = zlib.decompress(content)
    try:
        return {"trial_id": trial_id, "text": relocate(plain.decode("utf-8"))}
    except UnicodeDecodeError:
        kept = relocate(plain.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        return {"trial_id": trial_id, "base64": b64encode(kept).decode()}


def log_content(row: LogRow) -> bytes:
    """The same as it is stored. Raises ValueError where there is neither text nor Base64."""
    if (row.text is None) == (row.base64 is None):
        raise ValueError("a log has either a `text` or `base64`")
    plain = b64decode(row.base64, validate=True) if row.text is None else row.text.encode()  # type: ignore[arg-type]
    return zlib.compress(plain)


def relocated_json(text: str, relocate: Relocate) -> str:
    """The same for every text within a text of JSON."""
    value = json.loads(text)
    moved = _relocated(value, relocate)
    return text if moved == value else json.dumps(moved)


def _relocated(value: Any, relocate: Relocate) -> Any:
    if isinstance(value, str):
        return relocate(value)
    if isinstance(value, list):
        return [_relocated(each, relocate) for each in value]
    if isinstance(value, dict):
        return {relocate(name): _relocated(each, relocate) for name, each in value.items()}
    return value
