"""Badges and bars: how a page shows rungs, fates and impacts."""

from collections.abc import Iterable, Mapping, Sequence

from trainwreck.model import Judged
from trainwreck.report.html.index import RUNGS
from trainwreck.report.html.markup import Markup, joined, tag

LETTERS = dict(zip(RUNGS, "UIMVPCH?N", strict=True))
"""A letter for each rung, for eyes and printers that see no colours."""

LEAST_LABEL = 0.06
"""The share of a bar below which a part has no number in it."""


def rung_mark(rung: str) -> Markup:
    """Return the letter of a rung on its colour, with the name for those who hear the page."""
    return tag("abbr", LETTERS[rung], class_=f"mark r{RUNGS.index(rung)}", title=rung)


def rung_with_name(rung: str) -> Markup:
    """Return a rung's mark and its name."""
    mark = tag("span", LETTERS[rung], class_=f"mark r{RUNGS.index(rung)}", aria_hidden="true")
    return tag("span", mark, rung, class_="named")


def bar(counts: Mapping[str, int], label: str, scale: float = 1.0) -> Markup:
    """Return a stacked bar of rungs.

    Args:
        counts: The number of mutants by rung.
        label: The name of the bar, for those who hear the page.
        scale: The length of the bar, as a share of the room for it.

    """
    total = sum(counts.values())
    parts = [
        tag(
            "span",
            tag("span", number) if number >= LEAST_LABEL * total else None,
            class_=f"r{RUNGS.index(rung)}",
            style=f"flex:{number}",
            title=f"{rung}: {number}",
        )
        for rung, number in counts.items()
        if number
    ]
    words = ", ".join(f"{rung} {number}" for rung, number in counts.items() if number)
    return tag(
        "span",
        *parts,
        class_="bar",
        style=f"width:{100 * scale:.4g}%",
        role="img",
        aria_label=f"{label}: {words or 'no mutant'}",
    )


def rungs_of(judged: Iterable[Judged]) -> dict[str, int]:
    """Return the number of mutants on each rung, in the order of the rungs."""
    counts = dict.fromkeys(RUNGS, 0)
    for item in judged:
        counts[rung_of(item)] += 1
    return counts


def rung_of(item: Judged) -> str:
    """Return the name of a mutant's rung."""
    return RUNGS[-2] if item.verdict.rung_class is None else str(item.verdict.rung_class)


def plain_table(
    heads: Sequence[object], rows: Iterable[Sequence[object]], caption: str, class_: str = ""
) -> Markup:
    """Return a table whose first column heads the rows."""
    body = (
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        for row in rows
    )
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
            tag("tbody", joined(*body)),
            class_=class_ or None,
        ),
        class_="wide",
        tabindex="0",
        role="region",
        aria_label=caption,
    )
