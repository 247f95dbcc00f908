"""Doubts about imported records as a table."""

from collections.abc import Iterable

from trainwreck.model import Table
from trainwreck.model.doubt import Doubt


def table_doubts(doubts: Iterable[Doubt]) -> Table:
    """List the doubts about imported records, in the order of their lines."""
    rows = tuple(
        (d.line, d.record, d.check.value, d.expected, d.basis or None, d.found) for d in doubts
    )
    return Table(
        "doubts",
        "Doubts about what was imported",
        ("Line", "Record", "Check", "Expected", "Because", "Found"),
        rows,
        "Lines are those of the imported file. A doubt is no proof: look at the record."
        * bool(rows),
    )
