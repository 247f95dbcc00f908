"""The tables of a campaign that takes the facts of others; all of a merge is one transaction."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from trainwreck.store.facts import log_content
from trainwreck.store.opening import has_rows
from trainwreck.store.rows import (
    ROWS,
    ChosenRow,
    EnvironmentRow,
    LogFact,
    LogRow,
    MetaRow,
    MutantRow,
    ObservationRow,
    OriginRow,
    ProbeRow,
    RunRow,
    SameCodeRow,
)

Row = Mapping[str, Any]
Fact = tuple[str, Row]
"""A table and a row of it, as `store.dump` yields them."""

OF_A_RUN = (RunRow.table, LogRow.table, ObservationRow.table)
NUMBERED = (RunRow.table, "number")
NUMBER = "(SELECT number FROM turn WHERE trial_id = :trial_id)"
CACHE_KIB = 256 << 10
"""Pages that SQLite keeps in memory while it adds runs, whose trials come in any order."""
SHARED = (EnvironmentRow.table, OriginRow.table, SameCodeRow.table)
"""Tables in which a row with the same key is the same row."""


class MergeTables:
    """The tables that a merge fills."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def merging(self) -> Iterator[None]:
        """Take everything that is added within, or nothing."""
        with self._connection:
            self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(
                "CREATE TEMP TABLE turn (trial_id TEXT PRIMARY KEY, number INTEGER NOT NULL) "
                "WITHOUT ROWID"
            )
            yield
            self._connection.execute("DROP TABLE turn")

    def plan_digest(self) -> str:
        """Return a hash of the planned mutants in their order; empty where none is planned."""
        if not has_rows(self._connection, MutantRow.table):
            return ""
        digest = blake2b(digest_size=16)
        for (mutant_id,) in self._connection.execute("SELECT id FROM mutant ORDER BY position"):
            digest.update(mutant_id.encode())
        return digest.hexdigest()

    def run_numbers(self) -> Iterator[tuple[str, int]]:
        """Yield each run's trial and its number, which counts in the order of ending."""
        yield from self._connection.execute("SELECT trial_id, number FROM run")

    def set_turns(self, numbers: Iterable[tuple[str, int]]) -> None:
        """Note in which order runs ended, each by the least number that a campaign has for it."""
        self._connection.executemany(
            "INSERT INTO turn VALUES (?, ?) ON CONFLICT (trial_id) DO UPDATE "
            "SET number = min(number, excluded.number)",
            numbers,
        )

    def add_facts(self, facts: Iterable[Fact], skipped: Collection[str], with_plan: bool) -> None:
        """Add the facts of a campaign.

        Args:
            facts: Its rows.
            skipped: Trials whose runs are here already.
            with_plan: Whether to take the tables of the plan as well.

        """
        for table, members in groupby(facts, key=itemgetter(0)):
            rows: Iterable[Row] = map(itemgetter(1), members)
            if table in OF_A_RUN:
                missing = (row for row in rows if row["trial_id"] not in skipped)
                self._insert(table, (_stored(table, row) for row in missing))
            elif table in SHARED:
                self._insert(table, rows, "OR IGNORE")
            elif table == ProbeRow.table:
                self._add_probes(rows)
            elif table == ChosenRow.table:
                self._insert(table, ({**row, "position": None} for row in rows), "OR IGNORE")
            elif with_plan and table != MetaRow.table:
                self._insert(table, rows)

    def _add_probes(self, rows: Iterable[Row]) -> None:
        """Keep one of several records about a mutant, whichever campaign comes first."""
        names = ProbeRow.columns()
        select = f"SELECT {', '.join(names)} FROM probe WHERE mutant_id = ?"
        for row in rows:
            here = self._connection.execute(select, (row["mutant_id"],)).fetchone()
            new = tuple(row[name] for name in names)
            if here is None or repr(new) < repr(here):
                self._insert(ProbeRow.table, [row], "OR REPLACE")

    def _insert(self, table: str, rows: Iterable[Row], how: str = "") -> None:
        """Insert rows; a run gets the number that `set_numbers` has given to its trial."""
        names = ROWS[table].columns()
        values = [NUMBER if (table, name) == NUMBERED else f":{name}" for name in names]
        self._connection.executemany(
            f"INSERT {how} INTO {table} ({', '.join(names)}) VALUES ({', '.join(values)})", rows
        )

    def drop_run(self, trial_id: str) -> None:
        """Drop one run, for which a better one of another campaign follows."""
        for table in OF_A_RUN:
            self._connection.execute(f"DELETE FROM {table} WHERE trial_id = ?", (trial_id,))

    def set_numbers(self) -> None:
        """Give all trials of `set_turns` their numbers; ties go by the trial.

        Runs that are here already get theirs now, and those that follow when they are added.
        """
        if not self._are_distinct():
            self._make_distinct()
        moved = self._connection.execute(
            "SELECT turn.number, run.trial_id FROM run JOIN turn ON turn.trial_id = run.trial_id "
            "WHERE run.number <> turn.number"
        ).fetchall()
        # All move out of the way first, as a number may still be that of another run.
        change = "UPDATE run SET number = ? WHERE trial_id = ?"
        self._connection.executemany(change, ((-number, trial_id) for number, trial_id in moved))
        self._connection.executemany(change, moved)

    def _are_distinct(self) -> bool:
        """Return whether no two trials have one number, as where shards give their own."""
        try:
            self._connection.execute("CREATE UNIQUE INDEX turn_number ON turn (number)")
        except sqlite3.IntegrityError:
            return False
        self._connection.execute("DROP INDEX temp.turn_number")
        return True

    def _make_distinct(self) -> None:
        turns = self._connection.execute("SELECT trial_id, number FROM turn ORDER BY 2, 1")
        changes, last = [], 0
        for trial_id, turn in turns:
            last = max(turn, last + 1)
            if turn != last:
                changes.append((last, trial_id))
        self._connection.executemany("UPDATE turn SET number = ? WHERE trial_id = ?", changes)


def _stored(table: str, row: Row) -> Row:
    """Return the columns of a row of a run."""
    if table == LogRow.table:
        fact = msgspec.convert(row, LogFact)
        return {"trial_id": fact.trial_id, "content": log_content(fact)}
    return row
