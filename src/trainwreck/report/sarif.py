"""Bugs on changed lines that cause no error as results of SARIF 2.1.0, for code scanning."""

import gzip
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from trainwreck import __version__
from trainwreck.findings import Fate, fate_of
from trainwreck.model import APP, Judged, Mutant
from trainwreck.model.redaction import Redact, for_others
from trainwreck.report.printable import json_text, one_line
from trainwreck.report.sentences import why
from trainwreck.results.reported_mutants import ReportedMutants

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
MOST_RESULTS = 25_000
"""GitHub takes no run with more results, and shows 5,000, errors before warnings before notes."""
MOST_BYTES = 10_000_000
"""GitHub takes no larger file, compressed by gzip."""
LONGEST = 1000

LEVELS = {Fate.HURTS: "error", Fate.MAY_HURT: "warning", Fate.UNNOTICED: "note"}
"""The fates of bugs that somebody should know of, the worst first."""
RULES = {
    Fate.HURTS: (
        "bug-that-hurts",
        "BugThatHurts",
        "A bug on this line does harm, and no error says so.",
        "trainwreck planted a small bug on this line. The program trained to its end without an "
        "error, and its result was worse than that of clean runs.",
    ),
    Fate.MAY_HURT: (
        "bug-that-may-hurt",
        "BugThatMayHurt",
        "A bug on this line changes the result, and no error says so.",
        "trainwreck planted a small bug on this line. The program trained to its end without an "
        "error, with a result that no clean run has. The runs do not show if it does harm.",
    ),
    Fate.UNNOTICED: (
        "silent-bug",
        "SilentBug",
        "A bug on this line changes nothing in the result.",
        "trainwreck planted a small bug on this line. The program trained to its end without an "
        "error, and its result is that of a clean run.",
    ),
}
HELP = (
    "Check what the line computes: by a test, by an assertion, or by a bound on a metric. "
    "Read `trainwreck show ID` for the evidence."
)


def sarif(reports: Sequence[ReportedMutants]) -> str:
    """Return one run of SARIF, as one line of JSON.

    Its results are the bugs in the program's own files that cause no error, those that hurt first.
    What goes beyond the limits of GitHub is left out, and counted in the properties of the run.

    Args:
        reports: The campaigns, each with the mutants on changed lines alone.

    """
    order = list(LEVELS)
    bugs = [
        (fate, item, report.folder)
        for report in reports
        for item in report.judged
        if (fate := fate_of(item.verdict)) in LEVELS and item.mutant.root == APP
    ]
    bugs.sort(key=lambda bug: order.index(bug[0]))
    redact = for_others(os.environ)
    results = [_result(fate, item, folder, redact) for fate, item, folder in bugs[:MOST_RESULTS]]
    text = _document(results, len(bugs))
    while len(gzip.compress(text.encode())) > MOST_BYTES:
        results = results[: len(results) * 9 // 10]
        text = _document(results, len(bugs))
    return text


def _document(results: Sequence[dict[str, Any]], number: int) -> str:
    driver = {
        "name": "trainwreck",
        "semanticVersion": __version__,
        "rules": [_rule(fate) for fate in LEVELS],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"bugs": number, "leftOut": number - len(results)},
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(fate: Fate) -> dict[str, Any]:
    name, title, short, full = RULES[fate]
    return {
        "id": f"trainwreck/{name}",
        "name": title,
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": HELP},
        "defaultConfiguration": {"level": LEVELS[fate]},
    }


def _result(fate: Fate, item: Judged, folder: str, redact: Redact) -> dict[str, Any]:
    """Return the result of one bug."""
    verdict = item.verdict
    effect = ", ".join([verdict.rung_class or "rung unknown", *verdict.impact])
    message = f"{item.mutant.name} ({item.mutant.id}): {effect}. {why(verdict)}"
    return {
        "ruleId": f"trainwreck/{RULES[fate][0]}",
        "ruleIndex": list(LEVELS).index(fate),
        "level": LEVELS[fate],
        "message": {"text": one_line(redact(message), LONGEST)},
        "locations": [{"physicalLocation": _location(item.mutant, folder, redact)}],
        "partialFingerprints": {"trainwreckMutant/v1": item.mutant.id},
    }


def _location(mutant: Mutant, folder: str, redact: Redact) -> dict[str, Any]:
    """Return the position of a mutant; lines and columns count from 1."""
    first, last = mutant.edits[0].span, mutant.edits[-1].span
    line, end_line = max(first.line, 1), max(last.end_line, first.line, 1)
    end_column = last.end_column if end_line > line else max(first.column, last.end_column)
    path = quote(redact(f"{folder}{mutant.file}").encode("utf-8", "replace"))
    return {
        "artifactLocation": {"uri": path, "uriBaseId": ROOT},
        "region": {
            "startLine": line,
            "startColumn": first.column + 1,
            "endLine": end_line,
            "endColumn": end_column + 1,
        },
    }
