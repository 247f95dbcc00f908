"""The rescue of a damaged campaign: every record that is as it was written."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainwreck.errors import DamageError
from trainwreck.model.damage import Damage, DamageKind
from trainwreck.store.checking import (
    KNOWN,
    check_table,
    is_damage,
    readable_rows,
    structural_damages,
)
from trainwreck.store.connecting import to_save
from trainwreck.store.import_tables import add_imported_tables
from trainwreck.store.opening import IMPORTED_TABLES, check_format
from trainwreck.store.seals import SealedTable, sealed_tables
from trainwreck.store.whole_digest import is_as_left

RUN_TABLES = ("run", "log", "observation")
"""The tables of one run: it counts only where all that they have of it is whole."""
MUTANT_TABLES = ("mutant", "chosen")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """The numbers of runs that were saved and lost, and the damage."""

    runs: int
    lost: int
    damages: tuple[Damage, ...]


def salvage(source: Path, target: sqlite3.Connection) -> Salvaged:
    """Copy what is as it was written from a campaign file that may be damaged.

    A run is left out where anything of it, or its mutant, is damaged: it would be judged by a part
    of its facts.

    Args:
        source: The file.
        target: A new campaign file.

    Raises:
        DamageError: Nothing can be read.
        UsageError: It is as it was written, by another version.

    """
    try:
        with to_save(source) as connection, target:
            if is_as_left(source):
                check_format(connection, source, create=False)
            damages = structural_damages(connection)
            for table in sealed_tables(connection):
                if table.name in KNOWN:
                    damages += _copy(connection, target, table)
            known = _number_of_runs(target) + len(_gone(damages, "run"))
            _leave_out_parts(target, damages)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise DamageError(
            f"the campaign {source} is damaged: nothing of it can be read: {error}",
            "Restore it from a copy or an export, or start another one with `--campaign DIR`.",
        ) from None
    saved = _number_of_runs(target)
    return Salvaged(saved, known - saved, tuple(damages))


def _copy(
    source: sqlite3.Connection, target: sqlite3.Connection, table: SealedTable
) -> tuple[Damage, ...]:
    """Copy the sound units of a table; return the damage of the others."""
    if table.name in IMPORTED_TABLES:
        add_imported_tables(target)
    check = check_table(source, table)
    rows = (
        row
        for row in readable_rows(source, table, check.sound)
        if table.unit_of(row) in check.sound
    )
    places = ", ".join("?" * len(table.columns))
    target.executemany(
        f'INSERT OR REPLACE INTO "{table.name}" ({table.sql}) VALUES ({places})', rows
    )
    return check.damages


def _number_of_runs(target: sqlite3.Connection) -> int:
    number: int = target.execute("SELECT count(*) FROM run").fetchone()[0]
    return number


def _gone(damages: Iterable[Damage], *tables: str) -> set[str]:
    """Return the units of these tables that are not as they were written."""
    found = (damage for damage in damages if damage.table in tables)
    return {damage.unit for damage in found if damage.kind is not DamageKind.SEAL}


def _leave_out_parts(target: sqlite3.Connection, damages: Sequence[Damage]) -> None:
    """Drop what is left of runs that are not whole."""
    for column, units in (
        ("trial_id", _gone(damages, *RUN_TABLES)),
        ("mutant_id", _gone(damages, *MUTANT_TABLES)),
    ):
        delete = f"DELETE FROM run WHERE {column} = ?"
        target.executemany(delete, ((unit,) for unit in sorted(units)))
    for table in ("log", "observation"):
        target.execute(f"DELETE FROM {table} WHERE trial_id NOT IN (SELECT trial_id FROM run)")
