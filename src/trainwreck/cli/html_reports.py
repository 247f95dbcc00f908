"""The option `--html` of `report` and `power`: one page of one campaign."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.context import Options
from trainwreck.cli.printing import say
from trainwreck.errors import UsageError
from trainwreck.report.formats import HTML, TEXT
from trainwreck.report.printable import json_text


def format_and_file(
    format_: str, out: Path | None, html: Path | None, since: str | None
) -> tuple[str, Path | None]:
    """Return format and file, as ``--html FILE`` is both. Raises UsageError where they differ."""
    if html is not None:
        check_html(format_, out)
        format_, out = HTML, html
    if format_ == HTML and since is not None:
        raise UsageError("an HTML report is of the whole campaign", "Leave out `--since`.")
    return format_, out


def check_html(format_: str, out: Path | None) -> None:
    """Raise UsageError where ``--html FILE`` is beside another format or file."""
    if format_ not in (TEXT, HTML) or out is not None:
        raise UsageError(
            "`--html` names the format and the file of a report",
            "Leave out `--format` and `--out`, or write two reports.",
        )


def write_html_report(options: Options, campaigns: Sequence[Campaign], out: Path) -> None:
    """Write a page of one campaign, and print its name. Raises UsageError for several."""
    campaign, *others = campaigns
    if others:
        raise UsageError("an HTML report is of one campaign", "Name one folder.")
    campaign.write_html(out)
    say_written("report", out, options)


def say_written(what: str, out: Path, options: Options) -> None:
    """Print the name of a page."""
    text = f"{what} written to {out}: open it in a browser, or send it"
    say(json_text({"file": str(out)}) if options.json else text)
