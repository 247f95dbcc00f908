"""Tables and numbers to text and figures."""

from trainwreck.report.figure import draw_ledger
from trainwreck.report.text import amount, duration, render_tables

__all__ = ["amount", "draw_ledger", "duration", "render_tables"]
