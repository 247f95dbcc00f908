"""What a campaign file gives to an export and takes from an import."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from trainwreck.errors import UsageError
from trainwreck.model import Draw, Mutant, Outcome, TrialKind
from trainwreck.model.doubt import Doubt, PlausibilityCheck
from trainwreck.store.json_lines import BadLine
from trainwreck.store.nouns import MUTANT_COLUMNS, OUTCOME_COLUMNS, MutantRun, mutant_of, outcome_of
from trainwreck.store.rows import (
    ROWS,
    LogRow,
    MutantRow,
    Relocate,
    Row,
    RunRow,
    check_row,
    log_content,
    log_fields,
    relocated_row,
)

IMPORTED = Path(__file__).with_name("imported.sql")
BASES = "bases"
"""The key of the table meta that holds folders of this machine, by root."""

DUMPED = {
    "meta": "key",
    "frame": "root, file",
    "executed": "root, file, line",
    "mutant": "position",
    "source": "root, file",
    "environment": "id",
    "run": "number",
    "probe": "mutant_id",
    "same_code": "mutant_id",
}
"""The tables of facts, and an order of their rows that is the same everywhere."""

OUTCOMES = ", ".join(f"run.{name}" for name in OUTCOME_COLUMNS.split(", "))
MUTANTS = ", ".join(f"mutant.{name}" for name in MUTANT_COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run with the line of the imported file on which it stood, and what it printed."""

    line: int
    kind: TrialKind
    draw: Draw
    mutant_id: str | None
    mutant: Mutant | None
    outcome: Outcome
    log: str
    repeat: int = 0


