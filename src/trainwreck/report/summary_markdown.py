"""The summary of a campaign as Markdown, for the page of a job in continuous integration."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from trainwreck.findings import Fate, RankedBug, Summary
from trainwreck.report.markdown import escaped, markdown_rows
from trainwreck.report.page import Page
from trainwreck.report.summary import COLUMN, verdict_lines

LISTED = 10
"""Bugs of each list."""
WIDEST = 100_000
"""Columns of a page on which every text is one line."""
LONGEST_CHANGE = 200


def summary_markdown(summaries: Sequence[Summary]) -> str:
    """Return the verdict on each campaign, the bugs that hurt, and the silent ones."""
    page = Page(WIDEST)
    return "\n".join("\n".join(_parts(summary, page)) for summary in summaries)


def _parts(summary: Summary, page: Page) -> Iterator[str]:
    yield f"## trainwreck: {escaped(page.whole(summary.name))}\n"
    lines = verdict_lines(summary, page)
    rows = [(line[: COLUMN + 2].strip(), line[COLUMN + 2 :].strip()) for line in lines]
    yield markdown_rows(("", "verdict"), rows, numbers=False)
    titles = {
        "Bugs that hurt, or may: {} that change the result without an error": summary.harmful,
        "Silent bugs: {} that end as a clean run does": summary.silent,
    }
    for title, bugs in titles.items():
        if bugs:
            number = f"{len(bugs):,}"
            shown = number if len(bugs) <= LISTED else f"{LISTED} of {number}"
            yield f"### {title.format(shown)}\n"
            yield _bugs(bugs[:LISTED], [metric.name for metric in summary.metrics], page)


def _bugs(bugs: Sequence[RankedBug], metrics: Sequence[str], page: Page) -> str:
    """Return a table of bugs; silent ones differ in no metric."""
    metrics = metrics if any(bug.differences for bug in bugs) else ()
    columns = ("id", "place", "change", "what came of it", *map(page.whole, metrics))
    return markdown_rows(columns, [_row(bug, metrics, page) for bug in bugs], numbers=False)


def _row(bug: RankedBug, metrics: Sequence[str], page: Page) -> list[str]:
    mutant, verdict = bug.item.mutant, bug.item.verdict
    ending = ", ".join(verdict.impact) or verdict.rung_class or ""
    if bug.fate is Fate.UNNOTICED:
        ending = f"{verdict.rung_class} ({verdict.decided_by})"
    means = {d.metric.name: f"{fmean(d.finite):+.3g}" if d.finite else "" for d in bug.differences}
    cells = [
        mutant.id,
        f"{mutant.file}:{mutant.span.line}",
        f"{mutant.change or 'not known'} [{mutant.operator}]",
        f"{ending}, chosen by you" if bug.is_chosen else ending,
    ]
    cells = [page.whole(text, LONGEST_CHANGE) for text in cells]
    return [*cells, *(means.get(name, "") for name in metrics)]
