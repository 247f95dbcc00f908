"""The runs of a campaign: outcomes, observations, logs and environments."""

import json
import os
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from trainwreck.model import (
    FIRST,
    Cost,
    Draw,
    Environment,
    Measurement,
    Metric,
    MutantCost,
    Outcome,
    Trial,
    TrialKind,
    content_id,
)
from trainwreck.model.json_values import change_texts
from trainwreck.model.redaction import redaction
from trainwreck.model.start import STARTED, WARM
from trainwreck.store.facts import changed_bytes, changed_texts
from trainwreck.store.nouns import (
    ENVIRONMENT,
    MEASUREMENT,
    ORIGIN,
    OUTCOME,
    MutantRun,
    measurement_of,
    outcome_of,
    outcome_row,
)
from trainwreck.store.opening import has_rows
from trainwreck.store.rows import ObservationRow, OriginRow, RunRow

WITHDRAWN = "withdrawn"
"""The key in table meta of the number of runs that were taken back."""

NOTHING_OPAQUE = "[]"
"""The value of the column ``opaque``, which was for the rule `cut` and is no longer read."""

LANE_BITS = 40
"""The number of a run has the number of its shard above these bits."""

HEAD = ("trial_id", "kind", "seed", "fold", "repeat", "mutant_id")
INSERTED = (*HEAD, *OUTCOME.names, "opaque", "environment")


def outcome_columns(connection: sqlite3.Connection) -> str:
    """Return the columns that ``outcome_of_columns`` reads, for a statement about table run."""
    return f"run.trial_id, {OUTCOME.sql_of('run')}, {observations_sql(connection)}"


def observations_sql(connection: sqlite3.Connection) -> str:
    """Return a column with the observations of a run, for a statement about table run."""
    if not has_rows(connection, ObservationRow.table):
        return "NULL"
    return (
        "(SELECT json_group_object(name, value) FROM observation "
        "WHERE observation.trial_id = run.trial_id)"
    )


def _is_warm(connection: sqlite3.Connection) -> str:
    """Return a column with whether a run started warm, for a statement about table run."""
    return f"coalesce({_of_start(connection, 'how')} = '{WARM}', 0)"


def _of_start(connection: sqlite3.Connection, key: str) -> str:
    """Return a column with a value of how a run started, for a statement about table run."""
    if not has_rows(connection, ObservationRow.table):
        return "NULL"
    return (
        f"(SELECT json_extract(value, '$.{key}') FROM observation "
        f"WHERE observation.trial_id = run.trial_id AND name = '{STARTED}')"
    )


def outcome_of_columns(row: Sequence[Any]) -> Outcome:
    """Return the outcome that these columns hold."""
    return outcome_of(row[0], row[1:-1], row[-1])


