"""Tables and summaries as Markdown, as GitHub shows it; text of others is only text in it."""

import re
from collections.abc import Iterable, Sequence

from trainwreck.model import Table
from trainwreck.report.printable import one_line
from trainwreck.report.remarks import note_of
from trainwreck.report.text import cell

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
LIKE_MARKUP = re.compile(r"[\\`*_\[\]|~$#&<>]|://|@(?=\w)|:(?=\w+:)")
"""Signs that may begin code, a link, a formula, an address, a mention or an emoji."""


WITH_CODE = re.compile(r"[^`]*(?:(?<!`)`[^`|\\]+`(?!`)[^`]*)+")
"""A text in which backticks come in pairs, around what is sure to be code to every reader."""


def escaped(text: str) -> str:
    """Return a text as Markdown that shows it as it is, in one line; code stays code."""
    text = " ".join(one_line(text).split())
    if not WITH_CODE.fullmatch(text):
        return _plain(text)
    parts = text.split("`")
    return "`".join(part if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(text: str) -> str:
    return LIKE_MARKUP.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    if sign in ENTITIES:
        return ENTITIES[sign]
    return f"&#{ord(sign[0])};{sign[1:]}" if sign[0] in ":@" else f"\\{sign}"


def markdown_tables(tables: Iterable[Table]) -> str:
    """Return tables, each with its title and its note."""
    return "\n".join(map(_table, tables))


def _table(table: Table) -> str:
    text = f"### {escaped(table.title)}\n\n"
    text += markdown_rows(table.flat_columns, [list(map(cell, row)) for row in table.rows])
    note = note_of(table)
    return f"{text}\n{escaped(note)}\n" if note else text


def markdown_rows(
    columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = True
) -> str:
    """Return a table; where its cells are ``numbers``, all columns but the first align right."""
    rule = "|".join("---:" if index and numbers else "---" for index in range(len(columns)))
    lines = [" | ".join(map(escaped, row)) for row in (columns, *rows)]
    head, *body = (f"| {line} |\n" for line in lines)
    return f"{head}|{rule}|\n{''.join(body)}"
