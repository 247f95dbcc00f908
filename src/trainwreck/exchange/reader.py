"""Reads the lines of an imported file into a campaign file and checks each of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from trainwreck.errors import UsageError
from trainwreck.exchange.observations import clean_of_record, metric_names, mutant_of_record
from trainwreck.exchange.plausibility.checks import Doubt, NormalRuns, PlausibilityCheck
from trainwreck.exchange.records import (
    RECORD_KINDS,
    RECORDS,
    CleanRecord,
    MutantRecord,
    SubjectRecord,
    number_of,
)
from trainwreck.exchange.writer import clean_fields, measured_fields
from trainwreck.model import RUN, Symptom
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.json_lines import BadLine, decode, encode, kind_of
from trainwreck.store.rows import EndLine, FactLine

SHOWN = 5
"""Number of problems that one message names."""

Lines = Iterator[tuple[int, bytes]]
"""The lines of a file, each with its number, which counts from 1."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that cannot be read, with its line and the reason."""

    line: int
    what: str


@dataclass
class Read:
    """The content of an imported file, as far as later checks need it.

    - ``numbers`` counts the lines of each kind, ``skipped`` those of unknown kinds.
    - ``clean`` has the line and the hash of each clean run, for exports of a campaign.
    - ``mutants`` has the line and the hash of each mutant, by its id.
    - ``chosen`` is the number of mutants that somebody chose, for records of another tool.
    - ``metrics`` and ``normal`` describe the runs, for records of another tool.
    """

    numbers: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    unreadable: list[Problem] = field(default_factory=list)
    clean: list[tuple[int, int]] = field(default_factory=list)
    mutants: dict[str, tuple[int, int]] = field(default_factory=dict)
    chosen: int = 0
    metrics: set[str] = field(default_factory=set)
    normal: NormalRuns = field(default_factory=NormalRuns)


class _Version(msgspec.Struct):
    records: int = 1


def subject_of(source: Path, number: int, line: bytes) -> SubjectRecord:
    """Read the first record.

    Args:
        source: The file, for messages.
        number: The number of the line.
        line: The first line of the file.

    Raises:
        UsageError: The line is no subject, is broken, or belongs to a newer version.

    """
    try:
        if kind_of(line) != "subject":
            raise UsageError(f"{source}:{number}: the first record must be of kind `subject`")
        records = decode(line, _Version).records
        if records > RECORDS:
            raise UsageError(
                f"{source}:{number}: records of version {records}; this trainwreck reads {RECORDS}",
                "Import them with a newer trainwreck.",
            )
        return decode(line, SubjectRecord)
    except BadLine as error:
        _refuse(source, number, error)


def _refuse(source: Path, number: int, error: BadLine) -> NoReturn:
    raise UsageError(f"{source}:{number}: not a whole record: {error}") from None


def text_of(line: bytes) -> str:
    """Return the text of a line, without its end."""
    return line.removesuffix(b"\n").decode("utf-8")


def read_facts(file: CampaignFile, source: Path, lines: Lines) -> Read:
    """Restore every fact of an exported campaign.

    Args:
        file: The campaign file that takes them.
        source: The file that they are from, for messages.
        lines: Its lines after the first record.

    Raises:
        UsageError: A line is broken, or the last one is missing.

    """
    read, number, whole = Read(), 1, False
    for number, line in lines:
        try:
            kind = kind_of(line)
            whole = kind == "end" and decode(line, EndLine).facts == read.numbers["fact"]
            if kind == "fact":
                fact = decode(line, FactLine)
                file.add_fact(number, fact.table, fact.row)
            elif kind == "clean":
                read.clean.append((number, _measured(decode(line, CleanRecord))))
            elif kind == "mutant":
                _remember(read, number, decode(line, MutantRecord))
            elif kind != "end":
                read.skipped[kind] += 1
            read.numbers[kind] += 1
        except BadLine as error:
            _refuse(source, number, error)
    if not whole:
        raise UsageError(f"{source}:{number}: the file ends before its last record")
    return read


def _remember(read: Read, number: int, record: MutantRecord) -> None:
    """Note line and hash of a mutant; raise BadLine where its id is missing or comes twice."""
    if record.id is None:
        raise BadLine("Object missing required field `id`")
    if record.id in read.mutants:
        raise BadLine(f"the id {record.id} is that of line {read.mutants[record.id][0]} as well")
    read.mutants[record.id] = (number, _measured(record))


def _measured(record: CleanRecord | MutantRecord) -> int:
    """Return a hash of the measurements of a record, without its conclusions."""
    if isinstance(record, MutantRecord):
        error = record.error and msgspec.structs.replace(record.error, cause=None)
        record = msgspec.structs.replace(
            record,
            symptom=None,
            rung=None,
            compared=None,
            impact=(),
            decided_by=None,
            certainty=None,
            error=error,
            why=None,
            chosen=False,
            weight=1.0,
            ending=None,
            started=None,
        )
    return hash(msgspec.json.encode(record))


