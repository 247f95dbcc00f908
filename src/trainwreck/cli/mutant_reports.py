"""Reports in which each mutant has an entry, and those on changed lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.context import Options
from trainwreck.cli.printing import say
from trainwreck.errors import UsageError
from trainwreck.findings.chosen import table_chosen
from trainwreck.report.formats import SQLITE, SUMMARY, write_mutants, write_report, write_text
from trainwreck.report.mutant_formats import MUTANT_TEXTS
from trainwreck.report.summary_markdown import summary_markdown

if TYPE_CHECKING:
    from trainwreck.cli.conditions import Conditions
    from trainwreck.model import Judged

SARIF = "sarif"


def check_since(
    format_: str, since: str | None, figure: Path | None, fail_on: Conditions, campaigns: int
) -> None:
    """Raise UsageError where options of a report contradict one another."""
    if format_ == SARIF and since is None:
        raise UsageError(
            "`--format sarif` is for the lines of one change, as code scanning shows them",
            "Name the revision before it, such as `--since origin/main`.",
        )
    if since is not None and figure is not None:
        raise UsageError(
            "a figure shows the sample, and mutants on changed lines are none",
            "Leave out `--figure` or `--since`.",
        )
    if since is not None and format_ == SQLITE:
        raise UsageError("a file of verdicts has all mutants", "Leave out `--since`.")
    if campaigns > 1 and (since is not None or fail_on):
        name = "--fail-on" if since is None else "--since"
        raise UsageError(f"`{name}` is asked of one campaign", "Name one folder.")


def print_of_all(campaigns: Sequence[Campaign], format_: str, out: Path | None) -> None:
    """Print or write the summary as Markdown, or write the verdicts for SQL."""
    first, *others = campaigns
    if format_ == SUMMARY:
        say(write_text(summary_markdown(first.summaries(*others)), out) or "", end="")
    elif out is not None:
        first.write_verdicts(out, *others)


def print_mutants(
    options: Options,
    campaigns: Sequence[Campaign],
    format_: str,
    out: Path | None,
    since: str | None,
) -> list[Judged]:
    """Print or write each mutant, or those on changed lines; return those that are judged."""
    first, *others = campaigns
    if since is not None:
        first = replace(first, settings=options.load_settings())
    reports = first.reported_mutants(*others, since=since)
    if format_ in MUTANT_TEXTS:
        text = write_mutants(reports, format_, out)
    else:
        tables = [table_chosen(report.name, report.judged, since) for report in reports]
        format_ = "markdown" if format_ == SUMMARY else format_
        text = write_report(tables, "json" if options.json else format_, out)
    say(text or "", end="")
    return [item for report in reports for item in report.judged]
