"""Leaves out of tables for people what says nothing: groups without mutants, and lacking phases."""

from collections.abc import Iterable
from dataclasses import replace

from trainwreck.findings import CLEAN, BoxRow
from trainwreck.model import IMPORT_PHASE, UNKNOWN_PHASE, Missing, Share, Table

BY_PHASE = frozenset(["table-6", "figure-5", "figure-6", "compared-phase", "ledger-phase"])
"""The tables whose groups are phases."""

GROUPED = ("table-4", "table-5", "table-6", "figure-", "impacts", "compared-", "ledger")
"""The beginnings of the names of tables whose rows are groups of mutants."""

NO_PHASE = "not in a clean run"
NO_PHASES = frozenset([CLEAN, IMPORT_PHASE, UNKNOWN_PHASE, NO_PHASE])
"""The groups that a program without phases has."""


def shown_tables(tables: Iterable[Table]) -> list[Table]:
    """Return the tables without empty groups; without those by phase where there is no phase."""
    return [without_empty(table) for table in with_phases(tables)]


def with_phases(tables: Iterable[Table]) -> list[Table]:
    """Return the tables without those by phase of a program that has no phases."""
    return [table for table in tables if not _lacks_phases(table)]


def without_empty(table: Table) -> Table:
    """Return a table by groups without the rows of groups that are empty."""
    if not table.name.startswith(GROUPED):
        return table
    return replace(table, rows=tuple(row for row in table.rows if not _is_empty(row)))


def _lacks_phases(table: Table) -> bool:
    groups = {row.group if isinstance(row, BoxRow) else row[0] for row in table.rows}
    return table.name in BY_PHASE and groups <= NO_PHASES


def _is_empty(row: tuple[object, ...]) -> bool:
    """Return whether nothing is counted or measured in a row."""
    if isinstance(row, BoxRow):
        return not row.runs and not row.outside and row.group != CLEAN
    return all(
        cell is None
        or isinstance(cell, Missing)
        or (isinstance(cell, Share) and not cell.count)
        or (isinstance(cell, int) and cell == 0)
        for cell in row[1:]
    )
