"""Verdicts to the study's tables."""

from trainwreck.findings.ledger import (
    NOT_TOLD,
    ledger_tables,
    table_distance,
    table_divergence,
    table_effort,
    table_ledger,
    table_rules,
)
from trainwreck.findings.sizes import Sized, reported_settings, table_one, table_three
from trainwreck.findings.tables import Judged, table_five, table_four, table_frame

__all__ = [
    "NOT_TOLD",
    "Judged",
    "Sized",
    "ledger_tables",
    "reported_settings",
    "table_distance",
    "table_divergence",
    "table_effort",
    "table_five",
    "table_four",
    "table_frame",
    "table_ledger",
    "table_one",
    "table_rules",
    "table_three",
]
