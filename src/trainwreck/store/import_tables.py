"""The tables that an import fills: imported records, doubts, and facts of an export."""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from trainwreck.errors import UsageError
from trainwreck.model import Draw, Mutant, Outcome, TrialKind
from trainwreck.model.doubt import Doubt, PlausibilityCheck
from trainwreck.store.facts import read_fact
from trainwreck.store.json_lines import BadLine
from trainwreck.store.nouns import MUTANT, mutant_of
from trainwreck.store.opening import IMPORTED, has_rows, statements
from trainwreck.store.rows import DUMPED, MutantRow, RunRow
from trainwreck.store.run_tables import outcome_columns, outcome_of_columns
from trainwreck.store.seals import keep_seals


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run with the line of the imported file on which it stood, and its output."""

    line: int
    kind: TrialKind
    draw: Draw
    mutant_id: str | None
    mutant: Mutant | None
    outcome: Outcome
    log: str
    repeat: int = 0


def add_imported_tables(connection: sqlite3.Connection) -> None:
    """Add the tables of an import, and keep their seals."""
    if not connection.in_transaction:
        # A table without the seal of its definition would be damage.
        connection.execute("BEGIN IMMEDIATE")
    for statement in statements(IMPORTED):
        connection.execute(statement)
    keep_seals(connection)


class ImportTables:
    """The tables of imported records. An import is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Take everything that is added within, or nothing. Raises UsageError for a used file."""
        if self.has_records() or any(has_rows(self._connection, row.table) for row in DUMPED):
            raise UsageError(
                "the campaign is not empty", "Import into another folder with `--campaign DIR`."
            )
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            add_imported_tables(self._connection)
            self._connection.execute(
                "CREATE TEMP TABLE place (line INTEGER PRIMARY KEY, trial_id TEXT, mutant_id TEXT)"
            )
            self._connection.execute("CREATE INDEX place_by_trial ON place (trial_id)")
            yield
            self._connection.execute("DROP TABLE place")

    def has_records(self) -> bool:
        """Return whether there are imported records."""
        return has_rows(self._connection, "record")

    def add_fact(self, line: int, table: str, row: bytes) -> None:
        """Add one row of a dump. Raises BadLine, with the column."""
        fact = read_fact(table, row)
        names = fact.columns()
        try:
            self._connection.execute(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                msgspec.structs.astuple(fact),
            )
        except sqlite3.Error as error:
            raise BadLine(f"a fact of `{table}`: {error}") from None
        if isinstance(fact, RunRow):
            self.add_place(line, fact.trial_id, None)
        elif isinstance(fact, MutantRow):
            self.add_place(line, None, fact.id)

    def add_place(self, line: int, trial_id: str | None, mutant_id: str | None) -> None:
        """Remember which run or mutant a line is about, until the import ends."""
        self._connection.execute("INSERT INTO place VALUES (?, ?, ?)", (line, trial_id, mutant_id))

    def add_record(self, line: int, kind: str, text: str) -> None:
        """Keep an imported record as it is."""
        self._connection.execute("INSERT INTO record VALUES (?, ?, ?)", (line, kind, text))

    def record_lines(self, *kinds: str) -> Iterator[tuple[int, str, bytes]]:
        """Yield (line number, kind, text) of the records of these kinds, or of all, in order."""
        if not self.has_records():
            return iter(())
        wanted = f"WHERE kind IN ({', '.join('?' * len(kinds))}) " if kinds else ""
        rows = self._connection.execute(f"SELECT * FROM record {wanted}ORDER BY number", kinds)
        return ((number, kind, text.encode()) for number, kind, text in rows)

    def observed_runs(self, of_mutants: bool = True) -> Iterator[StoredRun]:
        """Yield, during an import, the runs mutant by mutant, or those of the clean program."""
        rows = self._connection.execute(
            "SELECT place.line, run.kind, run.seed, run.fold, run.mutant_id, log.content, "
            f"run.repeat, {MUTANT.sql_of('mutant')}, {outcome_columns(self._connection)} FROM run "
            "JOIN place ON place.trial_id = run.trial_id "
            "LEFT JOIN log ON log.trial_id = run.trial_id "
            "LEFT JOIN mutant ON mutant.id = run.mutant_id "
            f"WHERE run.mutant_id IS {'NOT NULL' if of_mutants else 'NULL'} "
            f"AND run.kind <> '{TrialKind.CHECK}' "
            "ORDER BY run.mutant_id, run.number"
        )
        return map(_stored_run, rows)

    def set_doubts(self, doubts: Iterable[Doubt]) -> None:
        """Keep the doubts about what was imported."""
        self._connection.executemany(
            "INSERT INTO doubt (line, record, kind, what, expected, found, basis) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            map(_doubt_row, doubts),
        )

    def doubts(self) -> list[Doubt]:
        """Return the doubts about what was imported."""
        if not has_rows(self._connection, "doubt"):
            return []
        rows = self._connection.execute("SELECT * FROM doubt ORDER BY number")
        return [_doubt_of(row) for row in rows]

    def leave_out(self, lines: Iterable[int]) -> int:
        """Drop the runs or records of these lines of the imported file; return their number."""
        number = 0
        for line in sorted(set(lines)):
            number += self._connection.execute(
                "DELETE FROM run WHERE trial_id IN (SELECT trial_id FROM place WHERE line = ?1) "
                "OR mutant_id IN (SELECT mutant_id FROM place WHERE line = ?1)",
                (line,),
            ).rowcount
            number += self._connection.execute(
                "DELETE FROM record WHERE number = ? AND kind <> 'subject'", (line,)
            ).rowcount
        for table in ("log", "observation"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE trial_id NOT IN (SELECT trial_id FROM run)"
            )
        return number


def _doubt_row(doubt: Doubt) -> tuple[object, ...]:
    head = (doubt.line, doubt.record, doubt.check.value, doubt.what)
    return (*head, doubt.expected, doubt.found, doubt.basis)


def _doubt_of(row: Sequence[Any]) -> Doubt:
    """Return a doubt; one of an earlier version is a sentence only."""
    _, line, record, kind, what, *parts = row
    return Doubt(line, record, PlausibilityCheck(kind), *(parts or ("", what)))


def _stored_run(row: Sequence[Any]) -> StoredRun:
    line, kind, seed, fold, mutant_id, log, repeat, *rest = row
    mutant, outcome = rest[: len(MUTANT.names)], rest[len(MUTANT.names) :]
    return StoredRun(
        line=line,
        kind=TrialKind(kind),
        draw=Draw(seed, fold),
        mutant_id=mutant_id,
        mutant=mutant_of(mutant).mutant if mutant[0] else None,
        outcome=outcome_of_columns(outcome),
        log=zlib.decompress(log).decode("utf-8", "replace") if log else "",
        repeat=repeat,
    )
