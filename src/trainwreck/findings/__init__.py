"""Verdicts to the study's tables."""

from trainwreck.findings.sizes import Sized, reported_settings, table_one, table_three
from trainwreck.findings.tables import Judged, table_five, table_four, table_frame, table_ledger

__all__ = [
    "Judged",
    "Sized",
    "reported_settings",
    "table_five",
    "table_four",
    "table_frame",
    "table_ledger",
    "table_one",
    "table_three",
]
