"""The rows of a file of verdicts, for readers with SQL."""

import os
from collections.abc import Iterable
from itertools import count
from typing import Any

from trainwreck.exchange.writer import mutant_fields, plain
from trainwreck.findings import JudgedCampaign, fate_of
from trainwreck.model import Compared, Judged, Measurement, PlannedMutant
from trainwreck.model.redaction import for_others
from trainwreck.report.sentences import why

Row = tuple[Any, ...]
MUTANT_FIELDS = (
    *("id", "root", "file", "module", "function", "operator", "line", "column", "end_line"),
    *("end_column", "original", "replacement", "context", "phases", "name"),
)
LARGEST = 2**63 - 1
"""The largest whole number of SQLite; another tool's records may have any."""


class VerdictRows:
    """Collects the rows of each table of ``store/verdicts.sql``, without secrets and the home."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {
            name: []
            for name in ("campaign", "mutant", "verdict", "impact", "comparison", "run", "value")
        }
        self._redact = for_others(os.environ)
        self._numbers = count(1)

    def add(
        self,
        study: JudgedCampaign,
        mutants: Iterable[PlannedMutant],
        runs: Iterable[Measurement],
    ) -> None:
        """Add a campaign.

        Args:
            study: Its verdicts.
            mutants: All planned mutants, also those that have not run.
            runs: All clean runs, and all of mutants.

        """
        self._append("campaign", study.name, study.planned, len(study.judged))
        judged = [*study.judged, *study.chosen]
        chosen = {item.mutant.id for item in study.chosen}
        planned = {p.mutant.id: p for p in (*mutants, *(item.planned for item in judged))}
        for mutant_id, mutant in planned.items():
            fields = mutant_fields(mutant)
            fields["phases"] = ",".join(fields["phases"])
            cells = (fields[name] for name in MUTANT_FIELDS)
            self._append("mutant", study.name, *cells, mutant_id in chosen)
        for item in judged:
            self._add_verdict(study.name, item)
        for run in runs:
            if run.mutant_id is None or run.mutant_id in planned:
                self._add_run(study.name, run)

    def _add_verdict(self, campaign: str, item: Judged) -> None:
        mutant, verdict = item.mutant.id, item.verdict
        self._append(
            "verdict",
            campaign,
            mutant,
            verdict.symptom,
            verdict.rung,
            fate_of(verdict),
            ",".join(verdict.parts),
            verdict.decided_by,
            verdict.certainty,
            item.weight,
            why(verdict),
        )
        for impact in dict.fromkeys(verdict.impact):
            self._append("impact", campaign, mutant, impact)
        for compared in verdict.compared:
            self._append("comparison", campaign, mutant, *_comparison(compared))

    def _add_run(self, campaign: str, run: Measurement) -> None:
        number = next(self._numbers)
        seed, fold = (run.draw.seed, run.draw.fold) if run.draw.is_known else (None, None)
        times = run.seconds, run.cpu_seconds
        cells = campaign, run.mutant_id, seed, fold, str(run.exit), run.whole, *times
        self._append("run", number, *cells)
        for name, value in run.metrics.items():
            self._append("value", number, name, value)

    def _append(self, table: str, *cells: object) -> None:
        self.tables[table].append(tuple(map(self._cell, cells)))

    def _cell(self, cell: object) -> object:
        """Return what SQLite can hold: a number that is too large for it becomes a text."""
        match cell:
            case str():
                return plain(self._redact(cell))
            case int() if abs(cell) > LARGEST:
                return str(cell)
        return cell


def _comparison(compared: Compared) -> Row:
    low, high = compared.interval or (None, None)
    counts = compared.runs, compared.clean
    tests = compared.difference, low, high, compared.p, compared.margin
    return (compared.measure, *counts, *tests, compared.impact)
