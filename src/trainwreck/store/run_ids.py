"""The ids of the runs of a campaign: which are finished, and which are of a kind."""

import json
import sqlite3
from collections.abc import Collection

from trainwreck.model import FIRST, Ending, TrialKind


class RunIds:
    """The questions to table run that read no whole outcome."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def finished_ids(self) -> set[str]:
        """Return the trials that need not be run again; lost ones are tried by every session."""
        query = "SELECT trial_id FROM run WHERE ending <> ?"
        return {row[0] for row in self._connection.execute(query, (Ending.LOST.value,))}

    def finished_first_ids(self) -> set[str]:
        """Return those of `finished_ids` that start from the first seed and fold.

        A campaign may have ten times as many with further seeds, whose ids would take a gigabyte.
        """
        query = "SELECT trial_id FROM run WHERE ending <> ? AND seed = ? AND fold = ?"
        values = (Ending.LOST.value, FIRST.seed, FIRST.fold)
        return {row[0] for row in self._connection.execute(query, values)}

    def settled_runs(self, kind: TrialKind) -> list[tuple[str, str]]:
        """Return the trials of a kind that a rule ended early, each with the rule."""
        query = "SELECT trial_id, settled FROM run WHERE kind = ? AND settled <> '' ORDER BY number"
        return self._connection.execute(query, (kind.value,)).fetchall()

    def finished_number(self) -> int:
        """Return the number of trials that need not be run again."""
        query = "SELECT count(*) FROM run WHERE ending <> ?"
        number: int = self._connection.execute(query, (Ending.LOST.value,)).fetchone()[0]
        return number

    def number_of_runs(self) -> int:
        """Return the number of all runs."""
        number: int = self._connection.execute("SELECT count(*) FROM run").fetchone()[0]
        return number

    def all_ids(self) -> set[str]:
        """Return the trials of all runs."""
        return {row[0] for row in self._connection.execute("SELECT trial_id FROM run")}

    def unproven_ids(self) -> set[str]:
        """Return the trials whose runs prove nothing."""
        query = "SELECT trial_id FROM run WHERE ending IN (?, ?)"
        values = (Ending.BROKEN.value, Ending.LOST.value)
        return {row[0] for row in self._connection.execute(query, values)}

    def ids_in(self, environments: Collection[str], *kinds: TrialKind) -> set[str]:
        """Return the trials that ran in these environments: of these kinds, or of all without."""
        query = (
            "SELECT trial_id FROM run WHERE environment IN (SELECT value FROM json_each(?)) "
            "AND (? = '[]' OR kind IN (SELECT value FROM json_each(?)))"
        )
        chosen = json.dumps(kinds)
        rows = self._connection.execute(query, (json.dumps(list(environments)), chosen, chosen))
        return {row[0] for row in rows}
