"""Seals: digests kept beside the rows, which show what was changed afterwards.

A *unit* is the rows that one seal covers: the facts of a run, its output, one file's executed
lines. A seal is the sum of its rows' digests, so that rows may come and go in any order. Triggers
of the writing connection change the seals in the transactions that change the rows.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from msgspec.msgpack import Encoder

SEAL = "seal"
"""The table of the seals."""
DIGEST_BYTES = 16
SEPARATOR = "\x1f"
"""The character between the columns of a unit's name."""
MODULUS = 1 << 8 * DIGEST_BYTES

UNITS = {
    "run": ("trial_id",),
    "mutant": ("id",),
    "chosen": ("id",),
    "executed": ("root", "file"),
    "observation": ("trial_id",),
}
"""The columns that name a unit, where they are not those of the primary key."""

_packed = Encoder().encode


@dataclass(frozen=True, slots=True)
class Seal:
    """The number of rows of a unit and the sum of their digests."""

    rows: int
    digest: int

    def near(self, other: "Seal") -> bool:
        """Return whether the two differ by a damage of the seal itself, not of its rows.

        Digests of other rows differ in about half of all bits; a byte has eight.
        """
        return (self.digest ^ other.digest).bit_count() <= 8


NO_SEAL = Seal(0, 0)
"""A seal that cannot be read; rows are never sealed by it."""


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with all its columns, those of its primary key, and those that name a unit."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    unit: tuple[str, ...]

    @property
    def sql(self) -> str:
        """Return the columns, for statements."""
        return ", ".join(f'"{name}"' for name in self.columns)

    def unit_sql(self, row: str = "") -> str:
        """Return the SQL of the unit's name, for the row that a trigger calls ``row``."""
        return f" || char({ord(SEPARATOR)}) || ".join(f'{row}"{name}"' for name in self.unit)

    def unit_of(self, row: tuple[Any, ...]) -> str:
        """Return the unit of a row."""
        return SEPARATOR.join(str(row[self.columns.index(name)]) for name in self.unit)

    def key_of(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the primary key of a row."""
        return tuple(row[self.columns.index(name)] for name in self.key)


SCHEMA_TABLE = SealedTable(
    "sqlite_master", ("type", "name", "tbl_name", "sql"), key=("name",), unit=("name",)
)
"""The table in which SQLite keeps the definitions of all tables."""


def row_digest(*values: Any) -> bytes:
    """Return the digest of a row, in which a value of another type is another value."""
    return blake2b(_packed(values), digest_size=DIGEST_BYTES).digest()


def sealed_tables(connection: sqlite3.Connection) -> list[SealedTable]:
    """Return every table but that of the seals, and that of their definitions."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = [name for (name,) in rows.fetchall() if name != SEAL]
    return [SCHEMA_TABLE, *(_described(connection, name) for name in names)]


def _described(connection: sqlite3.Connection, table: str) -> SealedTable:
    columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    keys = sorted((column[5], column[1]) for column in columns if column[5])
    key = tuple(name for _, name in keys)
    return SealedTable(table, tuple(column[1] for column in columns), key, UNITS.get(table, key))


def keep_seals(connection: sqlite3.Connection) -> None:
    """Change the seals with every row that this connection changes from now on."""
    connection.execute("PRAGMA temp_store = MEMORY")
    # The rows that INSERT OR REPLACE removes count as deleted.
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.create_function("row_digest", -1, row_digest, deterministic=True)
    connection.create_function("digest_sum", 2, _sum, deterministic=True)
    connection.create_function("digest_difference", 2, _difference, deterministic=True)
    for table in sealed_tables(connection)[1:]:
        add, remove = _adding(table), _removing(table)
        for event, steps in (("INSERT", add), ("DELETE", remove), ("UPDATE", remove + add)):
            _add_trigger(connection, table, event, steps)
    seal_definitions(connection)


@contextmanager
def without_seals_of(connection: sqlite3.Connection, tables: Collection[str]) -> Iterator[None]:
    """Leave seals alone while rows of these tables are added, whose seals are copied with them."""
    for name in tables:
        connection.execute(f'DROP TRIGGER temp."{name} INSERT"')
    yield
    for table in sealed_tables(connection)[1:]:
        if table.name in tables:
            _add_trigger(connection, table, "INSERT", _adding(table))


def _add_trigger(
    connection: sqlite3.Connection, table: SealedTable, event: str, steps: str
) -> None:
    connection.execute(
        f'CREATE TEMP TRIGGER IF NOT EXISTS "{table.name} {event}" '
        f'AFTER {event} ON main."{table.name}" BEGIN {steps} END'
    )


def seal_definitions(connection: sqlite3.Connection) -> None:
    """Keep the seals of the definitions of tables, which no trigger follows."""
    if not matches(connection, SCHEMA_TABLE):
        connection.execute(f"DELETE FROM {SEAL} WHERE of_table = ?", (SCHEMA_TABLE.name,))
        _seal_rows(connection, SCHEMA_TABLE)


def _adding(table: SealedTable) -> str:
    return (
        f"INSERT INTO {SEAL} VALUES ('{table.name}', {table.unit_sql('NEW.')}, 1, "
        f"{_digest_sql(table, 'NEW.')}) ON CONFLICT (of_table, unit) DO UPDATE SET "
        "rows = rows + 1, digest = digest_sum(digest, excluded.digest);"
    )


def _removing(table: SealedTable) -> str:
    unit = f"of_table = '{table.name}' AND unit = {table.unit_sql('OLD.')}"
    return (
        f"UPDATE {SEAL} SET rows = rows - 1, "
        f"digest = digest_difference(digest, {_digest_sql(table, 'OLD.')}) WHERE {unit};"
        f"DELETE FROM {SEAL} WHERE {unit} AND rows = 0;"
    )


def _digest_sql(table: SealedTable, row: str) -> str:
    return f"row_digest({', '.join(f'{row}{name}' for name in table.columns)})"


def _sum(first: bytes, second: bytes) -> bytes:
    return _stored(int.from_bytes(first) + int.from_bytes(second))


def _difference(first: bytes, second: bytes) -> bytes:
    return _stored(int.from_bytes(first) - int.from_bytes(second))


def _stored(digest: int) -> bytes:
    return (digest % MODULUS).to_bytes(DIGEST_BYTES)


def seal_all(connection: sqlite3.Connection) -> None:
    """Give seals to the rows of a campaign that has none, as they are now."""
    for table in sealed_tables(connection)[1:]:
        _seal_rows(connection, table)


def _seal_rows(connection: sqlite3.Connection, table: SealedTable) -> None:
    units: dict[str, Seal] = {}
    for row in connection.execute(f'SELECT {table.sql} FROM "{table.name}"'):
        unit = table.unit_of(row)
        units[unit] = with_row(units.get(unit), row)
    connection.executemany(
        f"INSERT INTO {SEAL} VALUES (?, ?, ?, ?)",
        ((table.name, unit, s.rows, _stored(s.digest)) for unit, s in units.items()),
    )


def with_row(seal: Seal | None, row: tuple[Any, ...]) -> Seal:
    """Return a seal with one more row, from that of the rows before it."""
    digest = int.from_bytes(row_digest(*row))
    return Seal(1, digest) if seal is None else _added(seal, Seal(1, digest))


def _added(first: Seal, second: Seal) -> Seal:
    return Seal(first.rows + second.rows, (first.digest + second.digest) % MODULUS)


def stored_seals(connection: sqlite3.Connection, table: str) -> Iterator[tuple[str, Seal]]:
    """Yield the seals of a table, each with its unit."""
    query = f"SELECT unit, rows, digest FROM {SEAL} WHERE of_table = ?"
    for unit, rows, digest in connection.execute(query, (table,)):
        is_seal = isinstance(rows, int) and isinstance(digest, bytes)
        yield str(unit), Seal(rows, int.from_bytes(digest)) if is_seal else NO_SEAL


def matches(connection: sqlite3.Connection, table: SealedTable) -> bool:
    """Return whether the rows of a table and its seals have the same number and the same sum."""
    rows = digest = sealed_rows = sealed_digest = 0
    for row in connection.execute(f'SELECT {table.sql} FROM "{table.name}"'):
        rows += 1
        digest += int.from_bytes(blake2b(_packed(row), digest_size=DIGEST_BYTES).digest())
    for _, seal in stored_seals(connection, table.name):
        sealed_rows += seal.rows
        sealed_digest += seal.digest
    return rows == sealed_rows and (digest - sealed_digest) % MODULUS == 0


def tables_with_seals(connection: sqlite3.Connection) -> set[str]:
    """Return the tables that some seal names."""
    names = {name for (name,) in connection.execute(f"SELECT DISTINCT of_table FROM {SEAL}")}
    return names - {SCHEMA_TABLE.name}
