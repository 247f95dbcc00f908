"""The runs of mutants with the first seed, from which symptoms and rungs follow."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from trainwreck.model import FIRST, Outcome, PlannedMutant, Selection, TrialKind
from trainwreck.store.columns import Columns
from trainwreck.store.nouns import (
    BRIEF,
    CHOSEN,
    MUTANT,
    OUTLINE,
    FirstRuns,
    Row,
    brief_outcome_of,
    chosen_of,
    mutant_of,
    outline_of,
)
from trainwreck.store.opening import has_rows
from trainwreck.store.rows import ChosenRow, MutantRow
from trainwreck.store.run_tables import observations_sql, outcome_columns, outcome_of_columns

FIRST_OF_MUTANT = (TrialKind.MUTANT.value, FIRST.seed, FIRST.fold)


@dataclass(frozen=True, slots=True)
class _Mutants:
    """A table of mutants: the columns that are read of it, and the noun that they are of."""

    table: str
    columns: Columns
    noun: Callable[[Row], PlannedMutant]


_CHOSEN = _Mutants(ChosenRow.table, CHOSEN, chosen_of)
_SELECTIONS = {
    Selection.SAMPLE: _Mutants(MutantRow.table, MUTANT, mutant_of),
    Selection.CHOSEN: _CHOSEN,
}
_BRIEFLY = {
    Selection.SAMPLE: _Mutants(MutantRow.table, OUTLINE, outline_of),
    Selection.CHOSEN: _CHOSEN,
}


class FirstRunTables:
    """The questions about mutants and their first runs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def first_runs(self, selection: Selection = Selection.SAMPLE) -> Iterator[FirstRuns]:
        """Yield planned or chosen mutants in order, each with its runs with the first seed."""
        columns = outcome_columns(self._connection)
        return self._runs(_SELECTIONS[selection], columns, outcome_of_columns)

    def brief_first_runs(self, selection: Selection = Selection.SAMPLE) -> Iterator[FirstRuns]:
        """Yield what `first_runs` does, but of outcomes and planned mutants the most needed only.

        Mutants have no edits, module, anchor or phases. Outcomes have their end, hits, results,
        error and rule.
        """
        columns = f"run.trial_id, {BRIEF.sql_of('run')}, {observations_sql(self._connection)}"
        return self._runs(_BRIEFLY[selection], columns, _brief_outcome)

    def _runs(
        self, mutants: _Mutants, columns: str, outcome_of: Callable[[Sequence[Any]], Outcome]
    ) -> Iterator[FirstRuns]:
        table = mutants.table
        if not has_rows(self._connection, table):
            return
        rows = self._connection.execute(
            f"SELECT {mutants.columns.sql_of(table)}, run.repeat, {columns} "
            f"FROM {table} LEFT JOIN run "
            f"ON run.mutant_id = {table}.id AND run.kind = ? AND run.seed = ? AND run.fold = ? "
            f"ORDER BY {table}.position",
            FIRST_OF_MUTANT,
        )
        width = len(mutants.columns.names)
        for _, members in groupby(rows, key=itemgetter(0)):
            outcomes: dict[int, Outcome] = {}
            for row in members:
                repeat = row[width]
                if repeat is not None:
                    outcomes[repeat] = outcome_of(row[width + 1 :])
            yield FirstRuns(mutants.noun(row[:width]), outcomes.get(0), outcomes.get(1))

    def second_of(self, mutant_id: str) -> Outcome | None:
        """Return the outcome of the run that repeats the first run of a mutant, if it was made."""
        row = self._connection.execute(
            f"SELECT {outcome_columns(self._connection)} FROM run WHERE mutant_id = ? "
            "AND kind = ? AND seed = ? AND fold = ? AND repeat = 1 ORDER BY number",
            (mutant_id, *FIRST_OF_MUTANT),
        ).fetchone()
        return outcome_of_columns(row) if row else None

    def first_environment(self, mutant_id: str) -> str:
        """Return the id of the environment of the first run of a mutant, or an empty text."""
        row = self._connection.execute(
            "SELECT environment FROM run WHERE mutant_id = ? AND kind = ? AND seed = ? "
            "AND fold = ? AND repeat = 0",
            (mutant_id, *FIRST_OF_MUTANT),
        ).fetchone()
        return str(row[0]) if row else ""


def _brief_outcome(row: Sequence[Any]) -> Outcome:
    return brief_outcome_of(row[0], row[1:-1], row[-1])