def read_records(
    file: CampaignFile, source: Path, lines: Lines, skip_unreadable: bool, normal: NormalRuns
) -> Read:
    """Store the records of another tool.

    Args:
        file: The campaign file that takes them.
        source: The file that they are from, for messages.
        lines: Its lines after the first record.
        skip_unreadable: Leave out records that cannot be read.
        normal: Receives the counts over normal runs.

    Raises:
        UsageError: A record cannot be read, or there is none.

    """
    read = Read(normal=normal)
    for number, line in lines:
        try:
            kind = kind_of(line)
        except BadLine as error:
            _refuse(source, number, error)
        if kind not in RECORD_KINDS:
            read.skipped[kind] += 1
            continue
        try:
            _check_record(read, number, decode(line, RECORD_KINDS[kind]))
            file.add_record(number, kind, text_of(line))
            read.numbers[kind] += 1
        except BadLine as error:
            read.unreadable.append(Problem(number, str(error)))
    if read.unreadable and not skip_unreadable:
        problems = "; ".join(f"line {bad.line}: {bad.what}" for bad in read.unreadable[:SHOWN])
        more = " …" if len(read.unreadable) > SHOWN else ""
        raise UsageError(
            f"{source}: {len(read.unreadable)} records cannot be read: {problems}{more}",
            "Leave them out with `--skip-unreadable`.",
        )
    if not read.numbers:
        raise UsageError(f"{source}: neither facts of a campaign nor records of another tool")
    return read


def _check_record(
    read: Read, number: int, record: SubjectRecord | CleanRecord | MutantRecord
) -> None:
    """Check a record of another tool, and add it to the counts.

    Raises BadLine where it lacks a required field, or its id comes twice.
    """
    if isinstance(record, SubjectRecord):
        raise BadLine("a second subject")
    for run in record.runs if isinstance(record, MutantRecord) else (record,):
        for name, value in run.metrics.items():
            try:
                number_of(value)
            except ValueError:
                raise BadLine(f"`{value}` is no number - at `$.metrics.{name}`") from None
    if isinstance(record, MutantRecord):
        ran = record.decided_by in (None, RUN)
        if ran and record.symptom is Symptom.NORMAL and not any(r.metrics for r in record.runs):
            raise BadLine("a normal record needs the metrics of its runs - at `$.runs`")
        if record.id is not None:
            _remember(read, number, record)
    read.metrics |= metric_names([record])
    if isinstance(record, MutantRecord):
        read.chosen += record.chosen
        read.normal.add(mutant_of_record(number, record))
    else:
        read.normal.add_clean(clean_of_record(number, record))


def against_facts(file: CampaignFile, subject: SubjectRecord, read: Read) -> Iterator[Doubt]:
    """Yield the records of an exported campaign that differ from the facts behind them.

    Args:
        file: The campaign file with the restored facts.
        subject: The first record.
        read: The lines and hashes of all other records.

    """
    planned = file.planned_number()
    if subject.planned not in (None, planned):
        expected = f"{subject.planned} mutants"
        yield Doubt(1, "subject", PlausibilityCheck.COUNT, expected, str(planned), "as planned")
    yield from _clean_against_facts(file, read)
    yield from _mutants_against_facts(file, read)


def _clean_against_facts(file: CampaignFile, read: Read) -> Iterator[Doubt]:
    metrics = file.metrics()
    # Both are in the order of the runs, so that they pair up unless one is missing.
    for record, fact in zip_longest(read.clean, file.clean_outcomes()):
        if fact is None:
            yield Doubt(
                record[0], "clean run", PlausibilityCheck.FACTS, "a run among the facts", "none"
            )
        elif record is None:
            yield Doubt(
                1,
                "subject",
                PlausibilityCheck.FACTS,
                "a record of each clean run",
                "a run without one",
            )
        elif record[1] != _measured(
            _read_back("clean", clean_fields(fact[0], fact[1], fact[2], metrics))
        ):
            file.add_place(record[0], fact[2].trial_id, None)
            yield Doubt(
                record[0],
                "clean run",
                PlausibilityCheck.FACTS,
                "what its run measured",
                "other values",
            )


def _mutants_against_facts(file: CampaignFile, read: Read) -> Iterator[Doubt]:
    waiting, metrics = dict(read.mutants), file.metrics()
    by_id = {planned.mutant.id: planned for planned in chain(file.mutants(), file.chosen())}
    for planned in by_id.values():
        mutant = planned.mutant
        line, hashed = waiting.pop(mutant.id, (1, 0))
        measured = measured_fields(planned, file.runs_of(planned.mutant.id), str, metrics)
        if line == 1:
            yield Doubt(
                1, mutant.name, PlausibilityCheck.FACTS, "a record", "none", "as the facts have it"
            )
        elif hashed != _measured(_read_back("mutant", measured)):
            file.add_place(line, None, mutant.id)
            yield Doubt(
                line, mutant.name, PlausibilityCheck.FACTS, "what its runs measured", "other values"
            )
    for name, (line, _) in waiting.items():
        yield Doubt(line, name, PlausibilityCheck.FACTS, "a mutant among the facts", "none")


def _read_back(kind: str, fields: Mapping[str, Any]) -> CleanRecord | MutantRecord:
    """Return fields as the record that an export of them would give."""
    record = decode(encode(kind, fields), RECORD_KINDS[kind])
    assert not isinstance(record, SubjectRecord)
    return record
