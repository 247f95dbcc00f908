"""The functions of a campaign, ranked by the bugs that go unnoticed there."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

from trainwreck.findings import Function, Summary
from trainwreck.model import MODULE_LEVEL, Judged
from trainwreck.report.html.marks import bar, plain_table, rungs_of
from trainwreck.report.html.markup import Markup, joined, tag
from trainwreck.report.html.strings import Strings
from trainwreck.report.words import counted
from trainwreck.stats.describe import wilson_interval

MOST = 400
"""Functions of the table."""


def ranked_functions(summary: Summary, judged: Sequence[Judged], strings: Strings) -> Markup:
    """Return the table of functions: where most bugs go unnoticed comes first."""
    members: defaultdict[tuple[str, str, str], list[Judged]] = defaultdict(list)
    for item in judged:
        members[item.mutant.root, item.mutant.file, item.mutant.function].append(item)
    rows = [
        _row(function, members[function.root, function.file, function.name], strings)
        for function in summary.functions[:MOST]
    ]
    more = len(summary.functions) - MOST
    return tag(
        "section",
        tag("h2", "Functions"),
        tag(
            "p",
            "Where would a bug go unnoticed? The share is that of judged bugs after which the "
            "result is a clean run's, with the 95 % interval of Wilson. It takes the bugs of one "
            "function as independent; a function with few bugs has a wide one.",
            class_="lead",
        ),
        plain_table(
            ("Function", "Unnoticed", "Share and interval", "Bugs by rung"),
            rows,
            "Functions by unnoticed bugs",
            "functions",
        )
        if rows
        else tag("p", "No mutant has a verdict yet.", class_="none"),
        tag("p", f"{counted(more, 'further function')} left out.", class_="note")
        if more > 0
        else None,
        id="/functions",
        class_="view",
    )


def _row(function: Function, members: Sequence[Judged], strings: Strings) -> tuple[object, ...]:
    name = "module level" if function.name == MODULE_LEVEL else strings.shown(function.name)
    file = strings.shown(function.file)
    address = f"#/bugs?file={quote(file)}&function={quote(strings.shown(function.name))}"
    head = joined(tag("a", name, href=address), tag("span", file, class_="sub"))
    counts = rungs_of(members)
    return (
        head,
        f"{function.unnoticed} of {function.judged}",
        _interval(function),
        bar(counts, f"bugs in {name}"),
    )


def _interval(function: Function) -> Markup:
    """Return a share with its interval, as a line with a dot and in numbers."""
    share = function.unnoticed / function.judged if function.judged else 0.0
    low, high = _wilson(function.unnoticed, function.judged)
    line = tag(
        "span",
        tag("span", class_="reach", style=f"left:{100 * low:.4g}%;width:{100 * (high - low):.4g}%"),
        tag("span", class_="dot", style=f"left:{100 * share:.4g}%"),
        class_="interval",
        aria_hidden="true",
    )
    numbers = f"{100 * share:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
    return joined(line, tag("span", numbers, class_="figure"))


@lru_cache(maxsize=4096)
def _wilson(count: int, total: int) -> tuple[float, float]:
    return wilson_interval(count, total)
