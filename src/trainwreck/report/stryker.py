"""Mutants in the mutation-testing report schema of Stryker, version 2."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from trainwreck import __version__
from trainwreck.model import Edit, Judged, Mutant, Rung, Span, Symptom, Verdict
from trainwreck.model.json_values import change_texts
from trainwreck.model.redaction import for_others
from trainwreck.report.printable import json_text
from trainwreck.report.sentences import why
from trainwreck.results.reported_mutants import FileKey, ReportedMutants

SCHEMA_VERSION = "2.0"
THRESHOLDS = {"high": 80, "low": 60}
"""Those of Stryker: viewers colour scores by them."""

STATUSES = {
    Rung.UNREACHED: "NoCoverage",
    Rung.UNINFECTED: "Survived",
    Rung.MASKED: "Survived",
    Rung.PROPAGATED: "Survived",
    Rung.CRASH: "Killed",
    Rung.HANG: "Timeout",
}
"""The run of the program is the only test: what it does not complain of has survived."""
UNKNOWN = {Symptom.NORMAL: "Survived", Symptom.CRASH: "Killed", Symptom.HANG: "Timeout"}
"""The statuses of records without a rung."""
UNPROVEN, WAITING = "RuntimeError", "Pending"
"""No verdict: scores leave out both."""
WAITING_REASON = "It has not run yet."
LANGUAGE = "python"

MOST_LINES = 100_000
"""A file that is not at hand is shown as empty lines, unless there were more."""


def stryker(reports: Sequence[ReportedMutants]) -> str:
    """Return one report of all mutants, as one line of JSON.

    Args:
        reports: The campaigns; of several, files and ids begin with the campaign's name.

    """
    files: dict[str, dict[str, Any]] = {}
    for report in reports:
        files |= _files(report, f"{report.name}/" if len(reports) > 1 else "")
    document = {**frame([report.name for report in reports]), "files": files}
    return json_text(change_texts(document, for_others(os.environ))) + "\n"


def frame(names: Sequence[str]) -> dict[str, Any]:
    """Return all of a report on campaigns of these names but its files."""
    statuses = {str(rung): name for rung, name in STATUSES.items()}
    return {
        "schemaVersion": SCHEMA_VERSION,
        "thresholds": THRESHOLDS,
        "framework": {"name": "trainwreck", "version": __version__},
        "config": {
            "campaigns": list(names),
            "statuses": {**statuses, "no verdict": UNPROVEN, "not run yet": WAITING},
        },
    }


def _files(report: ReportedMutants, prefix: str) -> dict[str, dict[str, Any]]:
    """Return the entry of each file, with its mutants."""
    members: dict[FileKey, list[tuple[Mutant, dict[str, Any]]]] = {}
    for item in report.judged:
        fields = _judged_fields(item, report.seconds)
        members.setdefault(_key(item.mutant), []).append((item.mutant, fields))
    for planned in report.waiting:
        fields = {"status": WAITING, "statusReason": WAITING_REASON}
        members.setdefault(_key(planned.mutant), []).append((planned.mutant, fields))
    names = file_names(members)
    return {
        f"{prefix}{names[key]}": {
            "language": LANGUAGE,
            "source": report.texts.get(key) or empty_lines(mutant for mutant, _ in mutants),
            "mutants": [
                {**mutant_fields(mutant, report.texts.get(key), prefix), **fields}
                for mutant, fields in mutants
            ],
        }
        for key, mutants in members.items()
    }


def _key(mutant: Mutant) -> FileKey:
    return mutant.root, mutant.file


def file_names(keys: Iterable[FileKey]) -> dict[FileKey, str]:
    """Name files by their paths, and by their roots as well where two have the same path."""
    keys = list(keys)
    numbers = Counter(file for _, file in keys)
    return {(r, file): file if numbers[file] == 1 else f"{r}/{file}" for r, file in keys}


def _judged_fields(item: Judged, seconds: Mapping[str, float]) -> dict[str, Any]:
    verdict = item.verdict
    fields: dict[str, Any] = {"status": status(verdict), "statusReason": reason(verdict)}
    first = milliseconds(item, seconds)
    return fields if first is None else {**fields, "duration": first}


def milliseconds(item: Judged, seconds: Mapping[str, float]) -> int | None:
    """Return the time of a mutant's first run, None where it is not known."""
    first = seconds.get(item.mutant.id)
    return None if first is None else round(1000 * first)


def status(verdict: Verdict) -> str:
    """Return the status that stands for a verdict."""
    if verdict.symptom is None:
        return UNPROVEN
    return UNKNOWN[verdict.symptom] if verdict.rung is None else STATUSES[verdict.rung]


def reason(verdict: Verdict) -> str:
    """Return rung and impacts of a verdict, and the reason for it."""
    effect = ", ".join([verdict.rung_class or "rung unknown", *verdict.impact])
    return f"{effect}: {why(verdict)}"


def mutant_fields(mutant: Mutant, text: str | None, prefix: str = "") -> dict[str, Any]:
    """Return the fields of a mutant; of several edits in a file, those of their whole stretch."""
    edits = mutant.edits
    replacement = mutant.replacement
    if len(edits) > 1 and text is not None:
        replacement = _between(edits, text)
    fields = {
        "id": f"{prefix}{mutant.id}",
        "mutatorName": mutant.operator,
        "description": mutant.name,
        "location": _location(edits[0].span, edits[-1].span, text),
    }
    return fields if replacement is None else {**fields, "replacement": replacement}


def _between(edits: Sequence[Edit], text: str) -> str:
    """Return what stands after the edits from the beginning of the first to the last one's end."""
    parts, position = [], edits[0].span.start
    for edit in edits:
        parts += [text[position : edit.span.start], edit.replacement]
        position = edit.span.end
    return "".join(parts)


def _location(first: Span, last: Span, text: str | None) -> dict[str, dict[str, int]]:
    """Return lines and columns from 1, the columns in units of UTF-16, as JavaScript counts."""
    column, end_column = first.column, last.end_column
    if text is not None:
        column = _units(text[first.start - column : first.start])
        end_column = _units(text[last.end - end_column : last.end])
    line, end_line = max(first.line, 1), max(last.end_line, first.line, 1)
    if end_line == line:
        end_column = max(column, end_column)
    return {
        "start": {"line": line, "column": column + 1},
        "end": {"line": end_line, "column": end_column + 1},
    }


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def empty_lines(mutants: Iterable[Mutant]) -> str:
    """Return as many empty lines as a file has at least whose text is not at hand."""
    last = max(chain([0], (mutant.edits[-1].span.end_line for mutant in mutants)))
    return "\n" * last if last <= MOST_LINES else ""
