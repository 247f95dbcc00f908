"""The lines of mutated files as a page shows them."""

import re
from collections.abc import Sequence

from trainwreck.report.printable import OBEYED, printable

LONGEST = 2000
"""Characters that are shown of a line of a program."""

ENDS = re.compile(r"\r\n|\r|\n")


def source_lines(text: str) -> list[str]:
    """Return the lines of a program as they are in its file."""
    return ENDS.split(text)


def shown_line(line: str) -> str:
    """Return a line that is safe to show, cut where it is very long."""
    return printable(line[:LONGEST])


def shown_column(lines: Sequence[str], line: int, column: int) -> int:
    """Return a column of the shown line, in units of a browser, for one of the file's line.

    Args:
        lines: The lines of the file; empty where they are not here.
        line: The number of the line, from 1.
        column: The column in characters, from 0.

    """
    if not 0 < line <= len(lines) or (
        (text := lines[line - 1]).isascii() and not OBEYED.search(text)
    ):
        return column
    return len(shown_line(text[:column]).encode("utf-16-le", "surrogatepass")) // 2
