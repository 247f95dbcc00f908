"""The check of all records of a campaign, unit by unit."""

import sqlite3
from pathlib import Path

from trainwreck.errors import DamageError, UsageError
from trainwreck.model.damage import Damage, DamageKind, Sealing, Verification
from trainwreck.store.checking import (
    check_table,
    is_damage,
    sealing_of,
    structural_damages,
)
from trainwreck.store.connecting import to_save
from trainwreck.store.opening import check_format
from trainwreck.store.pending_log import is_cut_off, is_pending
from trainwreck.store.seals import sealed_tables
from trainwreck.store.whole_digest import has_digest, is_as_left


def verify_file(path: Path) -> Verification:
    """Check all records of a campaign file. Raises UsageError where it is none."""
    damages = [Damage(DamageKind.PENDING)] if is_cut_off(path) else []
    is_changed = has_digest(path) and not is_pending(path) and not is_as_left(path)
    try:
        with to_save(path) as connection:
            check_format(connection, path, create=False)
            found = _verify(connection)
    except UsageError as error:
        if not is_changed and not isinstance(error, DamageError):
            raise
        found = _unreadable(error.what)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        found = _unreadable(str(error))
    damages += found.damages
    if is_changed and not damages:
        damages.append(Damage(DamageKind.UNUSED))
    return Verification(tuple(damages), found.units, found.sealed, found.converted)


def _verify(connection: sqlite3.Connection) -> Verification:
    damages, units = structural_damages(connection), 0
    for table in sealed_tables(connection):
        check = check_table(connection, table)
        damages += check.damages
        units += len(check.sound) + len(check.damages)
    sealing = sealing_of(connection)
    is_converted = sealing is Sealing.AS_FOUND
    return Verification(tuple(damages), units, sealing is not Sealing.NONE, is_converted)


def _unreadable(detail: str) -> Verification:
    damage = Damage(DamageKind.STRUCTURE, detail=detail)
    return Verification((damage,), 0, sealed=True, converted=False)
