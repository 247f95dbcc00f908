"""The lists of silent bugs and of bugs that hurt, as tables that need no script."""

from collections.abc import Sequence

from trainwreck.findings import MetricDifferences, RankedBug, Summary
from trainwreck.model import MODULE_LEVEL, Mutant
from trainwreck.report.html.marks import plain_table, rung_mark, rung_of
from trainwreck.report.html.markup import Markup, joined, tag
from trainwreck.report.html.strings import Strings
from trainwreck.report.words import counted

MOST = 200
"""Bugs of one table; the script's list of all bugs has every one."""

MOST_SEEDS = 8
"""Differences that a cell shows; the page of the bug has every one."""


def silent_bugs(summary: Summary, strings: Strings) -> Markup:
    """Return the bugs after which every compared part of the result is a clean run's."""
    rows: list[tuple[object, ...]] = [_bug(bug, strings) for bug in summary.silent[:MOST]]
    heads: tuple[str, ...] = ("Bug", "Change", "Operator", "Rung")
    if any(bug.phases for bug in summary.silent):
        heads = (*heads, "Runs in")
        rows = [
            (*row, strings.shown(", ".join(bug.phases)) or "-")
            for row, bug in zip(rows, summary.silent, strict=False)
        ]
    return tag(
        "section",
        tag("h2", "Silent bugs"),
        tag(
            "p",
            "The program ends without an error, and all that is compared is that of a clean run. "
            "Such a bug would go unnoticed.",
            class_="lead",
        ),
        plain_table(heads, rows, "Silent bugs", "bugs")
        if rows
        else tag("p", "No judged bug is silent.", class_="none"),
        _more(len(summary.silent), "fate=unnoticed"),
        id="/silent",
        class_="view",
    )


def harmful_bugs(summary: Summary, strings: Strings) -> Markup:
    """Return the bugs that change the result without an error, with their differences by seed."""
    heads = ("Bug", "Change", "Operator", "Rung", "Impact")
    metrics = [f"{strings.shown(metric.name)}: difference by seed" for metric in summary.metrics]
    rows = [
        (
            *_bug(bug, strings),
            impacts(bug),
            *(_differences(differences) for differences in bug.differences),
        )
        for bug in summary.harmful[:MOST]
    ]
    return tag(
        "section",
        tag("h2", "Bugs that hurt"),
        tag(
            "p",
            "The program ends without an error, and its result is another one. First come the "
            "bugs that are shown to do harm, the worst at the top.",
            class_="lead",
        ),
        plain_table((*heads, *metrics), rows, "Bugs that hurt", "bugs")
        if rows
        else tag("p", "No judged bug changes the result without an error.", class_="none"),
        _more(len(summary.harmful), "fate=hurts,may hurt"),
        id="/hurt",
        class_="view",
    )


def _more(number: int, address: str) -> Markup | None:
    if number <= MOST:
        return None
    link = tag("a", "the list of all bugs", href=f"#/bugs?{address}")
    rest = counted(number - MOST, "more bug")
    return tag("p", f"{rest[0].upper()}{rest[1:]} are in ", link, ".", class_="note")


def _bug(bug: RankedBug, strings: Strings) -> tuple[object, ...]:
    """Return place, change, operator and rung of a bug."""
    mutant = bug.item.mutant
    chosen = tag("span", "chosen", class_="tag") if bug.is_chosen else None
    return (
        joined(place(mutant, strings), chosen),
        change(mutant, strings),
        strings.shown(mutant.operator),
        rung_mark(rung_of(bug.item)),
    )


def place(mutant: Mutant, strings: Strings) -> Markup:
    """Return file, line and function of a bug, linked to its page."""
    function = "module level" if mutant.function == MODULE_LEVEL else mutant.function
    return joined(
        tag(
            "a",
            f"{strings.shown(mutant.file)}:{mutant.span.line}",
            href=f"#/bug/{strings.shown(mutant.id)}",
        ),
        tag("span", strings.shown(function), class_="sub"),
    )


def change(mutant: Mutant, strings: Strings) -> Markup:
    """Return the text that a bug replaces and the text that it puts in its place."""
    before, after = mutant.original, mutant.replacement
    if before is None and after is None:
        return tag("span", strings.shown(mutant.name))
    return joined(
        tag("del", strings.shown(before.strip())) if before and before.strip() else None,
        tag("span", " → ", class_="arrow") if before and after else None,
        tag("ins", strings.shown(after.strip())) if after and after.strip() else None,
        tag("span", " deleted", class_="sub-inline") if not after else None,
    )


def impacts(bug: RankedBug) -> Markup:
    """Return the impacts of a bug as tags."""
    names = bug.item.verdict.impact or ("not compared",)
    return joined(*(tag("span", str(name), class_=f"tag i-{name}") for name in names))


def _differences(differences: MetricDifferences) -> Markup:
    """Return the mean difference of a metric, and those of the first seeds."""
    values: Sequence[float] = [pair.difference for pair in differences.pairs]
    if not values:
        return tag("span", "-", class_="sub-inline")
    mean = sum(values) / len(values)
    by_seed = " ".join(f"{value:+.3g}" for value in values[:MOST_SEEDS])
    more = " …" if len(values) > MOST_SEEDS else ""
    return joined(
        tag("span", f"{mean:+.3g}", class_="figure"), tag("span", f"{by_seed}{more}", class_="sub")
    )
