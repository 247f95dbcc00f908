"""The summary of a campaign for a notebook: the verdict and the first bugs of both lists."""

import os
from collections.abc import Iterable, Sequence
from html import escape

from trainwreck.findings import RankedBug, Summary
from trainwreck.model.redaction import for_others
from trainwreck.report.bug_list import fate_words
from trainwreck.report.printable import one_line
from trainwreck.report.summary import LISTED, verdict_texts

HEADS = ("id", "place", "change", "result")


def summary_html(summary: Summary) -> str:
    """Return the verdict as a table, then the silent bugs and those that hurt, without scripts."""
    verdict = _table((), verdict_texts(summary))
    lists = [("Silent bugs", summary.silent), ("Bugs that hurt, or may", summary.harmful)]
    return f"<p><b>{_safe(summary.name)}</b></p>{verdict}" + "".join(
        f"<p><b>{title}</b>: {min(len(bugs), LISTED)} of {len(bugs):,}</p>"
        f"{_table(HEADS, map(_row, bugs[:LISTED]))}"
        for title, bugs in lists
        if bugs
    )


def _row(bug: RankedBug) -> Sequence[str]:
    mutant = bug.item.mutant
    place = f"{mutant.file}:{mutant.span.line}, {mutant.function}"
    return mutant.id, place, f"{mutant.change} [{mutant.operator}]", fate_words(bug)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_safe(text)}</th>" for text in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<table class="dataframe"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cell(text: str) -> str:
    return f'<td style="text-align:left">{_safe(text)}</td>'


def _safe(text: str) -> str:
    return escape(one_line(for_others(os.environ)(text)))
