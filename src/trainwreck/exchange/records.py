"""The format of records, which `export` writes for other tools and `import` reads from them.

Only a few fields are required. None, or an empty collection, stands for what is unknown. Unknown
fields are allowed and ignored.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from trainwreck.model import (
    Better,
    Ending,
    Impact,
    Level,
    Means,
    Part,
    Rung,
    Stream,
    Symptom,
    Which,
)
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.json_lines import decode

RECORDS = 1
"""Version of the records that this trainwreck writes; newer ones are refused."""

REPEAT = "repeat"
"""The purpose of a mutant's second run."""

Number = float | str | None
"""A number. JSON has no infinite ones and no NaN: they are the texts ``inf``, ``-inf``, ``nan``."""

Count = Annotated[int, Meta(ge=0)]
Line = Annotated[int, Meta(ge=1)]
Operator = Annotated[str, Meta(pattern=r"\S")]
"""One of the eight codes, or any text of another tool that is not blank."""


class MetricRecord(Struct, frozen=True, kw_only=True):
    """A metric with its better side, its legal range, and its margin.

    The margin is in the metric's unit, or a share of the clean runs' median like ``2%``. A metric
    is read by ``pattern``, from one ``stream`` or both, or from the ``column`` of a ``file``.
    ``which`` of its values counts: the last, the best, or the mean of all.
    """

    name: str
    better: Better | None = None
    range: tuple[float, float] | None = None
    margin: float | str | None = None
    pattern: str | None = None
    stream: Stream | None = None
    file: str | None = None
    column: str | None = None
    which: Which = Which.LAST


class ContainmentRecord(Struct, frozen=True, kw_only=True):
    """The containment of runs, from the one on that comes after ``after`` others.

    ``means`` makes a strict level. ``is_online`` is whether runs reached the network.
    """

    level: Level
    means: Means | None = None
    is_online: bool = True
    after: Count = 0


class SubjectRecord(Struct, frozen=True, kw_only=True):
    """The program under study, and the campaign as a whole; the first record of a file.

    ``phases`` are in the program's order. ``facts`` is the format of the campaign file whose facts
    follow; None for records of another tool. ``containment`` is what held for the runs, oldest
    first; nothing where it is not known.
    """

    name: str | None = None
    records: int = RECORDS
    facts: int | None = None
    metrics: tuple[MetricRecord | str, ...] | None = None
    versions: dict[str, str | None] | None = None
    planned: Count | None = None
    phases: tuple[str, ...] = ()
    containment: tuple[ContainmentRecord, ...] = ()


class RunRecord(Struct, frozen=True, kw_only=True):
    """One run.

    - ``metrics`` are the run's values, by default the last ones; ``series`` are all in order.
    - ``seconds`` is wall time, ``cpu_seconds`` processor time.
    - ``exit`` is the end of the run, like ``exited 0``, ``signal 9`` or ``time limit 15``.
    - ``log`` is the printed text.
    - ``purpose`` is ``mutant``, ``audit`` or ``repeat``.

    An ``audit`` checks what was decided without a run. A ``repeat`` has the seed of the first run.
    The values of neither count beside those of the other runs.
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
    """The exception that ended a run, and where; ``cause`` is the concluded class of the crash."""

    type: str | None = None
    message: str | None = None
    file: str | None = None
    line: int | None = None
    phase: str | None = None
    cause: str | None = None


class MutantRecord(Struct, frozen=True, kw_only=True, rename={"certainty": "class"}):
    """A mutant with its runs and its verdict.

    ``symptom`` is None where the mutant is planned and has no verdict yet, and where ``ending`` is
    ``broken`` or ``lost``, as its run proves nothing. ``compared`` are the
    parts of results that the digests of its runs cover. One that was ``chosen`` is no part of the
    sample; ``link`` says where a bug of a user's own is described. ``weight`` is the number of
    mutants that it stands for in shares of a stratified sample. ``started`` is how its first run
    did: ``cold``, ``warm``, or ``none`` without a run.
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
    compared: tuple[Part, ...] | None = None
    impact: tuple[Impact, ...] = ()
    decided_by: str | None = None
    certainty: str | None = None
    hits: Count | None = None
    runs: tuple[RunRecord, ...] = ()
    error: ErrorRecord | None = None
    why: str | None = None
    chosen: bool = False
    weight: Annotated[float, Meta(gt=0)] = 1.0
    link: str | None = None
    ending: Ending | None = None
    started: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError where a verdict stands beside an ending that proves nothing."""
        if self.ending is not None and (self.ending.proves or self.symptom or self.rung):
            raise ValueError("`ending` is `broken` or `lost`, of a mutant without a symptom")

    @property
    def has_verdict(self) -> bool:
        """Return whether the mutant ran or was decided, with a symptom or without."""
        return self.symptom is not None or self.ending is not None


Record = SubjectRecord | CleanRecord | MutantRecord
RECORD_KINDS: dict[str, type[SubjectRecord] | type[CleanRecord] | type[MutantRecord]] = {
    "subject": SubjectRecord,
    "clean": CleanRecord,
    "mutant": MutantRecord,
}


def stored_records(file: CampaignFile, *kinds: str) -> Iterator[tuple[int, Record]]:
    """Return the imported records of these kinds, or all, each with the number of its line."""
    return (
        (number, decode(text, RECORD_KINDS[kind]))
        for number, kind, text in file.record_lines(*kinds)
    )


def subject_record(file: CampaignFile) -> SubjectRecord | None:
    """Return the imported record of the subject, if there is one."""
    records = (record for _, record in stored_records(file, "subject"))
    return next((record for record in records if isinstance(record, SubjectRecord)), None)


def number_of(value: Number) -> float | None:
    """Return a number that may be written as a text; raise ValueError for any other text."""
    return None if value is None else float(value)
