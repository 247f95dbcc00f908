"""Puts a report together as one HTML file that loads nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError
from trainwreck.findings import JudgedCampaign
from trainwreck.model.redaction import for_others
from trainwreck.report.html.bugs import harmful_bugs, silent_bugs
from trainwreck.report.html.curves import clean_curves
from trainwreck.report.html.details import Details
from trainwreck.report.html.frame import (
    STRYKER,
    VIEWS,
    about,
    head,
    header,
    needs_script,
    page_scripts,
    viewer_scripts,
)
from trainwreck.report.html.functions import ranked_functions
from trainwreck.report.html.index import Index
from trainwreck.report.html.overview import overview
from trainwreck.report.html.source_lines import shown_line, source_lines
from trainwreck.report.html.strings import Strings
from trainwreck.report.html.stryker_data import MOST_MUTANTS, StrykerData
from trainwreck.report.html.stryker_view import stryker_view
from trainwreck.report.html.tables import paper_tables
from trainwreck.report.printable import json_text
from trainwreck.report.summary import verdict_texts
from trainwreck.report.words import counted
from trainwreck.results.clean_curves import read_clean_curves
from trainwreck.results.mutated_files import FileKey
from trainwreck.results.report import tables_of
from trainwreck.results.reported_mutants import reported
from trainwreck.results.source import ResultSource
from trainwreck.results.story import NoDiff
from trainwreck.results.summary import read_summary


def write_page(source: ResultSource, out: Path, command: str = "trainwreck") -> None:
    """Write the report of one campaign.

    Args:
        source: The campaign.
        out: The file to be written.
        command: The beginning of a command line that reads the campaign.

    Raises:
        UsageError: The file cannot be written.

    """
    try:
        with out.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(page_parts(source, command))
    except OSError as error:
        problem = f"the report `{out}` cannot be written: {error.strerror}"
        raise UsageError(problem, "Name another file, or free space there.") from error


def page_parts(source: ResultSource, command: str = "trainwreck") -> Iterator[str]:
    """Yield the page, part by part: what people read, then data, then the scripts."""
    study = source.judged_campaign(source.name)
    strings = Strings(for_others(os.environ))
    index = Index(study, read_summary(study, source), strings)
    scripts = page_scripts()
    viewer = viewer_scripts() if _has_viewer(study) else {}
    name = strings.shown(study.name)
    yield f'<!doctype html>\n<html lang="en">{head(name, (*scripts, *viewer.values()))}\n<body>'
    yield header(name, _facts(study), {a: t for a, t in VIEWS.items() if viewer or a != STRYKER})
    yield '<main id="content" tabindex="-1">'
    yield from _views(index, source, strings.shown(command))
    yield "</main>\n"
    yield from _data(index, source, strings.shown(command))
    for element, script in viewer.items():
        yield f'<script type="text/plain" id="{element}">{script}</script>\n'
    for script in scripts:
        yield f"<script>{script}</script>\n"
    yield "</body></html>\n"


def _has_viewer(study: JudgedCampaign) -> bool:
    return study.planned + len(study.chosen) <= MOST_MUTANTS


def _facts(study: JudgedCampaign) -> str:
    judged = f"{counted(len(study.judged), 'judged bug')} of {study.planned:,} planned"
    return f"{judged}, {len(study.chosen):,} chosen" if study.chosen else judged


def _views(index: Index, source: ResultSource, command: str) -> Iterator[str]:
    """Yield the views; those of all bugs, of one bug and of the source need the script."""
    study, summary, strings = index.study, index.summary, index.strings
    yield overview(study, summary, verdict_texts(summary), strings)
    yield silent_bugs(summary, strings)
    yield harmful_bugs(summary, strings)
    yield needs_script("/bugs", "All bugs", f"{command} list")
    yield needs_script("/bug", "Bug", f"{command} show ID")
    yield needs_script("/source", "Source", f"{command} list --file TEXT")
    yield ranked_functions(summary, index.items, strings)
    yield paper_tables(tables_of([(study, source)]))
    if _has_viewer(study):
        yield stryker_view(f"{command} report --format stryker")
    yield about(_has_viewer(study))


def _data(index: Index, source: ResultSource, command: str) -> Iterator[str]:
    """Yield the data of the script: an index that it reads at once, and parts for later."""
    lines = _lines(index, source)
    data = index.data()
    data["clean"] = clean_curves(read_clean_curves(source.file), index.metrics)
    # What an export has no folder of cannot run again where it was imported.
    verbs = ("show", "replay") if source.file.meta("bases") else ("show",)
    data["commands"] = [f"{command} {verb}" for verb in verbs]
    data["sources"] = [int(key in lines) for key in index.files]
    yield _json("index", data)
    details = Details(index, lines).parts(source.stories(index.study))
    for number, part in enumerate(details):
        yield _json(f"details-{number}", part)
    for number, key in enumerate(index.files):
        if key in lines:
            yield _json(f"source-{number}", list(map(shown_line, lines[key])))
    if _has_viewer(index.study):
        report = reported(source, index.study)
        yield _json("stryker", StrykerData(report, index, lines).data())


def _lines(index: Index, source: ResultSource) -> Mapping[FileKey, Sequence[str]]:
    """Return the lines of every mutated file whose text is here."""
    redact = index.strings.redact
    return {
        key: source_lines(redact(text))
        for key, text in source.texts(index.study).items()
        if not isinstance(text, NoDiff)
    }


def _json(name: str, value: Any) -> str:
    """Return data as an element that no text within can end: JSON needs no sign ``<``."""
    data = json_text(value).replace("<", r"\u003c")
    return f'<script type="application/json" id="{name}">{data}</script>\n'
