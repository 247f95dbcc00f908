"""Campaigns to files that anybody can read, and back."""

import gzip
import json
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import IO, Any

from trainwreck.campaign.judging import clean_sample, read_results
from trainwreck.errors import UsageError
from trainwreck.findings import Judged
from trainwreck.model import Measurement, Mutant, Outcome, TrialKind
from trainwreck.plan import FIRST
from trainwreck.store import SCHEMA_VERSION, CampaignFile

RECORDS = 1
"""Version of the records."""


def export_campaign(file: CampaignFile, out: Path) -> int:
    """Write a campaign as JSON lines, and return how many mutants; `-` is standard output.

    First the records that the contract describes, with what was concluded; then every fact of
    the campaign but the logs, from which `import_campaign` makes it anew. A name that ends in
    `.gz` or `.xz` is compressed.
    """
    results = read_results(file)
    outcomes: dict[str, Outcome] = {
        mutant: run for _, mutant, run in file.outcomes(TrialKind.MUTANT, draw=FIRST) if mutant
    }
    runs: dict[str, list[Measurement]] = {}
    for run in file.measurements(TrialKind.MUTANT):
        runs.setdefault(run.mutant_id or "", []).append(run)
    with _writing(out) as target:
        _write(target, _subject(file))
        for run in clean_sample(file):
            _write(target, {"kind": "clean", **_run(run)})
        for item in results.judged:
            made = runs.get(item.mutant.id, [])
            _write(target, _mutant(item, made, outcomes.get(item.mutant.id)))
        facts = 0
        for table, row in file.dump():
            _write(target, {"kind": "fact", "table": table, "row": row})
            facts += 1
        _write(target, {"kind": "end", "facts": facts})
    return len(results.judged)


def _subject(file: CampaignFile) -> dict[str, Any]:
    return {
        "kind": "subject",
        "name": file.meta("subject"),
        "records": RECORDS,
        "facts": SCHEMA_VERSION,
        "metrics": file.meta("measures") or file.meta("metrics"),
        "versions": file.meta("versions"),
        "planned": file.planned_number(),
    }


def _run(run: Measurement) -> dict[str, Any]:
    metrics = {name: v if isfinite(v) else str(v) for name, v in run.metrics.items()}
    return {
        "seed": run.draw.seed,
        "fold": run.draw.fold,
        "metrics": metrics,
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "digest": run.digest,
    }


def _mutant(item: Judged, runs: list[Measurement], outcome: Outcome | None) -> dict[str, Any]:
    verdict = item.verdict
    made = [{**_run(run), "exit": f"{run.exit.ending} {run.exit.code}"} for run in runs]
    return {
        "kind": "mutant",
        **mutant_fields(item.mutant, item.phases),
        "symptom": verdict.symptom,
        "rung": verdict.rung,
        "impact": list(verdict.impact),
        "decided_by": verdict.decided_by,
        "class": verdict.certainty,
        "hits": outcome.hits if outcome else None,
        "runs": made,
        "error": _error(outcome),
        "why": verdict.why,
    }


def mutant_fields(mutant: Mutant, phases: tuple[str, ...]) -> dict[str, Any]:
    """The public fields of a mutant."""
    span = mutant.span
    return {
        "id": mutant.id,
        "root": mutant.root,
        "file": mutant.file,
        "module": mutant.module,
        "function": mutant.function,
        "operator": mutant.operator,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "original": mutant.edits[0].original,
        "replacement": mutant.edits[0].replacement,
        "context": mutant.context,
        "phases": list(phases),
        "name": mutant.name,
    }


def _error(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None or outcome.error is None:
        return None
    place = outcome.place
    return {
        "type": outcome.error.type,
        "message": outcome.error.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "phase": outcome.phase,
    }


def import_campaign(source: Path, file: CampaignFile) -> int:
    """Make an exported campaign anew in an empty one, and return its number of mutants.

    Raises UsageError for a file that is missing, cut off, not JSON, of another version, or
    without facts; nothing is kept of such a file.
    """
    file.restore(_facts(source))
    return file.planned_number()


def _facts(source: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    number, facts, whole = 0, 0, False
    with _reading(source) as lines:
        try:
            for number, line in enumerate(lines, 1):
                record = json.loads(line)
                if number == 1:
                    _check_subject(source, record)
                whole = record["kind"] == "end" and record["facts"] == facts
                if record["kind"] == "fact":
                    facts += 1
                    yield record["table"], record["row"]
        except (
            ValueError,
            KeyError,
            TypeError,
            EOFError,
            OSError,
            lzma.LZMAError,
            zlib.error,
        ) as error:
            raise UsageError(f"{source}:{number}: not a whole record: {error}") from None
    if not whole:
        raise UsageError(f"{source}:{number}: the file ends before its last record")


def _check_subject(source: Path, record: dict[str, Any]) -> None:
    if record["kind"] != "subject":
        raise UsageError(f"{source}:1: the first record must be of kind `subject`")
    if record.get("records", 0) > RECORDS or record.get("facts") != SCHEMA_VERSION:
        raise UsageError(
            f"{source}:1: records of version {record.get('records')} with facts of version "
            f"{record.get('facts')}; this trainwreck reads {RECORDS} and {SCHEMA_VERSION}",
            "records made elsewhere, without facts, cannot be imported yet",
        )


@contextmanager
def _writing(out: Path) -> Iterator[IO[bytes]]:
    if str(out) == "-":
        yield sys.stdout.buffer
        return
    try:
        with out.open("wb") as plain:
            if out.suffix == ".gz":
                with gzip.GzipFile("", "wb", fileobj=plain, mtime=0) as packed:
                    yield packed  # type: ignore[misc]
            elif out.suffix == ".xz":
                with lzma.open(plain, "wb") as packed_well:
                    yield packed_well
            else:
                yield plain
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from error


@contextmanager
def _reading(source: Path) -> Iterator[IO[str]]:
    opens: dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open}
    try:
        lines = opens.get(source.suffix, open)(source, "rt", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}") from None
    with lines:
        yield lines


def _write(target: IO[bytes], record: dict[str, Any]) -> None:
    target.write(json.dumps(record, allow_nan=False).encode() + b"\n")
