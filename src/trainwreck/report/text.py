"""Tables as plain text, and the form of every number that people read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from trainwreck.findings import BoxRow
from trainwreck.model import Missing, Share, Table
from trainwreck.model.redaction import for_others
from trainwreck.report.printable import LONGEST_NOTE, one_line
from trainwreck.report.remarks import note_of
from trainwreck.stats.groups import AtMost, Chance

if TYPE_CHECKING:
    from rich.table import Table as RichTable

WIDTH = 100
MOST_VALUES = 4
LEFT = (str, AtMost, Chance)
"""Cells that stand at the left of their column."""

FOLIO = 10_000
"""Columns of a page on which every table fits."""


def render_tables(tables: Iterable[Table], width: int = WIDTH) -> str:
    """Render all tables one after the other, with title and note, no colours.

    A table that is too wide has its columns closer together and percentages under their counts.
    """
    import io

    from rich.console import Console
    from rich.measure import Measurement

    out = io.StringIO()
    console = Console(
        file=out, width=width, color_system=None, highlight=False, markup=False, emoji=False
    )
    for table in chain.from_iterable(map(_parts, tables)):
        console.print(table.title, soft_wrap=True)
        if not table.rows:
            console.print("\n  (nothing)\n")
            continue
        rich = _as_rich(table, narrow=False)
        wide = Measurement.get(console, console.options.update(width=FOLIO), rich).maximum > width
        console.print(_as_rich(table, narrow=True) if wide else rich)
        note = note_of(table)
        if note:
            console.print(note + "\n")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def printable_table(table: Table) -> Table:
    """Return a table whose texts are one line each, and safe to print."""
    note = one_line(table.note, LONGEST_NOTE)
    return replace(changed_table(table, one_line), note=note)


def changed_table(table: Table, change: Callable[[str], str]) -> Table:
    """Return a table with every text of it changed, but for its name."""
    return replace(
        table,
        title=change(table.title),
        columns=tuple(map(change, table.columns)),
        rows=tuple(_changed_row(row, change) for row in table.rows),
        note=change(table.note),
        groups=tuple((change(title), span) for title, span in table.groups),
    )


def tables_for_others(tables: Iterable[Table]) -> list[Table]:
    """Return tables without secrets and the home; their remarks are words of their notes."""
    redact = for_others(os.environ)
    in_words = (replace(table, note=note_of(table), remarks=()) for table in tables)
    return [changed_table(table, redact) for table in in_words]


def _changed_row(row: tuple[object, ...], change: Callable[[str], str]) -> tuple[object, ...]:
    """Return a changed row; that of a figure stays one, as it is drawn by its type."""
    cells = tuple(_changed(value, change) for value in row)
    return BoxRow._make(cells) if isinstance(row, BoxRow) else cells


def _changed(value: object, change: Callable[[str], str]) -> object:
    match value:
        case StrEnum() | AtMost() | Chance():
            return value
        case str():
            return change(value)
        case tuple():
            return tuple(_changed(part, change) for part in value)
    return value


def _parts(table: Table) -> list[Table]:
    """Split a table with groups of columns into one table for each group."""
    if not table.groups:
        return [table]
    parts, start = [], 1
    for title, span in table.groups[1:]:
        end = start + span
        rows = tuple((row[0], *row[start:end]) for row in table.rows)
        columns = (table.columns[0], *table.columns[start:end])
        parts.append(Table(table.name, f"{table.title}: {title}", columns, rows))
        start = end
    return (
        [*parts[:-1], replace(parts[-1], note=table.note, remarks=table.remarks)]
        if parts
        else [table]
    )


def _as_rich(table: Table, narrow: bool) -> RichTable:
    from rich import box
    from rich.table import Table as RichTable

    rich = RichTable(
        box=box.SIMPLE_HEAD,
        padding=(0, 0) if narrow else (0, 1),
    )
    for index, column in enumerate(table.columns):
        values = [row[index] for row in table.rows]
        text = bool(values) and all(isinstance(value, LEFT) for value in values)
        shares = bool(values) and all(isinstance(value, Share) for value in values)
        words = " ".join([column, *map(cell, values)]).split()
        least = max(map(len, words), default=0) if narrow and shares else None
        rich.add_column(column, justify="left" if index == 0 or text else "right", width=least)
    for row in table.rows:
        rich.add_row(*(_folded(value) if narrow else cell(value) for value in row))
    return rich


def _folded(value: object) -> str:
    text = cell(value)
    return text.replace(" (", "\n(") if isinstance(value, Share) else text


def cell(value: object) -> str:
    """Format one cell: a share with its percentage, as in the study's tables; a number as it is."""
    match value:
        case Share(total=0):
            return "-"
        case Share(count=0):
            return "0"
        case Share(count=count):
            return f"{count} ({100 * value.value:.1f}%)"
        case AtMost(high=high):
            return f"at most {100 * high:.0f} %"
        case Chance(share=share, low=low, high=high):
            return f"{100 * share:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
        case float():
            return f"{value:.4g}"
        case Missing(why=why):
            return f"({why})"
        case tuple():
            shown = ", ".join(cell(part) for part in value[:MOST_VALUES])
            more = len(value) - MOST_VALUES
            return (f"{shown} and {more} more" if more > 0 else shown) or "-"
        case None:
            return "-"
    return str(value)