class RunTables:
    """The tables that runs are written to, without the secrets of the environment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._redact = redaction(os.environ)
        self._first_number = 0

    def count_from(self, lane: int) -> None:
        """Give the runs from now on numbers that runs of other shards do not have."""
        self._first_number = lane << LANE_BITS

    def add_run(self, trial: Trial, outcome: Outcome, log: bytes, environment: Environment) -> None:
        """Keep a finished run with its observations, its output and its environment."""
        mutant_id = trial.mutant.id if trial.mutant else None
        head = (trial.id, trial.kind.value, trial.seed, trial.fold, trial.repeat, mutant_id)
        with self._connection:
            environment_id = self._add_environment(environment)
            values = (*head, *outcome_row(outcome), NOTHING_OPAQUE, environment_id)
            row = dict(zip(INSERTED, values, strict=True))
            row |= changed_texts(RunRow, row, self._redact)
            self._connection.execute(
                f"INSERT OR REPLACE INTO run (number, {', '.join(INSERTED)}) VALUES "
                "((SELECT max(ifnull(max(number), 0), ?) + 1 FROM run), "
                f"{', '.join('?' * len(row))})",
                (self._first_number, *row.values()),
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO log VALUES (?, ?)",
                (trial.id, zlib.compress(changed_bytes(log, self._redact))),
            )
            self._set_observations(trial.id, outcome)

    def _add_environment(self, environment: Environment) -> str:
        """Keep an environment and its origin once; return its id."""
        packages = dict(sorted(environment.packages.items()))
        texts = ENVIRONMENT.encode(environment.python, packages)
        origin = ORIGIN.encode(environment.origin) if environment.origin else []
        environment_id = content_id(*texts, *origin)
        insert = "INSERT OR IGNORE INTO"
        self._connection.execute(
            f"{insert} environment (id, {ENVIRONMENT.sql}) VALUES (?, ?, ?)",
            (environment_id, *texts),
        )
        if origin:
            self._connection.execute(f"{insert} origin VALUES (?, ?)", (environment_id, *origin))
        return environment_id

    def _set_observations(self, trial_id: str, outcome: Outcome) -> None:
        self._connection.execute("DELETE FROM observation WHERE trial_id = ?", (trial_id,))
        self._connection.executemany(
            "INSERT INTO observation (trial_id, name, value) VALUES (?, ?, ?)",
            (
                (trial_id, name, json.dumps(change_texts(value, self._redact)))
                for name, value in outcome.observations.items()
            ),
        )

    def run_of(self, trial_id: str) -> tuple[Outcome, str]:
        """Return the outcome of a trial that has run, and the id of its environment."""
        row = self._outcome_rows("run.trial_id = ?", trial_id, head="environment").fetchone()
        return outcome_of_columns(row[1:]), row[0]

    def environments(self) -> list[tuple[Environment, int]]:
        """Return the environments of runs, the first one first, with the number of runs in each."""
        rows = self._connection.execute(
            f"SELECT id, {ENVIRONMENT.sql}, count(*) FROM run JOIN environment ON environment.id = "
            "run.environment GROUP BY environment.id ORDER BY min(number)"
        )
        origins = self._origins()
        found = [(row[0], ENVIRONMENT.decode(row[1:-1]), row[-1]) for row in rows]
        return [
            (Environment(python, packages, origins.get(environment_id, {})), runs)
            for environment_id, (python, packages), runs in found
        ]

    def kinds(self) -> dict[str, str]:
        """Return the kind of machine of each environment, by the id that runs have."""
        rows = self._connection.execute(f"SELECT id, {ENVIRONMENT.sql} FROM environment")
        found, origins = [(row[0], ENVIRONMENT.decode(row[1:])) for row in rows], self._origins()
        return {
            environment_id: Environment(python, packages, origins.get(environment_id, {})).kind
            for environment_id, (python, packages) in found
        }

    def environment_of(self, trial_id: str) -> str:
        """Return the id of the environment of a run, empty where it has not run."""
        query = "SELECT environment FROM run WHERE trial_id = ?"
        row = self._connection.execute(query, (trial_id,)).fetchone()
        return str(row[0]) if row else ""

    def _origins(self) -> dict[str, dict[str, str]]:
        """Return the origins that are known, by environment."""
        if not has_rows(self._connection, OriginRow.table):
            return {}
        rows = self._connection.execute(f"SELECT environment, {ORIGIN.sql} FROM origin")
        return {environment: ORIGIN.decode(texts)[0] for environment, *texts in rows}

    def _outcome_rows(
        self, condition: str, *values: Any, head: str = "seed, fold, mutant_id"
    ) -> sqlite3.Cursor:
        """Select ``head`` and the columns of outcomes, in the order in which the runs ended."""
        columns = outcome_columns(self._connection)
        return self._connection.execute(
            f"SELECT {head}, {columns} FROM run WHERE {condition} ORDER BY number", values
        )

    def outcomes(
        self, *kinds: TrialKind, draw: Draw | None = None
    ) -> Iterator[tuple[Draw, str | None, Outcome]]:
        """Yield (draw, mutant id, outcome) of each run of these kinds, in the order of ending.

        Only those that start from ``draw`` where it is given.
        """
        condition = f"kind IN ({', '.join('?' * len(kinds))})"
        values: list[Any] = [kind.value for kind in kinds]
        if draw is not None:
            condition += " AND seed = ? AND fold = ?"
            values += [draw.seed, draw.fold]
        rows = self._outcome_rows(condition, *values)
        return ((Draw(*row[:2]), row[2], outcome_of_columns(row[3:])) for row in rows)

    def digest_of(self, trial_id: str) -> str:
        """Return the final digest of a run, or an empty text where there was none."""
        row = self._outcome_rows("run.trial_id = ?", trial_id).fetchone()
        return outcome_of_columns(row[3:]).digest if row else ""

    def outcomes_of(self, mutant_id: str) -> list[tuple[Draw, Outcome]]:
        """Return (draw, outcome) of every run of one mutant, without audits and its second run."""
        condition = "mutant_id = ? AND kind = ? AND repeat = 0"
        rows = self._outcome_rows(condition, mutant_id, TrialKind.MUTANT.value)
        return [(Draw(*row[:2]), outcome_of_columns(row[3:])) for row in rows]

    def runs_of(self, mutant_id: str) -> list[MutantRun]:
        """Return every training of one mutant, audits and its second run among them."""
        condition, kind = "mutant_id = ? AND kind <> ?", TrialKind.CHECK.value
        rows = self._outcome_rows(condition, mutant_id, kind, head="kind, seed, fold, repeat")
        return [
            MutantRun(TrialKind(row[0]), Draw(*row[1:3]), row[3], outcome_of_columns(row[4:]))
            for row in rows
        ]

    def clean_outcomes(self) -> Iterator[tuple[TrialKind, Draw, Outcome]]:
        """Yield (kind, draw, outcome) of every run of the clean program."""
        others = f"'{TrialKind.TOGETHER}', '{TrialKind.CHECK}'"
        chosen = f"mutant_id IS NULL AND kind NOT IN ({others})"
        rows = self._outcome_rows(chosen, head="kind, seed, fold")
        return ((TrialKind(row[0]), Draw(*row[1:3]), outcome_of_columns(row[3:])) for row in rows)

    def observations(self, name: str) -> dict[str, Any]:
        """Return what runs observed under a name, by trial id."""
        if not has_rows(self._connection, ObservationRow.table):
            return {}
        query = "SELECT trial_id, value FROM observation WHERE name = ?"
        rows = self._connection.execute(query, (name,))
        return {trial_id: json.loads(value) for trial_id, value in rows}

    def measurements(self, kind: TrialKind, metrics: Collection[Metric]) -> Iterator[Measurement]:
        """Yield the measurement of each run of a kind; see `CampaignFile.measurements`."""
        # The observations of a million mutants' runs would be read for nothing.
        is_mutants = kind in (TrialKind.MUTANT, TrialKind.AUDIT)
        observations = "NULL" if is_mutants else observations_sql(self._connection)
        rows = self._connection.execute(
            f"SELECT {MEASUREMENT.sql}, {observations}, {_is_warm(self._connection)} FROM run "
            "WHERE kind = ? AND (repeat = 0 OR mutant_id IS NULL) ORDER BY number",
            (kind.value,),
        )
        by_name = {metric.name: metric for metric in metrics}
        return (measurement_of(row, by_name) for row in rows)

    def costs(self, without: Collection[str] = ()) -> list[Cost]:
        """Return the processor time of all runs but those of some mutants, by their purpose."""
        shared = _of_start(self._connection, "prefix_cpu")
        rows = self._connection.execute(
            "SELECT kind, seed = ? AND fold = ? AND repeat = 0, settled <> '', count(*), "
            f"sum(cpu_seconds), total({shared}) FROM run WHERE mutant_id IS NULL OR mutant_id "
            "NOT IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3",
            (FIRST.seed, FIRST.fold, json.dumps(list(without))),
        )
        return [
            Cost(TrialKind(kind), bool(first), bool(settled), runs, whole - shared_cpu, shared_cpu)
            for kind, first, settled, runs, whole, shared_cpu in rows
        ]

    def mutant_costs(self) -> dict[str, MutantCost]:
        """Return the processor time of every mutant that ran, without audits, by its id."""
        rows = self._connection.execute(
            "SELECT mutant_id, sum(cpu_seconds * is_first), sum(cpu_seconds * (1 - is_first)), "
            "count(DISTINCT CASE fold WHEN 0 THEN seed ELSE seed || ' ' || fold END) FROM "
            "(SELECT *, seed = ? AND fold = ? AS is_first FROM run WHERE kind = ?) "
            "GROUP BY mutant_id",
            (FIRST.seed, FIRST.fold, TrialKind.MUTANT.value),
        )
        return {row[0]: MutantCost(*row[1:]) for row in rows}

    def has_log(self, trial_id: str) -> bool:
        """Return whether the output of a run is here; an import may have that of crashes alone."""
        query = "SELECT 1 FROM log WHERE trial_id = ?"
        return self._connection.execute(query, (trial_id,)).fetchone() is not None

    def log(self, trial_id: str) -> str:
        """Return the output of a run, head and tail."""
        query = "SELECT content FROM log WHERE trial_id = ?"
        row = self._connection.execute(query, (trial_id,)).fetchone()
        return "" if row is None else zlib.decompress(row[0]).decode("utf-8", "replace")

    def withdraw_since_clean(self) -> int:
        """Drop the runs of mutants after the last clean run or control; return their number.

        How many were dropped in all is kept, as reports must say so.
        """
        chosen = (
            "kind IN (?, ?, ?, ?) AND number > (SELECT coalesce(max(number), 0) FROM run "
            "WHERE kind IN (?, ?))"
        )
        buggy = (TrialKind.MUTANT, TrialKind.AUDIT, TrialKind.TOGETHER, TrialKind.CHECK)
        kinds = (*buggy, TrialKind.CLEAN, TrialKind.CONTROL)
        values = tuple(kind.value for kind in kinds)
        return self._withdraw(chosen, values)

    def withdraw_runs(self, trial_ids: Collection[str]) -> int:
        """Drop runs that cannot be trusted; return their number, which is kept as well."""
        chosen = "trial_id IN (SELECT value FROM json_each(?))"
        return self._withdraw(chosen, (json.dumps(sorted(trial_ids)),))

    def _withdraw(self, chosen: str, values: Sequence[Any]) -> int:
        """Drop the runs that a condition chooses, and add their number to that of all so far."""
        with self._connection:
            number = self._drop(chosen, values)
            if not number:
                return 0
            self._connection.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE "
                "SET value = value + excluded.value",
                (WITHDRAWN, json.dumps(number)),
            )
        return number

    def _drop(self, chosen: str, values: Sequence[Any]) -> int:
        """Drop the runs that a condition chooses, within a transaction; return their number."""
        for table in ("log", "observation"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE trial_id IN (SELECT trial_id FROM run WHERE {chosen})",
                values,
            )
        return self._connection.execute(f"DELETE FROM run WHERE {chosen}", values).rowcount

    def forget_runs(self, kind: TrialKind, trial_id: str = "%") -> None:
        """Drop the runs of a kind, or one of them, so that they are made again."""
        chosen = "kind = ? AND trial_id LIKE ?"
        with self._connection:
            self._drop(chosen, (kind.value, trial_id))
