"""A file of verdicts for readers with SQL: written once, and never read by trainwreck."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError

SCHEMA = Path(__file__).parent / "verdicts.sql"
APPLICATION = 0x54775631
"""Marks the file as one of verdicts: `TwV1`, at byte 68 of a database."""
AT = slice(68, 72)

Row = tuple[Any, ...]
"""The cells of a row, in the order of the columns."""


def write_verdict_file(path: Path, tables: Mapping[str, Iterable[Row]]) -> None:
    """Write the tables of ``verdicts.sql``, in place of an older file of verdicts.

    Args:
        path: The file.
        tables: The rows of each table, those that others refer to first.

    Raises:
        UsageError: There is another file, or nothing can be written.

    """
    _check_replaceable(path)
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft)) as connection:
            connection.executescript(SCHEMA.read_text(encoding="utf-8"))
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            for table, rows in tables.items():
                _insert(connection, table, rows)
            connection.commit()
        draft.replace(path)
    except (OSError, sqlite3.Error) as error:
        problem = f"the report `{path}` cannot be written: {error}"
        raise UsageError(problem, "Name another file, or free space there.") from error
    finally:
        draft.unlink(missing_ok=True)


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    columns = len(connection.execute(f"PRAGMA table_info({table})").fetchall())
    marks = ", ".join("?" * columns)
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _check_replaceable(path: Path) -> None:
    """Raise UsageError where a file would be lost that is none of verdicts."""
    try:
        with path.open("rb") as file:
            head = file.read(AT.stop)
    except FileNotFoundError:
        return
    except OSError as error:
        problem = f"the report `{path}` cannot be written: {error.strerror}"
        raise UsageError(problem, "Name another file.") from error
    if head and head[AT] != APPLICATION.to_bytes(4, "big"):
        raise UsageError(f"{path} is there, and is no file of verdicts", "Name another file.")
