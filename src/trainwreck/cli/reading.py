"""The commands that read a campaign, or copy one; none of them runs anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.conditions import Conditions, check_conditions
from trainwreck.cli.context import Options
from trainwreck.cli.printing import announce, say, say_for_others, say_painted, text_width
from trainwreck.errors import UsageError
from trainwreck.report.clean_sentences import covers
from trainwreck.report.containment import containment
from trainwreck.report.damages import unsealed
from trainwreck.report.forecast import forecast_text
from trainwreck.report.outlook import outlook_lines
from trainwreck.report.printable import json_text, one_line
from trainwreck.report.words import counted, duration, left_out

if TYPE_CHECKING:
    from trainwreck.model import Table
    from trainwreck.results.status import Status


def print_status(options: Options) -> None:
    """Print the progress of the campaign."""
    status = options.reading().status()
    say_for_others(status_json(status) if options.json else status_text(status), options.json)


def status_text(status: Status) -> str:
    """Render the counts, by symptom and rung; then what to know about them; then the cost."""
    lines = [
        f"{status.subject}: {status.planned} planned, {status.done} done, {status.left} left",
        f"  symptoms: {_numbers(status.symptoms)}",
        f"  rungs: {_numbers(status.rungs)}",
    ]
    if status.chosen:
        lines.append(
            f"  chosen by you, not counted above: {status.chosen}, {status.chosen_done} done"
        )
    if status.annotations:
        lines.append(f"  {left_out(status.annotations)}")
    if status.covers:
        lines.append(f"  {covers(status.covers)}")
    lines.append(f"  {containment(status.held)}")
    lines += [f"  {line}" for line in filter(None, [unsealed(status.sealing)])]
    lines += [f"  {line}" for line in outlook_lines(status.rules, status.comparison)]
    if status.cost:
        lines.append(f"  cost so far {duration(status.cost)} of processor")
    if status.forecast:
        lines.append(f"  {forecast_text(status.forecast)}")
    return "\n".join(map(one_line, lines))


def _numbers(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items())) or "none yet"


def status_json(status: Status) -> str:
    """Render the status as one JSON object."""
    return json_text(asdict(status))


def print_story(options: Options, mutant: str) -> None:
    """Print everything about one mutant."""
    from trainwreck.cli.colours import painted_story
    from trainwreck.report.story import story_json, story_text

    story = options.reading_any().story(mutant)
    if options.json:
        say_for_others(story_json(story), as_json=True)
    else:
        say_painted(story_text(story, text_width()), painted_story)


def print_report(
    options: Options,
    folders: Sequence[Path],
    format_: str,
    out: Path | None,
    html: Path | None,
    figure: Path | None,
    number: int | None,
    ledger: str,
    since: str | None,
    fail_on: Conditions | None,
    paper: bool,
) -> None:
    """Print or write the summary or the tables of one or several campaigns; draw a figure."""
    from trainwreck.cli.html_reports import format_and_file, write_html_report
    from trainwreck.cli.mutant_reports import check_since, print_mutants, print_of_all
    from trainwreck.cli.summaries import print_summaries
    from trainwreck.report.formats import HTML, SQLITE, SUMMARY, TEXT, check_format
    from trainwreck.report.mutant_formats import MUTANT_TEXTS

    format_, out = format_and_file(format_, out, html, since)
    check_format(format_, out)
    campaigns = _opened(options, folders)
    check_since(format_, since, figure, fail_on or (), len(campaigns))
    if since is not None or format_ in MUTANT_TEXTS:
        changed = print_mutants(options, campaigns, format_, out, since) or ()
    elif format_ in (SUMMARY, SQLITE):
        print_of_all(campaigns, format_, out)
    else:
        tables = cache(partial(_tables_of, campaigns))
        if figure is not None:
            _draw(tables(), figure, ledger if number is None else f"figure-{number}")
        if format_ == TEXT and not options.json and not paper:
            print_summaries(options, campaigns, folders, out)
        elif format_ == HTML and out is not None:
            write_html_report(options, campaigns, out)
        else:
            print_tables(tables(), options.json, format_, out)
    if fail_on:
        check_conditions(fail_on, campaigns[0].judged() if since is None else changed)


def _opened(options: Options, folders: Sequence[Path]) -> list[Campaign]:
    """Return the campaigns that are named. Raises UsageError where they are named twice."""
    if folders and options.campaign:
        raise UsageError(
            "the campaigns are named twice, by folders and by `--campaign`",
            "Leave out `--campaign`.",
        )
    return list(map(Campaign.open, folders or [options.campaign_folder()]))


def _tables_of(campaigns: Sequence[Campaign]) -> list[Table]:
    """Return the tables of the report, those of several campaigns side by side."""
    first, *others = campaigns
    return first.tables(*others)


def print_tables(
    tables: Sequence[Table], as_json: bool, format_: str = "text", out: Path | None = None
) -> None:
    """Print tables as JSON lines or in another format, or write them to ``out``."""
    from trainwreck.report.formats import write_report

    text = write_report(tables, "json" if as_json else format_, out, text_width(out))
    say(text or "", end="")


def _draw(tables: Sequence[Table], path: Path, name: str) -> None:
    from trainwreck.report.figures.draw import draw_figure

    table = next((table for table in tables if table.name == name), None)
    if table is None:
        raise UsageError(
            "the ledger is drawn of one campaign", "Draw several side by side with `--number N`."
        )
    draw_figure(table, path)


def export_records(options: Options, out: Path, logs: bool, salvage: bool = False) -> None:
    """Write the campaign as JSON lines, and print the number of mutants."""
    if salvage:
        _salvage_records(options, out, logs)
        return
    number = options.reading().export(out, logs=logs)
    if str(out) == "-":
        return
    text = f"{number} mutants written to {out}"
    say(json_text({"mutants": number, "file": str(out)}) if options.json else text)


def _salvage_records(options: Options, out: Path, logs: bool) -> None:
    """Write what is whole of a damaged campaign, and print what is not."""
    from trainwreck.report.damages import damage_lines

    salvaged = Campaign(options.campaign_folder()).salvage(out, logs=logs)
    saved = f"{counted(salvaged.runs, 'run')} saved, {salvaged.lost:,} lost"
    text = "\n".join(filter(None, (damage_lines(salvaged.damages), saved)))
    if str(out) == "-":
        announce(text, "salvaged", **asdict(salvaged))
    else:
        say(json_text(asdict(salvaged)) if options.json else text)


def import_records(
    options: Options, records: Path, leave_out_doubtful: bool, skip_unreadable: bool
) -> None:
    """Make a campaign of records, and print what they brought."""
    from trainwreck.cli.show import imported_json, imported_text

    folder = options.campaign_folder()
    imported = Campaign.import_records(
        records, folder, leave_out_doubtful=leave_out_doubtful, skip_unreadable=skip_unreadable
    )
    say(imported_json(imported) if options.json else imported_text(imported, folder))
