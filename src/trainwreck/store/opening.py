"""The format of a campaign file: created once, checked whenever one is opened."""

import sqlite3
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.store.columns import TableRow
from trainwreck.store.rows import ROWS, ChosenRow, ObservationRow, StratumRow

SCHEMA_VERSION = 3
SCHEMA = Path(__file__).with_name("schema.sql")
LATER = (ObservationRow.table, ChosenRow.table, StratumRow.table)
"""Tables that came after the format, so that older files may lack them."""

ANOTHER = "use another folder with `--campaign DIR`"


def prepare(connection: sqlite3.Connection, path: Path, create: bool) -> None:
    """Create the tables of a new file, or check those of an old one.

    Args:
        connection: The open file.
        path: The file, for messages.
        create: Whether a new file may be made a campaign, and missing tables added to an old one.

    Raises:
        UsageError: The file is no complete campaign of this format.

    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = table_names(connection)
    if version == SCHEMA_VERSION:
        _check_tables(connection, path, tables)
        if create:
            _add_later_tables(connection, tables)
    elif version or tables - ROWS.keys():
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
    else:
        _create(connection)


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
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _check_tables(connection: sqlite3.Connection, path: Path, tables: set[str]) -> None:
    for row in ROWS.values():
        if row.table in tables:
            problem = _missing_columns(connection, row)
        else:
            problem = "" if row.table in LATER else f"it has no table `{row.table}`"
        if problem:
            raise UsageError(
                f"the campaign {path} is damaged: {problem}",
                f"Restore it from a copy or an export, or {ANOTHER}.",
            )


def _missing_columns(connection: sqlite3.Connection, row: type[TableRow]) -> str:
    columns = {column[1] for column in connection.execute(f"PRAGMA table_info({row.table})")}
    missing = [f"`{name}`" for name in row.columns() if name not in columns]
    return f"its table `{row.table}` has no column {', '.join(missing)}" if missing else ""


def _add_later_tables(connection: sqlite3.Connection, tables: set[str]) -> None:
    if not tables.issuperset(LATER):
        for statement in statements(SCHEMA):
            if "IF NOT EXISTS" in statement:
                connection.execute(statement)
