"""Draws a table as the picture that belongs to it."""

from pathlib import Path

from trainwreck.model import Table
from trainwreck.report.figures.boxes import draw_boxes
from trainwreck.report.figures.curves import CURVES, draw_curves
from trainwreck.report.figures.ledger import draw_ledger
from trainwreck.report.shown_rows import without_empty
from trainwreck.report.text import printable_table, tables_for_others


def draw_figure(table: Table, path: Path) -> None:
    """Draw a figure of the study as box plots, curves, or a ledger. Raises UsageError."""
    draw = draw_boxes if table.name.startswith("figure-") else draw_ledger
    if table.name in CURVES:
        draw = draw_curves
    (shown,) = tables_for_others([table])
    draw(without_empty(printable_table(shown)), path)
