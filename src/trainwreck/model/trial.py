"""A trial: one run that we intend to make, and its outcome."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from trainwreck.model.identity import content_id
from trainwreck.model.mutant import Mutant

IMPORT_PHASE = "import"
UNKNOWN_PHASE = "not known"
"""The phase of what a record does not tell the phases of."""


UNKNOWN_FOLD = -1
"""The fold of a run whose seed is not known."""


class TrialKind(StrEnum):
    """What a trial is for."""

    WARMING = "warming"
    CLEAN = "clean"
    COVERAGE = "coverage"
    CONTROL = "control"
    PROBE = "probe"
    MUTANT = "mutant"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, order=True)
class Draw:
    """What chance a run starts from: its seed, and the fold that is held out."""

    seed: int
    fold: int = 0

    @property
    def is_known(self) -> bool:
        """Whether it is a seed at all, and not the number of a run whose seed is not known."""
        return self.fold != UNKNOWN_FOLD

    @property
    def key(self) -> int:
        """A number that stands for it where many are kept; 0 where it is not known."""
        return hash((self.seed, self.fold)) if self.is_known else 0


@dataclass(frozen=True, slots=True)
class Trial:
    """One run that we intend to make; ``repeat`` numbers runs of one kind and seed."""

    subject: str
    kind: TrialKind
    seed: int
    fold: int = 0
    repeat: int = 0
    mutant: Mutant | None = None

    @property
    def draw(self) -> Draw:
        """Seed and fold."""
        return Draw(self.seed, self.fold)

    @property
    def id(self) -> str:
        """Content hash, so that what is left to do is a difference of sets."""
        bug = (self.mutant.id, self.mutant.source_sha) if self.mutant else ()
        return content_id(self.subject, self.kind, self.seed, self.fold, self.repeat, *bug)


class Ending(StrEnum):
    """What ended a run."""

    EXITED = "exited"
    SIGNAL = "signal"
    TIME = "time limit"
    CPU = "processor time limit"
    MEMORY = "memory limit"
    OUTPUT = "output limit"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run ended; ``code`` is the exit status or the signal's number."""

    ending: Ending
    code: int

    @property
    def fine(self) -> bool:
        """The process ended by itself and reported success."""
        return self.ending is Ending.EXITED and self.code == 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a traceback; ``file`` is the subject's own path.

    ``statement`` is the text of the line, or empty where it was not recorded.
    """

    file: str
    line: int
    function: str
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """The exception that ended a run, ``seconds`` after the process started.

    ``frames`` are outermost first. ``chain`` holds the exceptions that led to this one, oldest
    first, and this one last, with statements. It is empty where the agent recorded none.
    """

    type: str
    message: str
    frames: tuple[Frame, ...] = ()
    seconds: float | None = None
    chain: "tuple[Failure, ...]" = ()


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """When a phase began, in seconds since the process started, with the hits so far."""

    name: str
    seconds: float
    cpu_seconds: float
    hits: int


@dataclass(frozen=True, slots=True)
class Report:
    """One printed line with values of these metrics: when it came, with the hits so far."""

    metrics: tuple[str, ...]
    seconds: float
    cpu_seconds: float
    hits: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """What comparisons need of one run: how it ended, its last values, its times in seconds.

    ``mutant_id`` is None for the clean program; ``whole`` is false where the run was ended early.
    """

    mutant_id: str | None
    draw: Draw
    exit: Exit
    metrics: dict[str, float]
    seconds: float
    cpu_seconds: float
    whole: bool
    digest: str = ""


@dataclass(slots=True)
class Values:
    """The last values of one metric, and the keys of the draws that they come from."""

    numbers: "array[float]" = field(default_factory=lambda: array("d"))
    draws: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, number: float, draw: Draw) -> None:
        """Add a run's value; a second one of the same draw is no independent value."""
        key = draw.key
        if key and key in self.draws:
            return
        self.numbers.append(number)
        self.draws.append(key)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the normal runs of one mutant report, in little memory.

    ``times`` are the processor seconds of those runs that were not ended early.
    """

    values: dict[str, Values] = field(default_factory=dict)
    times: "array[float]" = field(default_factory=lambda: array("d"))

    @classmethod
    def of(cls, runs: Iterable[Measurement]) -> "Sample":
        """All of the runs."""
        sample = cls()
        for run in runs:
            sample.add(run)
        return sample

    def add(self, run: Measurement) -> None:
        """One run more."""
        for name, value in run.metrics.items():
            self.values.setdefault(name, Values()).add(value, run.draw)
        if run.whole and isfinite(run.cpu_seconds):
            self.times.append(run.cpu_seconds)

    def numbers(self, metric: str) -> "Sequence[float]":
        """Return the last values of a metric, one for each draw."""
        return self.values[metric].numbers if metric in self.values else ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What all runs of a kind took together, in processor seconds.

    ``first`` are those with the first seed and fold that repeat no other, ``settled`` those that a
    rule ended early.
    """

    kind: TrialKind
    first: bool
    settled: bool
    runs: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The facts of one run, and nothing that was concluded from them.

    ``seconds`` and ``cpu_seconds`` are of the whole process tree, ``peak_rss`` is in bytes;
    ``hits`` counts evaluations of the edit, or is None where the process could not tell.
    ``steps`` holds every reported value as printed; ``parameters`` is the digest of the final
    model parameters, or None where no model was found; ``stack`` is where a stopped run stood.
    ``work`` counts what frameworks show of the work done (epochs, batches, calls); ``first_hit``
    is when the edit was first evaluated, in seconds since the process started. ``checkpoint`` is
    the digest of everything that decides how training goes on, taken at the first report;
    ``states`` are those of the whole program at the start of phases, in campaigns made while the
    rule ``cut`` existed. ``settled`` names the rule by which the run was ended early, or is empty.
    """

    trial_id: str
    exit: Exit
    seconds: float
    cpu_seconds: float
    peak_rss: int
    hits: int | None
    steps: dict[str, tuple[str, ...]]
    parameters: str | None
    error: Failure | None
    phases: tuple[PhaseTime, ...]
    planted: bool
    stack: str = ""
    overhead: float = 0.0
    work: dict[str, int] = field(default_factory=dict)
    reports: tuple[Report, ...] = ()
    checkpoint: str | None = None
    states: dict[str, str] = field(default_factory=dict)
    first_hit: float | None = None
    settled: str = ""

    @property
    def metrics(self) -> dict[str, float]:
        """The last reported value of every metric that was reported."""
        return {name: float(values[-1]) for name, values in self.steps.items() if values}

    @property
    def phase(self) -> str:
        """The phase in which the run ended."""
        return self.phases[-1].name if self.phases else IMPORT_PHASE

    def phase_at(self, seconds: float) -> str:
        """The phase in which the program was, so many seconds after its start."""
        begun = [phase.name for phase in self.phases if phase.seconds <= seconds]
        return begun[-1] if begun else IMPORT_PHASE

    @property
    def place(self) -> Frame | None:
        """Where the exception was raised."""
        return self.error.frames[-1] if self.error and self.error.frames else None

    @property
    def digest(self) -> str:
        """Hash of everything the run produced: each metric at each step, and the parameters."""
        return digest_of(self.steps, self.parameters)


def digest_of(steps: Mapping[str, Sequence[str]], parameters: str | None) -> str:
    """Hash of every reported value, as printed, and of the final parameters."""
    texts = [f"{name}={','.join(values)}" for name, values in sorted(steps.items())]
    return content_id(*texts, parameters)
