"""The SQLite file of a campaign: one writer, any number of readers."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from trainwreck.errors import Paused, UsageError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model import Measurement, Metric, TrialKind, metric_of
from trainwreck.model.damage import Sealing, Verification
from trainwreck.store.attached import AttachedCampaign, attach
from trainwreck.store.checking import is_damage, refuses_writing, sealing_of, snapshot
from trainwreck.store.connecting import damaged, opened
from trainwreck.store.dump import BASES, dump
from trainwreck.store.first_run_tables import FirstRunTables
from trainwreck.store.import_tables import ImportTables
from trainwreck.store.merge_tables import MergeTables
from trainwreck.store.opening import FACTS_READ as FACTS_READ
from trainwreck.store.opening import SCHEMA_VERSION as SCHEMA_VERSION
from trainwreck.store.plan_tables import PlanTables
from trainwreck.store.rows import Relocate
from trainwreck.store.run_ids import RunIds
from trainwreck.store.run_tables import RunTables
from trainwreck.store.salvage import Salvaged, salvage
from trainwreck.store.verifying import verify_file
from trainwreck.store.whole_digest import NAME as DIGEST

FILE_NAME = "campaign.sqlite"
LOCK_NAME, IGNORING = "lock", ".gitignore"
OWN_NAMES = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", DIGEST, IGNORING, LOCK_NAME)
"""The files of a folder in which a campaign file was made."""
PACKAGE = Path(__file__).parents[1]


_locks: set[IO[str]] = set()


def _leave_locks() -> None:
    """Close the locks that a fork has inherited: it must not keep them when its parent is gone."""
    while _locks:
        _locks.pop().close()


os.register_at_fork(after_in_child=_leave_locks)


@contextmanager
def campaign_lock(folder: Path) -> Iterator[None]:
    """Make the folder if need be, and be the only writer in it. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / IGNORING).write_text("*\n")
        lock = (folder / LOCK_NAME).open("w")
    except OSError as error:
        raise UsageError(
            f"the campaign folder {folder} cannot be written: {error.strerror}",
            "Give another one with `--campaign DIR`.",
        ) from None
    # A signal must not come between a fact and its seal; long work asks for it in between.
    with lock, INTERRUPTS.deferred():
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"another trainwreck is at work on the campaign in {folder}",
                "Wait for it, or follow it with `trainwreck status`.",
            ) from None
        _locks.add(lock)
        try:
            yield
        finally:
            _locks.discard(lock)


def is_campaign(folder: Path) -> bool:
    """Return whether a folder is a campaign's, whatever its name is."""
    try:
        return all((folder / name).is_file() for name in (FILE_NAME, LOCK_NAME))
    except OSError:  # A folder in which this user may not read.
        return False


def is_at_work(folder: Path) -> bool:
    """Return whether a process works on the campaign of a folder, or may."""
    try:
        with (folder / LOCK_NAME).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


START = (
    "Go to the folder of its trainwreck.toml, or begin with `trainwreck init COMMAND`, which "
    "writes one for your program."
)


def file_in(folder: Path) -> Path:
    """Return the campaign file of a folder. Raises UsageError where there is none."""
    path = folder / FILE_NAME
    if path.is_file():
        return path
    inside = sorted(file.parent for file in folder.glob(f".trainwreck*/{FILE_NAME}"))
    hint = f"Name its own folder: {' or '.join(map(str, inside))}." if inside else START
    raise UsageError(f"there is no campaign in {folder}", hint)


def verify_campaign(folder: Path) -> Verification:
    """Check all records of the campaign in a folder. Raises UsageError where there is none."""
    try:
        return verify_file(file_in(folder))
    except sqlite3.DatabaseError as error:
        raise _unusable(folder, error) from None


def _unusable(folder: Path, error: sqlite3.Error) -> UsageError:
    return UsageError(
        f"the campaign in {folder} cannot be used: {error}",
        "Move the folder away, or give another one with `--campaign DIR`.",
    )


