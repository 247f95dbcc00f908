"""Puts the tables and curves on the power of checks together as one HTML file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.model import Table
from trainwreck.report.figures.curves import CURVES
from trainwreck.report.html.frame import head, header
from trainwreck.report.html.markup import tag
from trainwreck.report.html.tables import folded
from trainwreck.report.text import tables_for_others
from trainwreck.report.words import counted

OPEN = CURVES | {"power", "power-own", "power-set"}


def write_power_page(name: str, mutants: int, tables: Sequence[Table], out: Path) -> None:
    """Write the page.

    Args:
        name: The name of the campaign's program.
        mutants: Number of its mutants that change the result without an error.
        tables: What `power_tables` returns.
        out: The file.

    Raises:
        UsageError: The file cannot be written.

    """
    try:
        with out.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_parts(name, mutants, tables))
    except OSError as error:
        problem = f"the page `{out}` cannot be written: {error.strerror}"
        raise UsageError(problem, "Name another file, or free space there.") from error


def _parts(name: str, mutants: int, tables: Sequence[Table]) -> Iterator[str]:
    shown = tables_for_others(tables)
    bugs = f"{counted(mutants, 'bug')} that change the result without an error"
    yield f'<!doctype html>\n<html lang="en">{head(name, ())}\n<body>'
    yield header(f"{name}: what checks notice", bugs, {})
    yield '<main id="content" tabindex="-1">'
    yield tag(
        "section",
        tag("h2", "What checks notice"),
        tag(
            "p",
            "Each bug was planted, and the program trained with it. The values that these "
            "trainings reported say which checks would have raised an alarm.",
            class_="lead",
        ),
        *(folded(table, is_open=table.name in OPEN) for table in shown),
        class_="view",
    )
    yield "</main>\n</body></html>\n"
