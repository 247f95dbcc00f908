"""Checks the library SQLite that Python was built with."""

import sqlite3

FEATURES = {
    "JSON": "SELECT json_extract('{\"a\": 1}', '$.a') FROM json_each('[1]')",
    "upserts": "INSERT INTO t VALUES (1, 1) ON CONFLICT (k) DO UPDATE SET v = 2",
}
"""The features that campaigns need, each with a statement that uses it."""


def sqlite_version() -> str:
    """Return the version of the library."""
    return sqlite3.sqlite_version


def missing_features() -> list[str]:
    """Return the features that campaigns need and that the library lacks."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v) WITHOUT ROWID")
        missing = [name for name, text in FEATURES.items() if not _works(connection, text)]
    connection.close()
    return missing


def _works(connection: sqlite3.Connection, statement: str) -> bool:
    try:
        connection.execute(statement).fetchall()
    except sqlite3.OperationalError:
        return False
    return True
