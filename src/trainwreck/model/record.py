"""A campaign as records: what ``export`` writes, and ``import`` reads from anywhere.

Everything but what the contract asks for may be missing: None, or nothing in a collection, is what
is not known. Fields beyond the contract carry the facts of a campaign, so that a campaign made from
its own export is the same again.
"""

from dataclasses import dataclass, field

from trainwreck.model.mutant import OperatorCode
from trainwreck.model.verdict import Symptom

RECORD_FORMAT = 1
"""Version of the records that this trainwreck writes; it refuses newer ones."""

Number = float | str
"""JSON has no infinite numbers and no NaN; they are written as ``inf``, ``-inf``, ``nan``."""


@dataclass(frozen=True, slots=True)
class MetricRecord:
    """A metric: which way it is good, its legal range, and the margin of equivalence."""

    name: str
    better: str | None = None
    range: tuple[float, float] | None = None
    margin: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """The program under study, and the campaign as a whole.

    ``phases`` in the order in which the program goes through them. ``format`` is that of the
    records; ``facts`` is the format of the campaign file whose facts the records carry, None where
    they were made elsewhere.
    """

    name: str | None = None
    format: int = RECORD_FORMAT
    facts: int | None = None
    metrics: tuple[MetricRecord, ...] = ()
    phases: tuple[str, ...] = ()
    planned: int | None = None
    meta: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One line of a traceback, outermost first."""

    file: str
    line: int
    function: str = ""


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """The exception that ended a run; ``cause`` is the class of crash (STUDY S8), a conclusion."""

    type: str | None = None
    message: str | None = None
    file: str | None = None
    line: int | None = None
    phase: str | None = None
    cause: str | None = None
    frames: tuple[FrameRecord, ...] = ()
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: of the clean program, or of a mutant.

    ``exit`` says how it ended (``exited 0``, ``signal 9``, ``time limit 15``); ``log`` is what it
    printed, ``series`` every value that it reported, as printed. ``facts`` holds the remaining
    columns of a campaign's run.
    """

    seed: int | None = None
    fold: int = 0
    metrics: dict[str, Number | None] = field(default_factory=dict)
    seconds: float | None = None
    cpu_seconds: float | None = None
    digest: str | None = None
    exit: str | None = None
    series: dict[str, tuple[str, ...]] | None = None
    log: str | None = None
    facts: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class CleanRecord(RunRecord):
    """A run of the clean program; ``purpose`` is clean, control, coverage, probe or warming."""

    purpose: str = "clean"


@dataclass(frozen=True, slots=True)
class MutantRecord:
    """A mutant with its runs and with what was concluded.

    Only ``operator``, ``symptom``, ``file`` and ``line`` must be there, and for normal ones the
    metrics of its runs. ``facts`` holds the remaining columns of a campaign's mutant.
    """

    operator: OperatorCode
    symptom: Symptom | None
    file: str
    line: int
    id: str | None = None
    root: str | None = None
    module: str | None = None
    function: str | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    original: str | None = None
    replacement: str | None = None
    context: str | None = None
    phases: tuple[str, ...] | None = None
    name: str | None = None
    rung: str | None = None
    impact: tuple[str, ...] = ()
    decided_by: str | None = None
    hits: int | None = None
    runs: tuple[RunRecord, ...] = ()
    error: ErrorRecord | None = None
    why: str | None = None
    facts: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The selection in one file, its size, and the lines that the clean program executes."""

    root: str
    file: str
    facts: dict[str, object] = field(default_factory=dict)
