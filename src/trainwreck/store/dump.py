"""Every fact of a campaign file, as an export holds them."""

import sqlite3
from collections.abc import Collection, Iterator
from typing import Any

from trainwreck.store.facts import log_fields, relocated_row
from trainwreck.store.opening import CONVERTED, has_rows
from trainwreck.store.rows import DUMPED, LogRow, MetaRow, Relocate

BASES = "bases"
"""The key of the table meta that holds folders of this machine, by root."""
VARIABLES = "variables"
"""The key of the table meta that holds what the environment variables of runs were."""
OF_THE_FILE = (BASES, CONVERTED, VARIABLES)
"""The keys of the table meta that are about one file, and not about its campaign."""


def dump(
    connection: sqlite3.Connection,
    relocate: Relocate,
    logs: bool = False,
    without: Collection[str] = (),
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every fact as (table, row), without paths of this machine.

    Args:
        connection: The open campaign.
        relocate: Replaces the paths of this machine in a text.
        logs: Whether to yield the output of all runs. Otherwise only runs that an exception ended
            have theirs, because it shows the cause.
        without: Names of tables that are left out.

    """
    for table in DUMPED:
        if table.table not in without and has_rows(connection, table.table):
            names = ", ".join(table.columns())
            query = f"SELECT {names} FROM {table.table} ORDER BY {table.order}"
            for row in connection.execute(query):
                if not (table is MetaRow and row[0] in OF_THE_FILE):
                    yield table.table, relocated_row(table, row, relocate)
    if LogRow.table in without:
        return
    only = "" if logs else "WHERE trial_id IN (SELECT trial_id FROM run WHERE error <> '') "
    for trial_id, content in connection.execute(f"SELECT * FROM log {only}ORDER BY 1"):
        yield "log", log_fields(trial_id, content, relocate)