class Exchange:
    """The part of a campaign file that exports and imports use.

    An import is one transaction; `importing` begins and ends it.
    """

    _connection: sqlite3.Connection

    def folders(self) -> dict[str, str]:
        """The folders of this machine that facts may tell of, by name; none after an import."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (BASES,)).fetchone()
        if row is None:
            return {}
        own = Path(self._connection.execute("PRAGMA database_list").fetchone()[2]).parent
        folders = {"campaign": own, "trainwreck": IMPORTED.parents[1], "home": Path.home()}
        return {**{name: str(path) for name, path in folders.items()}, **json.loads(row[0])}

    def dump(self, relocate: Relocate, logs: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every fact as (table, row), without paths of this machine.

        What runs printed only where an exception ended them, as causes are told from it, or of all
        runs with ``logs``.
        """
        for table, order in DUMPED.items():
            rows = self._connection.execute(f"SELECT * FROM {table} ORDER BY {order}")
            names = [column[0] for column in rows.description]
            for row in rows:
                if not (table == "meta" and row[0] == BASES):
                    fact = dict(zip(names, row, strict=True))
                    yield table, relocated_row(table, fact, relocate)
        only = "" if logs else "WHERE trial_id IN (SELECT trial_id FROM run WHERE error <> '') "
        for trial_id, content in self._connection.execute(f"SELECT * FROM log {only}ORDER BY 1"):
            yield "log", log_fields(trial_id, content, relocate)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See the campaign as it is now, whoever goes on writing to it."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    def runs_of(self, mutant_id: str) -> list[MutantRun]:
        """Return every run of one mutant, audits and its second run among them."""
        rows = self._connection.execute(
            "SELECT kind, seed, fold, repeat, trial_id, "
            f"{OUTCOME_COLUMNS} FROM run WHERE mutant_id = ? ORDER BY number",
            (mutant_id,),
        )
        return [
            MutantRun(TrialKind(row[0]), Draw(*row[1:3]), row[3], outcome_of(row[4], row[5:]))
            for row in rows
        ]

    def clean_outcomes(self) -> Iterator[tuple[TrialKind, Draw, Outcome]]:
        """(kind, draw, outcome) of every run of the clean program."""
        rows = self._connection.execute(
            f"SELECT kind, seed, fold, trial_id, {OUTCOME_COLUMNS} FROM run "
            "WHERE mutant_id IS NULL ORDER BY number"
        )
        return ((TrialKind(row[0]), Draw(*row[1:3]), outcome_of(row[3], row[4:])) for row in rows)

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Take everything that is added within, or nothing. Raises UsageError for a used file."""
        if self._is_used():
            raise UsageError(
                "the campaign is not empty", "import into another folder: --campaign DIR"
            )
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            for statement in _statements(IMPORTED.read_text(encoding="utf-8")):
                self._connection.execute(statement)
            self._connection.execute(
                "CREATE TEMP TABLE place (line INTEGER PRIMARY KEY, trial_id TEXT, mutant_id TEXT)"
            )
            self._connection.execute("CREATE INDEX place_by_trial ON place (trial_id)")
            yield
            self._connection.execute("DROP TABLE place")

    def _is_used(self) -> bool:
        return self.has_records() or any(map(self._has_rows, DUMPED))

    def has_records(self) -> bool:
        """Whether there are records that were made elsewhere."""
        return self._was_imported() and self._has_rows("record")

    def _has_rows(self, table: str) -> bool:
        row = self._connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
        return row is not None

    def _was_imported(self) -> bool:
        found = self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'doubt'")
        return found.fetchone() is not None

    def add_fact(self, line: int, table: str, row: bytes) -> None:
        """Add one row of a dump. Raises BadLine, with the column."""
        fact = _fact(table, row)
        names = fact.__struct_fields__
        values: Sequence[Any] = msgspec.structs.astuple(fact)
        try:
            if isinstance(fact, LogRow):
                names, values = ("trial_id", "content"), (fact.trial_id, log_content(fact))
            self._connection.execute(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                values,
            )
        except (sqlite3.Error, ValueError) as error:
            raise BadLine(f"a fact of `{table}`: {error}") from None
        if isinstance(fact, RunRow):
            self.add_place(line, fact.trial_id, None)
        elif isinstance(fact, MutantRow):
            self.add_place(line, None, fact.id)

    def add_place(self, line: int, trial_id: str | None, mutant_id: str | None) -> None:
        """Remember which run or mutant a line is about, until the import ends."""
        self._connection.execute("INSERT INTO place VALUES (?, ?, ?)", (line, trial_id, mutant_id))

    def add_record(self, line: int, kind: str, text: str) -> None:
        """Keep a record that was made elsewhere as it is."""
        self._connection.execute("INSERT INTO record VALUES (?, ?, ?)", (line, kind, text))

    def record_lines(self, *kinds: str) -> Iterator[tuple[int, str, bytes]]:
        """(line number, kind, text) of the records of these kinds, or of all, in their order."""
        if not self._was_imported():
            return iter(())
        wanted = f"WHERE kind IN ({', '.join('?' * len(kinds))}) " if kinds else ""
        rows = self._connection.execute(f"SELECT * FROM record {wanted}ORDER BY number", kinds)
        return ((number, kind, text.encode()) for number, kind, text in rows)

    def observed_runs(self, of_mutants: bool = True) -> Iterator[StoredRun]:
        """During an import, every run of a mutant, one mutant after the other, or of none."""
        rows = self._connection.execute(
            "SELECT place.line, run.kind, run.seed, run.fold, run.mutant_id, log.content, "
            f"run.repeat, run.trial_id, {OUTCOMES}, {MUTANTS} FROM run "
            "JOIN place ON place.trial_id = run.trial_id "
            "LEFT JOIN log ON log.trial_id = run.trial_id "
            "LEFT JOIN mutant ON mutant.id = run.mutant_id "
            f"WHERE run.mutant_id IS {'NOT NULL' if of_mutants else 'NULL'} "
            "ORDER BY run.mutant_id, run.number"
        )
        return map(_stored_run, rows)

    def set_doubts(self, doubts: Iterable[Doubt]) -> None:
        """Keep what is doubtful of what was imported."""
        self._connection.executemany(
            "INSERT INTO doubt (line, record, kind, what, expected, found, basis) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            map(_doubt_row, doubts),
        )

    def doubts(self) -> list[Doubt]:
        """What is doubtful of what was imported."""
        if not self._was_imported():
            return []
        rows = self._connection.execute("SELECT * FROM doubt ORDER BY number")
        return [_doubt_of(row) for row in rows]

    def leave_out(self, lines: Iterable[int]) -> int:
        """Drop the runs, or the records, of these lines of the imported file; tells how many."""
        before = self._connection.total_changes
        for line in sorted(set(lines)):
            self._connection.execute(
                "DELETE FROM run WHERE trial_id IN (SELECT trial_id FROM place WHERE line = ?1) "
                "OR mutant_id IN (SELECT mutant_id FROM place WHERE line = ?1)",
                (line,),
            )
            self._connection.execute(
                "DELETE FROM record WHERE number = ? AND kind <> 'subject'", (line,)
            )
        number = self._connection.total_changes - before
        self._connection.execute("DELETE FROM log WHERE trial_id NOT IN (SELECT trial_id FROM run)")
        return number


def _statements(script: str) -> list[str]:
    """One by one: a whole script would end the transaction."""
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    return "\n".join(lines).split(";")[:-1]


def _doubt_row(doubt: Doubt) -> tuple[object, ...]:
    head = (doubt.line, doubt.record, doubt.check.value, doubt.what)
    return (*head, doubt.expected, doubt.found, doubt.basis)


def _doubt_of(row: Sequence[Any]) -> Doubt:
    """Return a doubt; one of an earlier version is a sentence only."""
    _, line, record, kind, what, *parts = row
    return Doubt(line, record, PlausibilityCheck(kind), *(parts or ("", what)))


def _fact(table: str, row: bytes) -> Row:
    if table not in ROWS:
        raise BadLine(f"a fact of `{table}`, which is no table of this version")
    try:
        fact: Row = msgspec.json.decode(row, type=ROWS[table])
        check_row(table, fact)
    except (ValueError, RecursionError) as error:
        columns = "field `" in str(error) and "at `$" not in str(error)
        problem = " has other columns than this version" if columns else ""
        raise BadLine(f"a fact of `{table}`{problem}: {error}") from None
    return fact


def _stored_run(row: Sequence[Any]) -> StoredRun:
    line, kind, seed, fold, mutant_id, log, repeat, trial_id = row[:8]
    values, mutant = row[8 : 8 + OUTCOMES.count(",") + 1], row[8 + OUTCOMES.count(",") + 1 :]
    return StoredRun(
        line=line,
        kind=TrialKind(kind),
        draw=Draw(seed, fold),
        mutant_id=mutant_id,
        mutant=mutant_of(mutant)[0] if mutant[0] else None,
        outcome=outcome_of(trial_id, values),
        log=zlib.decompress(log).decode("utf-8", "replace") if log else "",
        repeat=repeat,
    )
