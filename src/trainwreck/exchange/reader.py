"""Lines of a file to what a campaign file keeps, each checked on its way."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
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
"""So many problems are told in one message."""

Lines = Iterator[tuple[int, bytes]]
"""Numbers and lines."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that cannot be read, and why."""

    line: int
    what: str


@dataclass
class Read:
    """What was read: of own exports each record's line and hash, of others what is normal."""

    numbers: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    unreadable: list[Problem] = field(default_factory=list)
    clean: list[tuple[int, int]] = field(default_factory=list)
    mutants: dict[str, tuple[int, int]] = field(default_factory=dict)
    metrics: set[str] = field(default_factory=set)
    normal: NormalRuns = field(default_factory=NormalRuns)


class _Version(msgspec.Struct):
    records: int = 1


def subject_of(source: Path, number: int, line: bytes) -> SubjectRecord:
    """The first record. Raises UsageError where it is another one, or of a newer version."""
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
    """The line as it is kept."""
    return line.removesuffix(b"\n").decode("utf-8")


def read_facts(file: CampaignFile, source: Path, lines: Lines) -> Read:
    """Restore every fact. Raises UsageError where one is broken or missing."""
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
    if record.id is None:
        raise BadLine("Object missing required field `id`")
    if record.id in read.mutants:
        raise BadLine(f"the id {record.id} is that of line {read.mutants[record.id][0]} as well")
    read.mutants[record.id] = (number, _measured(record))


def _measured(record: CleanRecord | MutantRecord) -> int:
    """Hash of all that is no conclusion."""
    if isinstance(record, MutantRecord):
        error = record.error and msgspec.structs.replace(record.error, cause=None)
        record = msgspec.structs.replace(
            record,
            symptom=None,
            rung=None,
            impact=(),
            decided_by=None,
            certainty=None,
            error=error,
            why=None,
        )
    return hash(msgspec.json.encode(record))


def read_records(
    file: CampaignFile, source: Path, lines: Lines, skip_unreadable: bool, normal: NormalRuns
) -> Read:
    """Keep the records that are readable.

    Args:
        file: The campaign file that keeps them.
        source: The file that they are from, for messages.
        lines: Its lines after the first record.
        skip_unreadable: Leave out records that cannot be read.
        normal: Gathers what the normal runs have in common.

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
        told = "; ".join(f"line {each.line}: {each.what}" for each in read.unreadable[:SHOWN])
        more = " …" if len(read.unreadable) > SHOWN else ""
        raise UsageError(
            f"{source}: {len(read.unreadable)} records cannot be read: {told}{more}",
            "Leave them out with `--skip-unreadable`.",
        )
    if not read.numbers:
        raise UsageError(f"{source}: neither facts of a campaign nor records made elsewhere")
    return read


def _check_record(
    read: Read, number: int, record: SubjectRecord | CleanRecord | MutantRecord
) -> None:
    """Raise BadLine where a record lacks what the contract asks for, or comes twice."""
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
        read.normal.add(mutant_of_record(number, record))
    else:
        read.normal.add_clean(clean_of_record(number, record))


def against_facts(file: CampaignFile, subject: SubjectRecord, read: Read) -> Iterator[Doubt]:
    """Where records do not say what the facts behind them do."""
    planned = file.planned_number()
    if subject.planned not in (None, planned):
        expected = f"{subject.planned} mutants"
        yield Doubt(1, "subject", PlausibilityCheck.COUNT, expected, str(planned), "as planned")
    for told, made in zip_longest(read.clean, file.clean_outcomes()):
        if made is None:
            yield Doubt(
                told[0], "clean run", PlausibilityCheck.FACTS, "a run among the facts", "none"
            )
        elif told is None:
            yield Doubt(
                1,
                "subject",
                PlausibilityCheck.FACTS,
                "a record of each clean run",
                "a run without one",
            )
        elif told[1] != _measured(_again("clean", clean_fields(*made))):
            file.add_place(told[0], made[2].trial_id, None)
            yield Doubt(
                told[0],
                "clean run",
                PlausibilityCheck.FACTS,
                "what its run measured",
                "other values",
            )
    waiting = dict(read.mutants)
    for each in file.mutants():
        mutant = each.mutant
        line, hashed = waiting.pop(mutant.id, (1, 0))
        made_of = measured_fields(each, file.runs_of(mutant.id), str)
        if line == 1:
            yield Doubt(
                1, mutant.name, PlausibilityCheck.FACTS, "a record", "none", "as the facts have it"
            )
        elif hashed != _measured(_again("mutant", made_of)):
            file.add_place(line, None, mutant.id)
            yield Doubt(
                line, mutant.name, PlausibilityCheck.FACTS, "what its runs measured", "other values"
            )
    for name, (line, _) in waiting.items():
        yield Doubt(line, name, PlausibilityCheck.FACTS, "a mutant among the facts", "none")


def _again(kind: str, fields: Mapping[str, Any]) -> CleanRecord | MutantRecord:
    record = decode(encode(kind, fields), RECORD_KINDS[kind])
    assert not isinstance(record, SubjectRecord)
    return record
