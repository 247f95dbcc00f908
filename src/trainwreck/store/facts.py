"""Rows as the facts of an export: without paths of the machine, and checked when read again."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import msgspec
from msgspec import Struct

from trainwreck.model import IMPORT_PHASE, Better, Level, Means, Rule, VerdictSettings, change_texts
from trainwreck.store.columns import Json, JsonText, Paths, TableRow
from trainwreck.store.json_lines import BadLine
from trainwreck.store.nouns import MUTANT, mutant_of
from trainwreck.store.rows import ROWS, LogFact, LogRow, MetaRow, MutantRow, Relocate, RunRow


class _Measure(Struct):
    name: str
    pattern: str | None = None
    better: Better | None = None
    range: tuple[float, float] | None = None
    margin: float | str | None = None


class _Held(Struct):
    level: Level
    means: Means | None = None
    is_online: bool = True
    after: int = 0


_VerdictSettings = msgspec.defstruct(
    "_VerdictSettings",
    [(field.name, field.type, field.default) for field in fields(VerdictSettings)],
    forbid_unknown_fields=True,
)
"""The settings of verdicts as JSON; unknown fields are refused."""


META: dict[str, JsonText] = {
    key: JsonText(kind)
    for key, kind in {
        "subject": str | None,
        "metrics": list[str] | None,
        "measures": list[_Measure] | None,
        "looks": list[int] | None,
        "verdicts": _VerdictSettings | None,
        "versions": dict[str, str | None] | None,
        "reported": dict[str, str] | None,
        "containment": list[_Held] | None,
    }.items()
}
"""The values of the table meta that reports read."""

_texts = {
    table: {name: JsonText(mark.kind) for name, mark in row.marks(Json).items()}
    for table, row in ROWS.items()
}
_with_paths = {table: tuple(row.marks(Paths)) for table, row in ROWS.items()}
_is_json = {table: frozenset(columns) for table, columns in _texts.items()}


def read_fact(table: str, row: bytes) -> TableRow:
    """Return a row that an export holds. Raises BadLine, with the column."""
    if table not in ROWS:
        raise BadLine(f"a fact of `{table}`, which is no table of this version")
    try:
        if table == LogRow.table:
            return _log_row(msgspec.json.decode(row, type=LogFact))
        fact = msgspec.json.decode(row, type=ROWS[table])
        check_row(fact)
    except (ValueError, RecursionError) as error:
        columns = "field `" in str(error) and "at `$" not in str(error)
        problem = " has other columns than this version" if columns else ""
        raise BadLine(f"a fact of `{table}`{problem}: {error}") from None
    return fact


def check_stored(table: str, values: Mapping[str, Any]) -> None:
    """Raise ValueError where a stored row, given by its columns, cannot be read."""
    kind = ROWS.get(table)
    if kind is None:
        return
    try:
        check_row(msgspec.convert({name: values[name] for name in kind.columns()}, type=kind))
        if kind is LogRow:
            zlib.decompress(values["content"])
    except (RecursionError, zlib.error) as error:
        raise ValueError(str(error)) from None


def check_row(row: TableRow) -> None:
    """Raise ValueError, with the column, where no noun can be made of a row."""
    for name, text in _texts[row.table].items():
        if getattr(row, name) is not None:
            _check_json(name, getattr(row, name), text)
    if isinstance(row, MetaRow):
        if row.key in META:
            _check_json(f"value` of `{row.key}", row.value, META[row.key])
    elif isinstance(row, RunRow):
        _check_numbers(row.steps)
        _check_settled(row)
    elif isinstance(row, MutantRow):
        _check_mutant(row)


def _check_json(name: str, value: str, text: JsonText) -> None:
    try:
        text.decode(value)
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
    if (row.evaluated_start is None) != (row.evaluated_end is None):
        raise ValueError("column `evaluated_end`: one end without the other")
    if not json.loads(row.edits):
        raise ValueError("column `edits`: a mutant without an edit")
    # A copy, as the mutant itself takes the id that is stored.
    mutant = replace(mutant_of([getattr(row, name) for name in MUTANT.names]).mutant)
    if mutant.id != row.id:
        raise ValueError(f"column `id`: {row.id} is not the id of this mutant, {mutant.id}")


def relocated_row(
    table: type[TableRow], values: Sequence[Any], relocate: Relocate
) -> dict[str, Any]:
    """Return a row by column, without paths of the machine."""
    row = dict(zip(table.columns(), values, strict=True))
    return row | changed_texts(table, row, relocate)


def changed_texts(
    table: type[TableRow], row: Mapping[str, Any], change: Relocate
) -> dict[str, str]:
    """Return the columns of a row that may hold texts of programs, with each text changed."""
    return {
        name: relocated_json(row[name], change)
        if name in _is_json[table.table]
        else change(row[name])
        for name in _with_paths[table.table]
        if row[name] is not None
    }


def changed_bytes(content: bytes, change: Relocate) -> bytes:
    """Return an output of a program with its text changed; other bytes stay."""
    text = content.decode("utf-8", "surrogateescape")
    return change(text).encode("utf-8", "surrogateescape")


def log_fields(trial_id: str, content: bytes, relocate: Relocate) -> dict[str, str]:
    """Return a log as the fields of a ``LogFact``."""
    plain = zlib.decompress(content)
    try:
        return {"trial_id": trial_id, "text": relocate(plain.decode("utf-8"))}
    except UnicodeDecodeError:
        kept = changed_bytes(plain, relocate)
        return {"trial_id": trial_id, "base64": b64encode(kept).decode()}


def log_content(fact: LogFact) -> bytes:
    """Return a log as it is stored. Raises ValueError for both or neither of text and Base64."""
    if (fact.text is None) == (fact.base64 is None):
        raise ValueError("a log has either a `text` or `base64`")
    if fact.text is not None:
        return zlib.compress(fact.text.encode())
    return zlib.compress(b64decode(fact.base64 or "", validate=True))


def _log_row(fact: LogFact) -> LogRow:
    return LogRow(fact.trial_id, log_content(fact))


def relocated_json(text: str, relocate: Relocate) -> str:
    """Return JSON with every text in it relocated; unchanged JSON keeps its bytes."""
    value = json.loads(text)
    moved = change_texts(value, relocate)
    return text if moved == value else json.dumps(moved)
