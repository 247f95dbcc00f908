"""Verdicts to the study's tables."""

from trainwreck.findings.tables import Judged, table_five, table_four, table_frame, table_ledger

__all__ = ["Judged", "table_five", "table_four", "table_frame", "table_ledger"]
