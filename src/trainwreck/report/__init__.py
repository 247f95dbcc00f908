"""Tables and numbers to text and figures."""

from pathlib import Path

from trainwreck.model import Table
from trainwreck.report.boxes import draw_boxes
from trainwreck.report.figure import draw_ledger
from trainwreck.report.formats import FORMATS, check_format, flattened, table_json, write_report
from trainwreck.report.text import amount, cell, duration, render_tables

__all__ = [
    "FORMATS",
    "amount",
    "cell",
    "check_format",
    "draw_boxes",
    "draw_figure",
    "draw_ledger",
    "duration",
    "flattened",
    "render_tables",
    "table_json",
    "write_report",
]


def draw_figure(table: Table, path: Path) -> None:
    """Draw a figure of the study as box plots, or a ledger. Raises UsageError."""
    draw = draw_boxes if table.name.startswith("figure-") else draw_ledger
    draw(table, path)
