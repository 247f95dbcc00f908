"""The tables and figures of the paper, in a page."""

import base64
from collections.abc import Iterable, Sequence
from importlib.util import find_spec

from trainwreck.model import Table
from trainwreck.report.figures.curves import CURVES
from trainwreck.report.figures.draw import draw_figure
from trainwreck.report.html.markup import Markup, joined, tag
from trainwreck.report.remarks import note_of
from trainwreck.report.shown_rows import shown_tables
from trainwreck.report.text import LEFT, cell, tables_for_others
from trainwreck.temporary import temporary_folder

LARGEST_FIGURE = 600_000
"""Characters of a picture beyond which the page has its table alone."""

NO_FIGURES = (
    "The figures are not drawn, as this page was made without the extra ",
    tag("code", "report"),
    ". To have them, install it where the campaign is (",
    tag("code", "pip install 'trainwreck[report]'"),
    ") and make the page again.",
)

MOST_ROWS = 300
"""Rows of a table; `trainwreck report` prints all of them."""


def paper_tables(tables: Iterable[Table]) -> Markup:
    """Return every table, each folded under its title; figures come with their picture."""
    shown = shown_tables(tables_for_others(tables))
    return tag(
        "section",
        tag("h2", "Tables and figures"),
        tag(
            "p",
            "The tables and figures of the paper, and what trainwreck adds to them. ",
            tag("code", "trainwreck report --format csv"),
            " and its like write them for other programs.",
            class_="lead",
        ),
        None if find_spec("matplotlib") else tag("p", *NO_FIGURES, class_="note"),
        *(folded(table, is_open=table.name in ("table-4", "findings")) for table in shown),
        id="/tables",
        class_="view",
    )


def folded(table: Table, *, is_open: bool) -> Markup:
    """Return one table under its title, with the picture that belongs to it."""
    note, has_picture = note_of(table), table.name.startswith("figure-") or table.name in CURVES
    return tag(
        "details",
        tag("summary", tag("h3", table.title)),
        _picture(table) if has_picture else None,
        _grid(table) if table.rows else tag("p", "Nothing to show.", class_="none"),
        tag("p", note, class_="note") if note else None,
        id=f"table-{table.name}",
        open=is_open,
    )


def _grid(table: Table) -> Markup:
    texts = [
        all(isinstance(value, LEFT) for value in column) for column in zip(*table.rows, strict=True)
    ]
    kinds = ["" if text or not index else "number" for index, text in enumerate(texts)]
    rows = table.rows[:MOST_ROWS]
    more = len(table.rows) - len(rows)
    left_out = tag("p", f"{more:,} further rows left out.", class_="note") if more else None
    grid = tag(
        "table",
        tag("caption", table.title),
        tag("thead", _groups(table), tag("tr", *_heads(table, kinds))),
        tag("tbody", joined(*(_row(row, kinds) for row in rows))),
    )
    return joined(
        tag("div", grid, class_="wide", tabindex="0", role="region", aria_label=table.title),
        left_out,
    )


def _heads(table: Table, kinds: Sequence[str]) -> Iterable[Markup]:
    for name, kind in zip(table.columns, kinds, strict=True):
        element = "th" if name else "td"
        yield tag(element, name, scope="col" if name else None, class_=kind or None)


def _groups(table: Table) -> Markup | None:
    if not table.groups:
        return None
    cells = (
        tag("th" if title else "td", title, colspan=span, scope="colgroup" if title else None)
        for title, span in table.groups
    )
    return tag("tr", *cells)


def _row(row: Sequence[object], kinds: Sequence[str]) -> Markup:
    cells = (
        tag("td", cell(value), class_=kind or None)
        for value, kind in zip(row[1:], kinds[1:], strict=True)
    )
    return tag("tr", tag("th", cell(row[0]), scope="row"), *cells)


def _picture(table: Table) -> Markup | None:
    """Return the figure as a picture, in which no name can act; None without the extra."""
    if find_spec("matplotlib") is None or not table.rows:
        return None
    with temporary_folder() as folder:
        path = folder / "figure.svg"
        draw_figure(table, path)
        content = path.read_bytes()
    if len(content) > LARGEST_FIGURE:
        return None
    data = base64.b64encode(content).decode("ascii")
    return tag("img", src=f"data:image/svg+xml;base64,{data}", alt=table.title, class_="figure")
