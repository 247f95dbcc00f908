"""Records: what `export` writes for anybody to read, and `import` reads from anywhere.

Whatever the contract does not ask for may be missing: None, or nothing in a collection, is what is
not known. Unknown fields are allowed and not read.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from trainwreck.model import Better, Impact, Rung, Symptom
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.json_lines import decode

RECORDS = 1
"""Version of the records that this trainwreck writes; newer ones are refused."""

REPEAT = "repeat"
"""The purpose of a mutant's second run."""

Number = float | str | None
"""JSON has no infinite numbers and no NaN: they are the texts ``inf``, ``-inf`` and ``nan``."""

Count = Annotated[int, Meta(ge=0)]
Line = Annotated[int, Meta(ge=1)]
Operator = Annotated[str, Meta(pattern=r"\S")]
"""One of the eight codes, or any text of another tool that is not blank."""


class MetricRecord(Struct, frozen=True, kw_only=True):
    """A metric: which way it is good, its legal range, and its margin.

    The margin is in the metric's unit, or a share of the clean runs' median like ``2%``.
    """

    name: str
    better: Better | None = None
    range: tuple[float, float] | None = None
    margin: float | str | None = None
    pattern: str | None = None


class SubjectRecord(Struct, frozen=True, kw_only=True):
    """The program under study, and the campaign as a whole; the first record of a file.

    ``phases`` are in the order in which the program comes to them. ``facts`` is the format of the
    campaign file whose facts follow, None where the records were made elsewhere.
    """

    name: str | None = None
    records: int = RECORDS
    facts: int | None = None
    metrics: tuple[MetricRecord | str, ...] | None = None
    versions: dict[str, str | None] | None = None
    planned: Count | None = None
    phases: tuple[str, ...] = ()


class RunRecord(Struct, frozen=True, kw_only=True):
    """One run. Times are in seconds; ``metrics`` are the last reported values.

    ``exit`` says how it ended (``exited 0``, ``signal 9``, ``time limit 15``), ``series`` is every
    reported value in order, ``log`` what was printed; ``purpose`` is ``audit`` where a mutant was
    run again to check what had been decided without a run, and ``repeat`` where it repeats the
    first run with the same seed: neither is a value beside those of the other runs.
    """

    seed: int | None = None
    fold: int = 0
    metrics: dict[str, Number] = {}
    seconds: Number = None
    cpu_seconds: Number = None
    digest: str | None = None
    exit: str | None = None
    series: dict[str, tuple[float | str, ...]] = {}
    log: str | None = None
    purpose: str = "mutant"


class CleanRecord(RunRecord, frozen=True, kw_only=True):
    """A run of the clean program; ``purpose`` is clean, control, coverage, probe or warming."""

    purpose: str = "clean"


class ErrorRecord(Struct, frozen=True, kw_only=True):
    """The exception that ended a run; ``cause`` is the class of crash, which is a conclusion."""

    type: str | None = None
    message: str | None = None
    file: str | None = None
    line: int | None = None
    phase: str | None = None
    cause: str | None = None


class MutantRecord(Struct, frozen=True, kw_only=True, rename={"certainty": "class"}):
    """A mutant with its runs and with what was concluded.

    ``symptom`` is None where the mutant is planned and nothing is known of it yet.
    """

    operator: Operator
    symptom: Symptom | None
    file: str
    line: Line
    id: str | None = None
    root: str | None = None
    module: str | None = None
    function: str | None = None
    column: Count | None = None
    end_line: Line | None = None
    end_column: Count | None = None
    original: str | None = None
    replacement: str | None = None
    context: str | None = None
    phases: tuple[str, ...] | None = None
    name: str | None = None
    rung: Rung | None = None
    impact: tuple[Impact, ...] = ()
    decided_by: str | None = None
    certainty: str | None = None
    hits: Count | None = None
    runs: tuple[RunRecord, ...] = ()
    error: ErrorRecord | None = None
    why: str | None = None


Record = SubjectRecord | CleanRecord | MutantRecord
RECORD_KINDS: dict[str, type[SubjectRecord] | type[CleanRecord] | type[MutantRecord]] = {
    "subject": SubjectRecord,
    "clean": CleanRecord,
    "mutant": MutantRecord,
}


def stored_records(file: CampaignFile, *kinds: str) -> Iterator[tuple[int, Record]]:
    """Yield (line number, record) of the imported records of these kinds, or of all."""
    return (
        (number, decode(text, RECORD_KINDS[kind]))
        for number, kind, text in file.record_lines(*kinds)
    )


def subject_record(file: CampaignFile) -> SubjectRecord | None:
    """Return the imported record of the subject, if there is one."""
    records = (record for _, record in stored_records(file, "subject"))
    return next((record for record in records if isinstance(record, SubjectRecord)), None)


def number_of(value: Number) -> float | None:
    """A number that may be written as a text. Raises ValueError where the text is none."""
    return None if value is None else float(value)
