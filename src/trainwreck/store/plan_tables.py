"""The plan of a campaign: sources, executed lines, mutants, and what needs no run of them."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from trainwreck.model import FileFrame, PlannedMutant, Probe, SourceSize, StratumFrame
from trainwreck.store.columns import Columns
from trainwreck.store.nouns import (
    CHOSEN,
    FRAME,
    MUTANT,
    OUTLINE,
    PROBE,
    SOURCE,
    STRATUM,
    Row,
    chosen_of,
    chosen_row,
    mutant_of,
    mutant_row,
    outline_of,
    probe_of,
    probe_row,
)
from trainwreck.store.opening import has_rows
from trainwreck.store.rows import ChosenRow, StratumRow

PAGE = 1000
"""The number of mutants that are read at a time."""


class PlanTables:
    """The tables that are written before the mutants run."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

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
        """Return the executed lines of every file, with their phases."""
        executed: dict[tuple[str, str], dict[int, frozenset[str]]] = {}
        # Few sets of phases are shared by very many lines.
        sets: dict[str, frozenset[str]] = {}
        rows = self._connection.execute("SELECT root, file, line, phases FROM executed")
        for root, file, line, text in rows:
            phases = sets.setdefault(text, frozenset(text.split(",")))
            executed.setdefault((root, file), {})[line] = phases
        return executed

    def set_plan(
        self,
        mutants: Iterable[PlannedMutant],
        frames: Iterable[FileFrame],
        strata: Iterable[StratumFrame] = (),
    ) -> None:
        """Replace the plan: the mutants in the order in which they run."""
        with self._connection:
            self._connection.execute("DELETE FROM mutant")
            self._connection.execute("DELETE FROM frame")
            self._connection.execute("DELETE FROM stratum")
            self._connection.executemany(
                f"INSERT INTO mutant ({MUTANT.sql}) VALUES ({MUTANT.places})",
                map(mutant_row, mutants),
            )
            self._connection.executemany(
                f"INSERT INTO frame ({FRAME.sql}) VALUES ({FRAME.places})",
                (FRAME.encode(*(getattr(f, name) for name in FRAME.names)) for f in frames),
            )
            self._connection.executemany(
                f"INSERT INTO stratum ({STRATUM.sql}) VALUES ({STRATUM.places})",
                (STRATUM.encode(*(getattr(s, name) for name in STRATUM.names)) for s in strata),
            )

    def strata(self) -> list[StratumFrame]:
        """Return the selection, stratum by stratum of each file; empty where none is known."""
        if not has_rows(self._connection, StratumRow.table):
            return []
        rows = self._connection.execute(f"SELECT {STRATUM.sql} FROM stratum")
        return [StratumFrame(*STRATUM.decode(row)) for row in rows]

    def frames(self) -> list[FileFrame]:
        """Return the selection, file by file."""
        rows = self._connection.execute(f"SELECT {FRAME.sql} FROM frame")
        return [FileFrame(*row) for row in rows]

    def planned_number(self) -> int:
        """Return the number of planned mutants."""
        number: int = self._connection.execute("SELECT count(*) FROM mutant").fetchone()[0]
        return number

    def mutants(self, prefix: str = "") -> Iterator[PlannedMutant]:
        """Yield the planned mutants in order, or those whose id begins with ``prefix``."""
        pages = self._pages(MUTANT, "substr(id, 1, ?) = ?", (len(prefix), prefix))
        return map(mutant_of, pages)

    def mutants_with(self, ids: Collection[str]) -> Iterator[PlannedMutant]:
        """Yield the planned mutants that have these ids, in any order."""
        query = f"SELECT {MUTANT.sql} FROM mutant WHERE id IN (SELECT value FROM json_each(?))"
        rows = self._connection.execute(query, (json.dumps(list(ids)),)).fetchall()
        return map(mutant_of, rows)

    def origins(self, ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return the root and file of those of these mutants that are planned or were chosen."""
        query = "SELECT id, root, file FROM mutant WHERE id IN (SELECT value FROM json_each(?))"
        rows = self._connection.execute(query, (json.dumps(list(ids)),))
        planned = {mutant: (root, file) for mutant, root, file in rows}
        chosen = [planned.mutant for planned in self.chosen()]
        return planned | {m.id: (m.root, m.file) for m in chosen if m.id in ids}

    def outlines(self) -> Iterator[PlannedMutant]:
        """Yield the planned mutants in order without edits, module, anchor and phases.

        This takes half the time of `mutants`, for those who ask only what is planned.
        """
        return map(outline_of, self._pages(OUTLINE))

    def _pages(
        self, columns: Columns, condition: str = "TRUE", values: Sequence[Any] = ()
    ) -> Iterator[Row]:
        """Yield these columns of the planned mutants for which a condition holds."""
        # Page by page, as runs are stored meanwhile: an open statement would keep SQLite from
        # moving them out of its log, which would grow to the size of all runs.
        query = (
            f"SELECT {columns.sql}, position FROM mutant WHERE position > ? "
            f"AND {condition} ORDER BY position LIMIT ?"
        )
        position = -(1 << 63)
        while True:
            rows = self._connection.execute(query, (position, *values, PAGE)).fetchall()
            yield from (row[:-1] for row in rows)
            if len(rows) < PAGE:
                return
            position = rows[-1][-1]

    def add_chosen(self, mutants: Iterable[PlannedMutant]) -> None:
        """Keep mutants that somebody chose, each once."""
        with self._connection:
            self._connection.executemany(
                f"INSERT OR IGNORE INTO chosen ({CHOSEN.sql}) VALUES ({CHOSEN.places})",
                map(chosen_row, mutants),
            )

    def chosen(self) -> list[PlannedMutant]:
        """Return the mutants that somebody chose, in the order in which they were chosen."""
        if not has_rows(self._connection, ChosenRow.table):
            return []
        rows = self._connection.execute(f"SELECT {CHOSEN.sql} FROM chosen ORDER BY position")
        return list(map(chosen_of, rows))

    def set_sources(self, sources: Iterable[SourceSize]) -> None:
        """Replace the sizes of the files that may be mutated."""
        rows = ([getattr(source, name) for name in SOURCE.names] for source in sources)
        with self._connection:
            self._connection.execute("DELETE FROM source")
            self._connection.executemany(
                f"INSERT INTO source ({SOURCE.sql}) VALUES ({SOURCE.places})", rows
            )

    def sources(self) -> list[SourceSize]:
        """Return the sizes of the files that may be mutated."""
        rows = self._connection.execute(f"SELECT {SOURCE.sql} FROM source")
        return [SourceSize(*row) for row in rows]

    def set_probes(self, probes: Iterable[Probe]) -> None:
        """Keep the records of an instrumented clean run."""
        with self._connection:
            self._connection.executemany(
                f"INSERT OR REPLACE INTO probe ({PROBE.sql}) VALUES ({PROBE.places})",
                map(probe_row, probes),
            )

    def probes(self) -> dict[str, Probe]:
        """Return the records of all probed mutants, by mutant id."""
        rows = self._connection.execute(f"SELECT {PROBE.sql} FROM probe")
        return {probe.mutant_id: probe for probe in map(probe_of, rows)}

    def set_same_code(self, same: Mapping[str, bool]) -> None:
        """Keep which mutants compile to the clean bytecode."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO same_code VALUES (?, ?)", same.items()
            )

    def same_code(self) -> dict[str, bool]:
        """Return whether each compared mutant compiles to the clean bytecode."""
        rows = self._connection.execute("SELECT mutant_id, same FROM same_code")
        return {mutant_id: bool(same) for mutant_id, same in rows}