class CampaignFile:
    """The facts of one campaign; each method is one statement or one transaction.

    ``plan``, ``runs``, ``imported`` and ``merged`` are its tables. Their methods are methods of the
    file, too.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self.plan = PlanTables(connection)
        self.runs = RunTables(connection)
        self.imported = ImportTables(connection)
        self.merged = MergeTables(connection)
        self._take_methods_of_plan(self.plan)
        self._take_methods_of_runs(self.runs)
        self._take_methods_of_first_runs(FirstRunTables(connection))
        self._take_methods_of_ids(RunIds(connection))
        self._take_methods_of_imported(self.imported)
        self._take_methods_of_merged(self.merged)

    def _take_methods_of_plan(self, plan: PlanTables) -> None:
        self.set_executed, self.executed = plan.set_executed, plan.executed
        self.set_plan, self.frames, self.strata = plan.set_plan, plan.frames, plan.strata
        self.planned_number, self.mutants = plan.planned_number, plan.mutants
        self.outlines, self.mutants_with = plan.outlines, plan.mutants_with
        self.origins = plan.origins
        self.add_chosen, self.chosen = plan.add_chosen, plan.chosen
        self.set_sources, self.sources = plan.set_sources, plan.sources
        self.set_probes, self.probes = plan.set_probes, plan.probes
        self.set_same_code, self.same_code = plan.set_same_code, plan.same_code

    def _take_methods_of_runs(self, runs: RunTables) -> None:
        self.add_run, self.forget_runs = runs.add_run, runs.forget_runs
        self.count_from, self.run_of = runs.count_from, runs.run_of
        self.environments = runs.environments
        self.kinds, self.environment_of = runs.kinds, runs.environment_of
        self.withdraw_since_clean = runs.withdraw_since_clean
        self.outcomes, self.clean_outcomes = runs.outcomes, runs.clean_outcomes
        self.outcomes_of, self.runs_of = runs.outcomes_of, runs.runs_of
        self.digest_of, self.observations = runs.digest_of, runs.observations
        self.costs, self.mutant_costs = runs.costs, runs.mutant_costs
        self.withdraw_runs = runs.withdraw_runs
        self.has_log, self.log = runs.has_log, runs.log

    def _take_methods_of_first_runs(self, runs: FirstRunTables) -> None:
        self.first_runs, self.second_of = runs.first_runs, runs.second_of
        self.brief_first_runs = runs.brief_first_runs
        self.first_environment = runs.first_environment

    def _take_methods_of_ids(self, ids: RunIds) -> None:
        self.finished_ids, self.finished_number = ids.finished_ids, ids.finished_number
        self.number_of_runs = ids.number_of_runs
        self.finished_first_ids, self.settled_runs = ids.finished_first_ids, ids.settled_runs
        self.all_ids, self.unproven_ids, self.ids_in = ids.all_ids, ids.unproven_ids, ids.ids_in

    def _take_methods_of_merged(self, merged: MergeTables) -> None:
        self.merging, self.add_facts = merged.merging, merged.add_facts
        self.plan_digest, self.run_numbers = merged.plan_digest, merged.run_numbers
        self.set_turns, self.set_numbers = merged.set_turns, merged.set_numbers
        self.drop_run = merged.drop_run

    def _take_methods_of_imported(self, imported: ImportTables) -> None:
        self.importing, self.has_records = imported.importing, imported.has_records
        self.add_fact, self.add_place = imported.add_fact, imported.add_place
        self.add_record, self.record_lines = imported.add_record, imported.record_lines
        self.set_doubts, self.doubts = imported.set_doubts, imported.doubts
        self.observed_runs, self.leave_out = imported.observed_runs, imported.leave_out

    @classmethod
    @contextmanager
    def open(cls, folder: Path, create: bool = False) -> Iterator["CampaignFile"]:
        """Open the campaign in ``folder``, to write to it with ``create``.

        Raises:
            UsageError: There is no complete campaign of this version.
            DamageError: The file is not as it was written.
            Paused: The machine refuses to write to it, as where a disk is full.

        """
        path = folder / FILE_NAME if create else file_in(folder)
        try:
            with opened(path, create) as connection:
                yield cls(connection, folder)
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                raise damaged(path, str(error)) from None
            if create and refuses_writing(error):
                raise Paused(
                    f"the campaign in {folder} cannot be written: {error}",
                    "Make room on its disk, or make it writable; then run the same command again.",
                ) from None
            raise _unusable(folder, error) from None

    def salvage(self, source: Path) -> Salvaged:
        """Fill this new file with what is whole of a damaged one, and stand for it."""
        salvaged = salvage(source, self._connection)
        self._folder = source.parent
        return salvaged

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
        """Return a JSON value, or None."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def all_meta(self) -> dict[str, Any]:
        """Return every JSON value by its key."""
        rows = self._connection.execute("SELECT key, value FROM meta")
        return {key: json.loads(value) for key, value in rows}

    def metrics(self) -> tuple[Metric, ...]:
        """Return the metrics of the subject; an old campaign has only their names."""
        names = self.meta("metrics") or ()
        return tuple(map(metric_of, self.meta("measures") or [{"name": name} for name in names]))

    def measurements(self, kind: TrialKind) -> Iterator[Measurement]:
        """Yield the measurement of each run of a kind, in the order of ending.

        The second run of a mutant is left out: it is no value beside the first one.
        """
        return self.runs.measurements(kind, self.metrics())

    def folders(self) -> dict[str, str]:
        """Return the folders of this machine that facts may name, none after an import."""
        bases = self.meta(BASES)
        if bases is None:
            return {}
        folders = {"campaign": self._folder.resolve(), "trainwreck": PACKAGE, "home": Path.home()}
        return {**{name: str(path) for name, path in folders.items()}, **bases}

    def dump(
        self, relocate: Relocate, logs: bool = False, without: Collection[str] = ()
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every fact as (table, row); see ``store.dump``."""
        return dump(self._connection, relocate, logs, without)

    def attach(self, folder: Path) -> AttachedCampaign | None:
        """Attach another campaign, before `merging`; see ``store.attached``."""
        return attach(self._connection, file_in(folder))

    def sealing(self) -> Sealing:
        """Return which records have had seals since they were made."""
        return sealing_of(self._connection)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See the campaign in its present state while others go on writing to it."""
        with snapshot(self._connection):
            yield
