"""A campaign attached to the one that takes its runs, so that SQLite copies them by itself."""

import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.store.columns import TableRow
from trainwreck.store.facts import (
    changed_bytes,
    log_content,
    log_fields,
    relocated_json,
    relocated_row,
)
from trainwreck.store.opening import SCHEMA_VERSION
from trainwreck.store.rows import LogFact, LogRow, ObservationRow, Relocate, RunRow
from trainwreck.store.seals import SEAL, without_seals_of

COPIED = (RunRow, LogRow, ObservationRow)
"""The tables whose rows belong to one run; each has a column ``trial_id``."""

APART = "apart"
"""The temporary table of trials whose rows are not copied as they are."""

_EMPTY_LOG = "x'789c030000000001'"


MOST = 9
"""The number of campaigns that SQLite attaches at most (sqlite.org/limits.html), but for one."""


def attach(connection: sqlite3.Connection, path: Path) -> "AttachedCampaign | None":
    """Attach a campaign file before a transaction begins; return None where that cannot be done.

    It must be of the present format, in a place where SQLite may put its files for readers.
    """
    names = [row[1] for row in connection.execute("PRAGMA database_list")]
    name = f"part{len(names)}"
    is_full = sum(other.startswith("part") for other in names) >= MOST
    if is_full or not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return None
    connection.execute(f"ATTACH DATABASE ? AS {name}", (str(path),))
    version = connection.execute(f"PRAGMA {name}.user_version").fetchone()[0]
    is_alike = version == SCHEMA_VERSION and all(
        _columns(connection, name, table.table) == _columns(connection, "main", table.table)
        for table in COPIED
    )
    if is_alike:
        return AttachedCampaign(connection, name)
    connection.execute(f"DETACH DATABASE {name}")
    return None


def _columns(connection: sqlite3.Connection, name: str, table: str) -> list[str]:
    """Return the columns of a table in their order, in which seals cover them."""
    return [column[1] for column in connection.execute(f"PRAGMA {name}.table_info({table})")]


@dataclass(frozen=True)
class AttachedCampaign:
    """A campaign that is attached to ``connection`` under a name, to be read."""

    connection: sqlite3.Connection
    name: str

    def run_numbers_into_turns(self) -> None:
        """Add the numbers of all runs to the temporary table ``turn``, the least of each trial."""
        self.connection.execute(
            f"INSERT INTO turn SELECT trial_id, number FROM {self.name}.run WHERE TRUE "
            "ORDER BY trial_id ON CONFLICT (trial_id) DO UPDATE "
            "SET number = min(number, excluded.number)"
        )

    def doubles(self) -> list[str]:
        """Return the trials that have run here and there, in the order of their ids."""
        rows = self.connection.execute(
            f"SELECT trial_id FROM {self.name}.run "
            "WHERE trial_id IN (SELECT trial_id FROM main.run) ORDER BY trial_id"
        )
        return [trial for (trial,) in rows]

    def add_runs(self, skipped: Sequence[str], relocate: Relocate) -> None:
        """Add the runs with their outputs and observations, but for some trials.

        Rows that stay as they are, are copied with their seals. Those are apart whose texts name
        folders or secrets of this machine, or whose number another run has.
        """
        self._define(relocate)
        connection = self.connection
        connection.execute(f"CREATE TEMP TABLE {APART} (trial_id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._set_apart(skipped)
        with without_seals_of(connection, [table.table for table in COPIED]):
            for table in COPIED:
                self._copy(table.table, ", ".join(table.columns()), table.order)
        connection.executemany(
            f"DELETE FROM {APART} WHERE trial_id = ?", ((trial,) for trial in skipped)
        )
        self._add_apart(relocate)
        connection.execute(f"DROP TABLE {APART}")

    def _define(self, relocate: Relocate) -> None:
        """Define the functions that tell whether a text stays as it is."""

        def same(text: str) -> bool:
            return relocate(text) == text

        def same_json(text: str) -> bool:
            return relocated_json(text, relocate) is text

        def same_log(content: bytes) -> bool:
            plain = zlib.decompress(content)
            return changed_bytes(plain, relocate) == plain

        for function in (same, same_json, same_log):
            name = f"{function.__name__}_text"
            self.connection.create_function(name, 1, function, deterministic=True)

    def _set_apart(self, skipped: Sequence[str]) -> None:
        insert = f"INSERT OR IGNORE INTO {APART} SELECT trial_id FROM {self.name}"
        self.connection.executemany(
            f"INSERT OR IGNORE INTO {APART} VALUES (?)", ((trial,) for trial in skipped)
        )
        self.connection.execute(
            f"{insert}.run AS there WHERE (error IS NOT NULL AND NOT same_json_text(error)) "
            "OR (stack <> '' AND NOT same_text(stack)) "
            "OR (opaque <> '[]' AND NOT same_json_text(opaque)) "
            "OR number <> (SELECT number FROM turn WHERE turn.trial_id = there.trial_id)"
        )
        self.connection.execute(
            f"{insert}.log WHERE content <> {_EMPTY_LOG} AND NOT same_log_text(content)"
        )
        self.connection.execute(f"{insert}.observation WHERE NOT same_json_text(value)")

    def _copy(self, table: str, columns: str, order: str) -> None:
        without = f"NOT IN (SELECT trial_id FROM {APART})"
        self.connection.execute(
            f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM {self.name}.{table} "
            f"WHERE trial_id {without} ORDER BY {order}"
        )
        self.connection.execute(
            f"INSERT INTO main.{SEAL} SELECT * FROM {self.name}.{SEAL} "
            f"WHERE of_table = '{table}' AND unit {without} ORDER BY unit"
        )

    def _add_apart(self, relocate: Relocate) -> None:
        for table in COPIED:
            names = table.columns()
            rows = self._rows_apart(table.table, names)
            places = ", ".join(f":{name}" for name in names)
            self.connection.executemany(
                f"INSERT INTO main.{table.table} ({', '.join(names)}) VALUES ({places})",
                (_moved(table, row, relocate) for row in rows),
            )

    def _rows_apart(self, table: str, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        columns = ", ".join(f"there.{name}" for name in names)
        if table == RunRow.table:
            columns = columns.replace("there.number", "turn.number", 1)
        return self.connection.execute(
            f"SELECT {columns} FROM {self.name}.{table} AS there "
            f"JOIN {APART} USING (trial_id) JOIN turn USING (trial_id)"
        )


def _moved(table: type[TableRow], row: Sequence[Any], relocate: Relocate) -> dict[str, Any]:
    """Return a row without folders and secrets of this machine."""
    if table is LogRow:
        trial_id, content = row
        fact = LogFact(**log_fields(trial_id, content, relocate))
        return {"trial_id": trial_id, "content": log_content(fact)}
    return relocated_row(table, row, relocate)
