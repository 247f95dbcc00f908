"""The results of a campaign: data frames, tables and figures that show themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.errors import need
from trainwreck.exchange.writer import mutant_fields
from trainwreck.findings import JudgedCampaign, Summary
from trainwreck.model import Measurement, Table
from trainwreck.model.shown import ShownTuple
from trainwreck.report.figures.draw import draw_figure
from trainwreck.report.formats import flattened
from trainwreck.report.remarks import note_of
from trainwreck.report.sentences import why
from trainwreck.report.summary_html import summary_html
from trainwreck.report.text import cell, printable_table, tables_for_others
from trainwreck.report.words import counted
from trainwreck.results.report import report_tables
from trainwreck.results.source import ResultSource, judge_campaigns
from trainwreck.results.summary import read_summary
from trainwreck.temporary import temporary_folder

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, repr=False)
class ShownTable:
    """A table; ``frame`` has it as a data frame, a share being two columns."""

    table: Table

    def __repr__(self) -> str:
        """Name the table, and the number of its rows."""
        return f"ShownTable({self.table.name!r}, {counted(len(self.table.rows), 'row')})"

    @property
    def frame(self) -> DataFrame:
        """Return the table as a data frame."""
        need("data frames", "frames", "pandas")
        import pandas

        columns, rows = flattened(*tables_for_others([self.table]))
        return pandas.DataFrame(rows, columns=columns)

    def _repr_html_(self) -> str:
        from html import escape

        def row(tag: str, cells: Iterable[str]) -> str:
            return f"<tr>{''.join(f'<{tag}>{escape(text)}</{tag}>' for text in cells)}</tr>"

        table = printable_table(*tables_for_others([self.table]))
        body = "".join(row("td", map(cell, values)) for values in table.rows)
        return (
            f'<p><b>{escape(table.title)}</b></p><table class="dataframe"><thead>'
            f"{row('th', table.flat_columns)}</thead><tbody>{body}</tbody></table>"
            f"<p>{escape(note_of(table))}</p>"
        )


@dataclass(frozen=True, repr=False)
class ShownFigure:
    """A figure; ``save`` writes it as SVG, PDF or PNG, by the file's ending."""

    table: Table

    def __repr__(self) -> str:
        """Name the figure."""
        return f"ShownFigure({self.table.name!r})"

    def save(self, path: str | Path) -> None:
        """Draw it to a file. Raises UsageError where that cannot be written."""
        draw_figure(self.table, Path(path))

    def _repr_svg_(self) -> str:
        with temporary_folder() as folder:
            path = folder / "figure.svg"
            self.save(path)
            return path.read_text(encoding="utf-8")


@dataclass(frozen=True, repr=False)
class Results:
    """The results of one campaign, as they were when they were read."""

    study: JudgedCampaign
    measurements: tuple[Measurement, ...]
    report: tuple[Table, ...]
    summary: Summary

    def __repr__(self) -> str:
        """Name the subject, and the numbers of mutants and runs."""
        study, runs = self.study, counted(len(self.measurements), "run")
        return f"Results({study.name!r}, {len(study.judged)} of {study.planned} judged, {runs})"

    def _repr_html_(self) -> str:
        return summary_html(self.summary)

    @cached_property
    def mutants(self) -> DataFrame:
        """Return one row per judged mutant, with the fields of ``list --json``."""
        need("data frames", "frames", "pandas")
        import pandas

        rows = [mutant_fields(item.planned) for item in self.study.judged]
        return pandas.DataFrame(rows)

    @cached_property
    def outcomes(self) -> DataFrame:
        """Return one row per run: of a mutant, or of the clean program where ``mutant`` is empty.

        Times are in seconds; each metric has a column with its last value.
        """
        need("data frames", "frames", "pandas")
        import pandas

        rows = [
            {
                "mutant": run.mutant_id or "",
                "seed": run.draw.seed,
                "fold": run.draw.fold,
                "exit": str(run.exit),
                "whole": run.whole,
                "seconds": run.seconds,
                "cpu_seconds": run.cpu_seconds,
                **run.metrics,
            }
            for run in self.measurements
        ]
        return pandas.DataFrame(rows)

    @cached_property
    def verdicts(self) -> DataFrame:
        """Return one row per judged mutant: symptom, rung, what was compared, impact, decision."""
        need("data frames", "frames", "pandas")
        import pandas

        rows = [
            {
                "mutant": item.mutant.id,
                "name": item.mutant.name,
                "operator": str(item.mutant.operator),
                "symptom": item.verdict.symptom_class,
                "rung": item.verdict.rung.value if item.verdict.rung else "",
                "compared": ", ".join(item.verdict.parts),
                "impact": ", ".join(item.verdict.impact),
                "decided_by": str(item.verdict.decided_by),
                "class": item.verdict.certainty,
                "why": why(item.verdict),
            }
            for item in self.study.judged
        ]
        return pandas.DataFrame(rows)

    @cached_property
    def tables(self) -> dict[str, ShownTable]:
        """Return every table of the report by its name."""
        return {table.name: ShownTable(table) for table in self.report}

    @cached_property
    def figures(self) -> dict[str, ShownFigure]:
        """Return Figures 1 to 6 and the ledgers by the names of their tables."""
        return {
            table.name: ShownFigure(table)
            for table in self.report
            if table.name.startswith(("figure-", "ledger"))
        }


def read_results(source: ResultSource) -> Results:
    """Read all results of a campaign at once."""
    (study,) = judge_campaigns([source])
    measurements = ShownTuple(source.measurements())
    tables = ShownTuple(report_tables(source))
    return Results(study, measurements, tables, read_summary(study, source))
