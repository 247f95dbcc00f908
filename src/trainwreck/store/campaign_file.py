"""The SQLite file of a campaign: one writer, any number of readers."""

import fcntl
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError
from trainwreck.model import (
    FIRST,
    Cost,
    Draw,
    Environment,
    FileFrame,
    Measurement,
    Mutant,
    Outcome,
    Probe,
    SourceSize,
    Trial,
    TrialKind,
    content_id,
)
from trainwreck.store.dump import Exchange
from trainwreck.store.nouns import (
    MUTANT_COLUMNS,
    OUTCOME_COLUMNS,
    FirstRuns,
    measurement_of,
    mutant_of,
    mutant_row,
    outcome_of,
    outcome_row,
    probe_of,
    probe_row,
)

SCHEMA_VERSION = 3
FILE_NAME = "campaign.sqlite"
LOCK_NAME = "lock"
SCHEMA = Path(__file__).with_name("schema.sql")
PAGE = 1000
"""The number of mutants that are read at a time."""

NOTHING_OPAQUE = "[]"
"""The value of the column ``opaque``, which was for the rule `cut` and is no longer read."""


Phases = tuple[str, ...]


@contextmanager
def campaign_lock(folder: Path) -> Iterator[None]:
    """Make the folder if need be, and be the only writer in it. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        lock = (folder / LOCK_NAME).open("w")
    except OSError as error:
        raise UsageError(
            f"the campaign folder {folder} cannot be written: {error.strerror}",
            "give another one: trainwreck --campaign DIR …",
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"another trainwreck is at work on the campaign in {folder}",
                "wait for it, or follow it with `trainwreck status`",
            ) from None
        yield


class CampaignFile(Exchange):
    """The facts of one campaign; each method is one statement or one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, folder: Path, create: bool = False) -> Iterator["CampaignFile"]:
        """Open the campaign in ``folder``. Raises UsageError where it is none of this version."""
        path = folder / FILE_NAME
        if not create and not path.is_file():
            raise UsageError(
                f"there is no campaign in {folder}", "start one with `trainwreck baseline`"
            )
        try:
            connection = sqlite3.connect(path, timeout=30)
            with closing(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                _check_version(connection, path)
                yield cls(connection)
        except sqlite3.DatabaseError as error:
            raise UsageError(
                f"the campaign in {folder} cannot be used: {error}",
                "move the folder away, or give another one: trainwreck --campaign DIR …",
            ) from None

    @property
    def changes(self) -> int:
        """Return the number of rows that this process has changed since opening the file."""
        return self._connection.total_changes

    def set_meta(self, key: str, value: object) -> None:
        """Keep a JSON value."""
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value))
            )

    def meta(self, key: str) -> Any:
        """A JSON value, or None."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_executed(self, executed: Mapping[tuple[str, str], Mapping[int, Iterable[str]]]) -> None:
        """Replace the executed lines: root and file, line, phases."""
        rows = (
            (root, file, line, ",".join(sorted(phases)))
            for (root, file), lines in executed.items()
            for line, phases in lines.items()
        )
        with self._connection:
            self._connection.execute("DELETE FROM executed")
            self._connection.executemany("INSERT INTO executed VALUES (?, ?, ?, ?)", rows)

    def executed(self) -> dict[tuple[str, str], dict[int, frozenset[str]]]:
        """The executed lines of every file, with their phases."""
        found: dict[tuple[str, str], dict[int, frozenset[str]]] = {}
        known: dict[str, frozenset[str]] = {}
        for root, file, line, text in self._connection.execute("SELECT * FROM executed"):
            phases = known.setdefault(text, frozenset(text.split(",")))
            found.setdefault((root, file), {})[line] = phases
        return found

    def set_plan(
        self, mutants: Iterable[tuple[Mutant, Sequence[str]]], frames: Iterable[FileFrame]
    ) -> None:
        """Replace the plan: mutants with their phases, in the order in which they run."""
        places = ", ".join("?" * (MUTANT_COLUMNS.count(",") + 1))
        with self._connection:
            self._connection.execute("DELETE FROM mutant")
            self._connection.execute("DELETE FROM frame")
            self._connection.executemany(
                f"INSERT INTO mutant ({MUTANT_COLUMNS}) VALUES ({places})",
                (mutant_row(mutant, phases) for mutant, phases in mutants),
            )
            self._connection.executemany(
                f"INSERT INTO frame VALUES ({', '.join('?' * len(FileFrame.__slots__))})",
                ([getattr(frame, name) for name in FileFrame.__slots__] for frame in frames),
            )

    def frames(self) -> list[FileFrame]:
        """The selection, file by file."""
        return [FileFrame(*row) for row in self._connection.execute("SELECT * FROM frame")]

    def planned_number(self) -> int:
        """How many mutants are planned."""
        number: int = self._connection.execute("SELECT count(*) FROM mutant").fetchone()[0]
        return number

    def mutants(self, prefix: str = "") -> Iterator[tuple[Mutant, Phases]]:
        """Yield planned mutants in order, or those whose id begins with ``prefix``."""
        # Page by page, as runs are stored meanwhile: an open statement would keep SQLite from
        # moving them out of its log, which would grow to the size of all runs.
        query = (
            f"SELECT position, {MUTANT_COLUMNS} FROM mutant WHERE position > ? "
            "AND substr(id, 1, ?) = ? ORDER BY position LIMIT ?"
        )
        position = -(1 << 63)
        while True:
            values = (position, len(prefix), prefix, PAGE)
            rows = self._connection.execute(query, values).fetchall()
            yield from (mutant_of(row[1:]) for row in rows)
            if len(rows) < PAGE:
                return
            position = rows[-1][0]

    def set_sources(self, sources: Iterable[SourceSize]) -> None:
        """Replace the sizes of the files that may be mutated."""
        rows = ((s.root, s.file, s.statements, s.executed) for s in sources)
        with self._connection:
            self._connection.execute("DELETE FROM source")
            self._connection.executemany("INSERT INTO source VALUES (?, ?, ?, ?)", rows)

    def sources(self) -> list[SourceSize]:
        """The sizes of the files that may be mutated."""
        return [SourceSize(*row) for row in self._connection.execute("SELECT * FROM source")]

    def environments(self) -> list[tuple[Environment, int]]:
        """What runs were made in, the first one first, and how many in each."""
        rows = self._connection.execute(
            "SELECT python, packages, count(*) FROM run JOIN environment ON environment.id = "
            "run.environment GROUP BY environment.id ORDER BY min(number)"
        )
        return [(Environment(python, json.loads(text)), runs) for python, text, runs in rows]

    def add_run(self, trial: Trial, outcome: Outcome, log: bytes, environment: Environment) -> None:
        """Keep a finished run, and what it was made in."""
        packages = json.dumps(environment.packages, sort_keys=True)
        environment_id = content_id(environment.python, packages)
        mutant_id = trial.mutant.id if trial.mutant else None
        row = (trial.id, trial.kind.value, trial.seed, trial.fold, trial.repeat, mutant_id)
        values = (*row, *outcome_row(outcome), NOTHING_OPAQUE, environment_id)
        with self._connection:
            self._connection.execute(
                "INSERT OR IGNORE INTO environment VALUES (?, ?, ?)",
                (environment_id, environment.python, packages),
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO run "
                f"(trial_id, kind, seed, fold, repeat, mutant_id, {OUTCOME_COLUMNS}, "
                f"opaque, environment) VALUES ({', '.join('?' * len(values))})",
                values,
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO log VALUES (?, ?)", (trial.id, zlib.compress(log))
            )

    def finished_ids(self) -> set[str]:
        """The trials that need not be run again."""
        return {row[0] for row in self._connection.execute("SELECT trial_id FROM run")}

    def set_probes(self, probes: Iterable[Probe]) -> None:
        """Keep what an instrumented clean run tells."""
        with self._connection:
            self._connection.executemany(
                f"INSERT OR REPLACE INTO probe VALUES ({', '.join('?' * len(Probe.__slots__))})",
                map(probe_row, probes),
            )

    def probes(self) -> dict[str, Probe]:
        """The records of all probed mutants, by mutant id."""
        rows = self._connection.execute("SELECT * FROM probe")
        return {row[0]: probe_of(row) for row in rows}

    def set_same_code(self, same: Mapping[str, bool]) -> None:
        """Keep which mutants compile to the clean bytecode."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO same_code VALUES (?, ?)", same.items()
            )

    def same_code(self) -> dict[str, bool]:
        """Which of the mutants that were asked about compile to the clean bytecode."""
        rows = self._connection.execute("SELECT * FROM same_code")
        return {mutant_id: bool(same) for mutant_id, same in rows}

    def digest_of(self, trial_id: str) -> str:
        """How a run ended, or an empty text where there was none."""
        row = self._connection.execute(
            f"SELECT trial_id, {OUTCOME_COLUMNS} FROM run WHERE trial_id = ?", (trial_id,)
        ).fetchone()
        return outcome_of(row[0], row[1:]).digest if row else ""

    def outcomes(
        self, *kinds: TrialKind, draw: Draw | None = None
    ) -> Iterator[tuple[Draw, str | None, Outcome]]:
        """(draw, mutant id, outcome) of each run of these kinds, in the order of ending.

        Only those that start from ``draw`` where it is given.
        """
        only = "" if draw is None else "AND seed = ? AND fold = ? "
        rows = self._connection.execute(
            f"SELECT seed, fold, mutant_id, trial_id, {OUTCOME_COLUMNS} FROM run "
            f"WHERE kind IN ({', '.join('?' * len(kinds))}) {only}ORDER BY number",
            [*(kind.value for kind in kinds), *((draw.seed, draw.fold) if draw else ())],
        )
        return ((Draw(*row[:2]), row[2], outcome_of(row[3], row[4:])) for row in rows)

    def first_runs(self) -> Iterator[FirstRuns]:
        """Yield the planned mutants in order, each with its runs with the first seed."""
        mutant = ", ".join(f"mutant.{name}" for name in MUTANT_COLUMNS.split(", "))
        run = ", ".join(f"run.{name}" for name in OUTCOME_COLUMNS.split(", "))
        rows = self._connection.execute(
            f"SELECT {mutant}, run.repeat, run.trial_id, {run} FROM mutant LEFT JOIN run "
            "ON run.mutant_id = mutant.id AND run.kind = ? AND run.seed = ? AND run.fold = ? "
            "ORDER BY mutant.position",
            (TrialKind.MUTANT.value, FIRST.seed, FIRST.fold),
        )
        width = MUTANT_COLUMNS.count(",") + 1
        for _, members in groupby(rows, key=itemgetter(0)):
            made: dict[int | None, Outcome] = {}
            for row in members:
                repeat, trial_id, *values = row[width:]
                if repeat is not None:
                    made[repeat] = outcome_of(trial_id, values)
            yield FirstRuns(*mutant_of(row[:width]), made.get(0), made.get(1))

    def second_of(self, mutant_id: str) -> Outcome | None:
        """Return the outcome of the run that repeats the first run of a mutant, if it was made."""
        row = self._connection.execute(
            f"SELECT trial_id, {OUTCOME_COLUMNS} FROM run WHERE mutant_id = ? AND kind = ? "
            "AND seed = ? AND fold = ? AND repeat = 1",
            (mutant_id, TrialKind.MUTANT.value, FIRST.seed, FIRST.fold),
        ).fetchone()
        return outcome_of(row[0], row[1:]) if row else None

    def outcomes_of(self, mutant_id: str) -> list[tuple[Draw, Outcome]]:
        """(draw, outcome) of every run of one mutant, without audits and its second run."""
        rows = self._connection.execute(
            f"SELECT seed, fold, trial_id, {OUTCOME_COLUMNS} FROM run "
            "WHERE mutant_id = ? AND kind = ? AND repeat = 0 ORDER BY number",
            (mutant_id, TrialKind.MUTANT.value),
        )
        return [(Draw(*row[:2]), outcome_of(row[2], row[3:])) for row in rows]

    def measurements(self, kind: TrialKind) -> Iterator[Measurement]:
        """What comparisons need of each run of a kind, in the order of ending.

        The second run of a mutant is left out: it is no value beside the first one.
        """
        rows = self._connection.execute(
            "SELECT mutant_id, seed, fold, ending, code, steps, seconds, cpu_seconds, settled, "
            "parameters FROM run WHERE kind = ? AND (repeat = 0 OR mutant_id IS NULL) "
            "ORDER BY number",
            (kind.value,),
        )
        return map(measurement_of, rows)

    def costs(self) -> list[Cost]:
        """What all runs took, by what they were for."""
        rows = self._connection.execute(
            "SELECT kind, seed = ? AND fold = ? AND repeat = 0, settled <> '', count(*), "
            "sum(cpu_seconds) FROM run GROUP BY 1, 2, 3",
            (FIRST.seed, FIRST.fold),
        )
        return [Cost(TrialKind(row[0]), bool(row[1]), bool(row[2]), *row[3:]) for row in rows]

    def has_log(self, trial_id: str) -> bool:
        """Whether it is known what a run printed; an import may know it of crashes alone."""
        query = "SELECT 1 FROM log WHERE trial_id = ?"
        return self._connection.execute(query, (trial_id,)).fetchone() is not None

    def log(self, trial_id: str) -> str:
        """What a run printed, head and tail."""
        row = self._connection.execute(
            "SELECT content FROM log WHERE trial_id = ?", (trial_id,)
        ).fetchone()
        return "" if row is None else zlib.decompress(row[0]).decode("utf-8", "replace")

    def forget_runs(self, kind: TrialKind, trial_id: str = "%") -> None:
        """Drop the runs of a kind, or one of them, so that they are made again."""
        with self._connection:
            self._connection.execute(
                "DELETE FROM log WHERE trial_id IN "
                "(SELECT trial_id FROM run WHERE kind = ? AND trial_id LIKE ?)",
                (kind.value, trial_id),
            )
            self._connection.execute(
                "DELETE FROM run WHERE kind = ? AND trial_id LIKE ?", (kind.value, trial_id)
            )


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == SCHEMA_VERSION:
        return
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version or tables:
        raise UsageError(
            f"the campaign {path} was made by another version of trainwreck "
            f"(format {version}, this is {SCHEMA_VERSION})",
            "use that version, or start anew in another folder: trainwreck --campaign DIR …",
        )
    connection.executescript(SCHEMA.read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
