"""Tables and numbers to text."""

from trainwreck.report.text import amount, duration, render_tables

__all__ = ["amount", "duration", "render_tables"]
