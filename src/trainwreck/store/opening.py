"""The format of a campaign file: created once, checked and brought forward when one is opened."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

from trainwreck.errors import DamageError, UsageError
from trainwreck.store.columns import TableRow
from trainwreck.store.rows import ROWS, ChosenRow, ObservationRow, OriginRow, StratumRow
from trainwreck.store.seals import SEAL, seal_all, seal_definitions

SCHEMA_VERSION = 4
FACTS_READ = (3, 4)
"""The formats whose facts an import restores."""
SCHEMA = Path(__file__).with_name("schema.sql")
IMPORTED = Path(__file__).with_name("imported.sql")
IMPORTED_TABLES = {"record", "doubt"}

LATER = (ObservationRow.table, ChosenRow.table, StratumRow.table, OriginRow.table)
"""Tables that came within a format, so that files of it may lack them."""

CONVERTED = "sealed_as_found"
"""The key of the table meta that is there where earlier records had no seals."""

ANOTHER = "use another folder with `--campaign DIR`"


def check_format(connection: sqlite3.Connection, path: Path, create: bool) -> None:
    """Check that a file is a complete campaign of a format that this version reads.

    Args:
        connection: The open file.
        path: The file, for messages.
        create: Whether an empty file may become a campaign.

    Raises:
        UsageError: It is none.

    """
    version = format_of(connection)
    tables = table_names(connection)
    if version in (SCHEMA_VERSION, *STEPS):
        _check_tables(connection, path, tables | ({SEAL} if version in STEPS else set()))
    elif version or tables - ROWS.keys() - {SEAL}:
        raise UsageError(
            f"the campaign {path} was made by another version of trainwreck "
            f"(format {version}, this is {SCHEMA_VERSION})",
            f"Open it with that version, or {ANOTHER}.",
        )
    elif tables or not create:
        raise UsageError(
            f"the campaign {path} is incomplete: its creation was interrupted",
            "Delete that file, then run `trainwreck baseline`.",
        )


def make_current(connection: sqlite3.Connection) -> None:
    """Create the tables of a new file, or bring those of an old one forward."""
    version = format_of(connection)
    if version:
        _bring_forward(connection, version)
    else:
        _create(connection)


def format_of(connection: sqlite3.Connection) -> int:
    """Return the number of the file's format; 0 for a file that is no campaign yet."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def table_names(connection: sqlite3.Connection) -> set[str]:
    """Return the names of all tables."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def has_rows(connection: sqlite3.Connection, table: str) -> bool:
    """Return whether there is a table of this name with a row in it."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.execute(query, (table,)).fetchone() is None:
        return False
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def statements(script: Path) -> list[str]:
    """Return the statements of a file of SQL one by one: a script would end a transaction."""
    lines = script.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).split(";")[:-1]


def _create(connection: sqlite3.Connection) -> None:
    # One transaction, so that an interruption leaves an empty file.
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        for statement in statements(SCHEMA):
            connection.execute(statement)
        seal_definitions(connection)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _check_tables(connection: sqlite3.Connection, path: Path, tables: set[str]) -> None:
    problems = [
        f"it has no table `{name}`" for name in (*ROWS, SEAL) if name not in {*tables, *LATER}
    ]
    problems += [_missing_columns(connection, row) for row in ROWS.values() if row.table in tables]
    for problem in problems:
        if problem:
            raise DamageError(
                f"the campaign {path} is damaged: {problem}",
                f"Restore it from a copy or an export, or {ANOTHER}.",
            )


def _missing_columns(connection: sqlite3.Connection, row: type[TableRow]) -> str:
    columns = {column[1] for column in connection.execute(f"PRAGMA table_info({row.table})")}
    missing = [f"`{name}`" for name in row.columns() if name not in columns]
    return f"its table `{row.table}` has no column {', '.join(missing)}" if missing else ""


def _bring_forward(connection: sqlite3.Connection, version: int) -> None:
    """Take the steps to the present format, in one transaction."""
    steps = [step for before, step in sorted(STEPS.items()) if before >= version]
    if not steps and table_names(connection).issuperset(LATER):
        return
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        for statement in statements(SCHEMA):
            if "IF NOT EXISTS" in statement:
                connection.execute(statement)
        for step in steps:
            step(connection)
        seal_definitions(connection)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _seal_format_3(connection: sqlite3.Connection) -> None:
    """Give seals to what is there, as it is."""
    connection.execute("INSERT INTO meta VALUES (?, ?)", (CONVERTED, json.dumps(True)))
    seal_all(connection)


STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {3: _seal_format_3}
"""The step from each earlier format to the next one."""
