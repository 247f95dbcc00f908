"""Prints the summaries of campaigns, as wide as the terminal."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.context import Options
from trainwreck.cli.printing import say, text_width

if TYPE_CHECKING:
    from trainwreck.findings import Summary

PLAIN_WIDTH = 80
"""Columns of a text that goes to no terminal."""


def print_summaries(
    options: Options, campaigns: Sequence[Campaign], folders: Sequence[Path], out: Path | None
) -> None:
    """Print the summaries of campaigns one after the other, or write them to ``out``.

    Args:
        options: The options that commands share.
        campaigns: The campaigns.
        folders: Their folders, as far as the command line names them.
        out: The file to be written; None prints.

    """
    from trainwreck.report.formats import write_text

    first, *others = campaigns
    commands = [reading_command(options, folder) for folder in (*folders,) or (None,)]
    text = _text(first.summaries(*others), commands, text_width(out))
    say(write_text(text, out) or "", end="")


def print_summary(options: Options, campaign: Campaign, folder: Path | None = None) -> None:
    """Print the summary of one campaign, with commands that read it in this folder."""
    command = reading_command(options, folder)
    say(_text(campaign.summaries(), [command], text_width()), end="")


def print_verdict(options: Options, campaign: Campaign) -> None:
    """Print the verdict on a campaign in five lines, and the next command; no JSON has it."""
    if options.json:
        return
    from trainwreck.report.page import Page
    from trainwreck.report.summary import verdict_lines

    (summary,) = campaign.summaries()
    if not summary.judged and not summary.chosen:
        return
    page = Page(text_width() or PLAIN_WIDTH)
    command = page.whole(f"{reading_command(options)} report")
    say("\n".join(["", *verdict_lines(summary, page), "", f"Next: `{command}` lists the bugs."]))


def _text(summaries: Sequence[Summary], commands: Sequence[str], width: int | None) -> str:
    from trainwreck.report.page import Page
    from trainwreck.report.summary import summary_text

    page = Page(width or PLAIN_WIDTH)
    pairs = zip(summaries, commands, strict=True)
    return "\n".join(summary_text(summary, command, page) for summary, command in pairs)


def reading_command(options: Options, folder: Path | None = None) -> str:
    """Return the beginning of a command line that reads the campaign in hand, or in a folder."""
    where = folder or options.campaign
    words = ["trainwreck"]
    words += ["--campaign", str(where)] if where else []
    words += ["--profile", options.profile] if options.profile and not where else []
    return shlex.join(words)
