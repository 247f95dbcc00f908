"""Checks that the records of a campaign file are those that were written."""

import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from trainwreck.model.damage import Damage, DamageKind, Sealing
from trainwreck.store.facts import check_stored
from trainwreck.store.opening import CONVERTED, IMPORTED_TABLES, table_names
from trainwreck.store.rows import ROWS
from trainwreck.store.seals import (
    SEAL,
    SEPARATOR,
    Seal,
    SealedTable,
    matches,
    sealed_tables,
    stored_seals,
    tables_with_seals,
    with_row,
)

KNOWN = {*ROWS, *IMPORTED_TABLES, SEAL}
"""Every table that a campaign may have."""
STRUCTURAL = 20
"""The largest number of structural problems that are listed."""

ELSEWHERE = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_INTERRUPT,
)
"""The errors of SQLite that are about the machine, not about the records."""


UNWRITABLE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
"""The errors of SQLite that end once the disk has room and can be written."""


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error of SQLite shows a damaged file, not a full disk or the like."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF not in ELSEWHERE


def refuses_writing(error: sqlite3.Error) -> bool:
    """Return whether an error of SQLite says that the disk is full, broken or read-only."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in UNWRITABLE


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Read the file in its present state while others go on writing to it."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()


def is_sealed(connection: sqlite3.Connection) -> bool:
    """Return whether the campaign has seals; those of format 3 have none."""
    return SEAL in table_names(connection)


def sealing_of(connection: sqlite3.Connection) -> Sealing:
    """Return which records have seals since they were made."""
    if not is_sealed(connection):
        return Sealing.NONE
    converted = connection.execute("SELECT 1 FROM meta WHERE key = ?", (CONVERTED,)).fetchone()
    return Sealing.AS_FOUND if converted else Sealing.WHOLE


def is_sound(connection: sqlite3.Connection) -> bool:
    """Return whether no damage changes an answer, as every command asks when it opens a file.

    Without seals, each row is one that can be read.
    """
    try:
        with snapshot(connection):
            if next(_structural(connection, 1), None) or next(_of_tables(connection), None):
                return False
            tables = sealed_tables(connection)
            if is_sealed(connection):
                return all(matches(connection, table) for table in tables)
            return not any(_unreadable(connection, table) for table in tables)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise


@dataclass(frozen=True, slots=True)
class TableCheck:
    """The units of one table that are as they were written, and the damage of the others."""

    sound: frozenset[str]
    damages: tuple[Damage, ...]


def structural_damages(connection: sqlite3.Connection) -> list[Damage]:
    """Return what is wrong with the file as a database, and with its set of tables."""
    damages: list[Damage] = []
    try:
        damages += _structural(connection, STRUCTURAL)
        damages += _of_tables(connection)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        damages.append(Damage(DamageKind.STRUCTURE, detail=str(error)))
    return damages


def _structural(connection: sqlite3.Connection, most: int) -> Iterator[Damage]:
    for (line,) in connection.execute(f"PRAGMA integrity_check({most})"):
        if line != "ok":
            yield Damage(DamageKind.STRUCTURE, detail=line)


def _of_tables(connection: sqlite3.Connection) -> Iterator[Damage]:
    """Yield unknown tables, and those that have seals and are not there."""
    tables = table_names(connection)
    sealed = tables_with_seals(connection) if SEAL in tables else set()
    for name in sorted((sealed - tables) | (tables - KNOWN)):
        yield Damage(DamageKind.TABLE, name)


def check_table(connection: sqlite3.Connection, table: SealedTable) -> TableCheck:
    """Compare each unit of a table with its seal; without seals, see whether it can be read."""
    return _compared(connection, table) if is_sealed(connection) else _read(connection, table)


def _unreadable(connection: sqlite3.Connection, table: SealedTable) -> bool:
    return bool(_read(connection, table).damages)


def _read(connection: sqlite3.Connection, table: SealedTable) -> TableCheck:
    found: set[str] = set()
    changed: set[str] = set()
    for row in readable_rows(connection, table, ()):
        found.add(table.unit_of(row))
        if not _can_be_used(table, row):
            changed.add(table.unit_of(row))
    damages = (Damage(DamageKind.CHANGED, table.name, unit) for unit in sorted(changed))
    return TableCheck(frozenset(found - changed), tuple(damages))


def _can_be_used(table: SealedTable, row: tuple[object, ...]) -> bool:
    """Return whether a row holds what its table must hold."""
    try:
        check_stored(table.name, dict(zip(table.columns, row, strict=True)))
    except ValueError:
        return False
    return True


def _compared(connection: sqlite3.Connection, table: SealedTable) -> TableCheck:
    seals, is_whole = _readable_seals(connection, table.name)
    found: dict[str, Seal] = {}
    useless: set[str] = set()
    for row in readable_rows(connection, table, seals):
        unit = table.unit_of(row)
        found[unit] = with_row(found.get(unit), row)
        if unit not in seals and not _can_be_used(table, row):
            useless.add(unit)
    kinds = {
        unit: kind
        for unit in sorted(seals.keys() | found.keys())
        if (kind := _kind(found.get(unit), seals.get(unit), is_whole))
    }
    unsealed = (unit for unit in useless if kinds.get(unit) is DamageKind.SEAL)
    kinds |= dict.fromkeys(unsealed, DamageKind.CHANGED)
    lost = {unit for unit, kind in kinds.items() if kind is not DamageKind.SEAL}
    damages = tuple(Damage(kind, table.name, unit) for unit, kind in kinds.items())
    return TableCheck(frozenset(found.keys() - lost), damages)


def _kind(found: Seal | None, seal: Seal | None, is_whole: bool) -> DamageKind | None:
    """Return how a unit differs from its seal, if it does."""
    if found == seal:
        return None
    if found is None:
        return DamageKind.LOST
    if seal is None:
        return DamageKind.ADDED if is_whole else DamageKind.SEAL
    return DamageKind.SEAL if found.near(seal) else DamageKind.CHANGED


def _readable_seals(connection: sqlite3.Connection, table: str) -> tuple[dict[str, Seal], bool]:
    """Return the seals of a table, and whether all of them can be read."""
    seals: dict[str, Seal] = {}
    try:
        # What was read before an error stays.
        seals.update(stored_seals(connection, table))
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return seals, False
    return seals, True


def readable_rows(
    connection: sqlite3.Connection, table: SealedTable, units: Iterable[str]
) -> Iterator[tuple[object, ...]]:
    """Yield each row that can be read: from both ends, and by the names of units.

    Args:
        connection: The file. Some of its pages may be unreadable.
        table: The table.
        units: The names of the units that it had.

    """
    seen: set[tuple[object, ...]] = set()
    for order in ("", "DESC"):
        keys = ", ".join(f'"{name}" {order}' for name in table.key)
        is_end = yield from _unseen(connection, table, f"ORDER BY {keys}", (), seen)
        if is_end:
            return
    named = " AND ".join(f'"{name}" = ?' for name in table.unit)
    for unit in units:
        yield from _unseen(connection, table, f"WHERE {named}", unit.split(SEPARATOR), seen)


def _unseen(
    connection: sqlite3.Connection,
    table: SealedTable,
    which: str,
    values: Sequence[str],
    seen: set[tuple[object, ...]],
) -> Generator[tuple[object, ...], None, bool]:
    """Yield rows that are not among those seen; return whether the last one was reached."""
    query = f'SELECT {table.sql} FROM "{table.name}" {which}'
    try:
        for row in connection.execute(query, values):
            key = table.key_of(row)
            if key not in seen:
                seen.add(key)
                yield row
    except (sqlite3.DatabaseError, OverflowError) as error:
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
        return False
    return True
