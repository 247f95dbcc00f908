"""A trial: one run that we intend to make, and its outcome."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isnan
from typing import Any

from trainwreck.model.identity import content_id
from trainwreck.model.mutant import Mutant
from trainwreck.model.result import Result, result_of

IMPORT_PHASE = "import"
ADDED = {"added": True}
"""Marks a field that format 3 gained later: where it has its default, it is not stored."""

UNKNOWN_PHASE = "not known"
"""The phase in imported records that name no phase."""


NO_VERDICT = "no verdict"
"""The observation with the reason why a run proves nothing."""

LEFT_SHARED = "left shared memory"
"""The observation with files that may be the run's, and that nothing has removed."""

UNKNOWN_FOLD = -1
"""The fold of a run whose seed is not known."""


class TrialKind(StrEnum):
    """The purpose of a trial."""

    WARMING = "warming"
    CLEAN = "clean"
    COVERAGE = "coverage"
    CONTROL = "control"
    PROBE = "probe"
    MUTANT = "mutant"
    AUDIT = "audit"
    STEM = "stem"
    TOGETHER = "together"
    CHECK = "check"


@dataclass(frozen=True, slots=True, order=True)
class Draw:
    """The start of a run's randomness: its seed, and the fold that is held out."""

    seed: int
    fold: int = 0

    @property
    def is_known(self) -> bool:
        """Return whether ``seed`` is a seed, and not the number of a run with an unknown seed."""
        return self.fold != UNKNOWN_FOLD

    @property
    def key(self) -> int:
        """Return a number that stands for the draw in little memory; 0 where it is not known."""
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
        """Return seed and fold."""
        return Draw(self.seed, self.fold)

    @property
    def is_buggy(self) -> bool:
        """Return whether the program has a bug in this trial, or several."""
        return self.mutant is not None or self.kind is TrialKind.TOGETHER

    @property
    def id(self) -> str:
        """Return a content hash, so that resuming a campaign is a difference of sets."""
        bug = (self.mutant.id, self.mutant.source_sha) if self.mutant else ()
        return content_id(self.subject, self.kind, self.seed, self.fold, self.repeat, *bug)


class Ending(StrEnum):
    """The cause of a run's end: the process itself, a signal, a limit, or none that we know.

    A run that is ``stuck`` was ended by the rule of this name, before its limits.
    A run is ``broken`` where the bug destroyed what a verdict needs, such as the run's folder or
    the agent's events. It is ``lost`` where the machine ended or disturbed it, not the program.
    """

    EXITED = "exited"
    SIGNAL = "signal"
    TIME = "time limit"
    CPU = "processor time limit"
    MEMORY = "memory limit"
    OUTPUT = "output limit"
    DISK = "disk limit"
    PROCESSES = "process limit"
    STUCK = "stuck"
    BROKEN = "broken"
    LOST = "lost"

    @property
    def proves(self) -> bool:
        """Return whether a run with this end says something about the program."""
        return self not in (Ending.BROKEN, Ending.LOST)


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of a run; ``code`` is the exit status or the signal's number."""

    ending: Ending
    code: int

    @property
    def fine(self) -> bool:
        """Return whether the process ended by itself and reported success."""
        return self.ending is Ending.EXITED and self.code == 0

    @property
    def proves(self) -> bool:
        """Return whether the run says something about the program: it is not broken or lost."""
        return self.ending.proves

    def __str__(self) -> str:
        """Write it for people and for exports: ``exited 0``, ``signal 9``, ``time limit 15``."""
        return f"{self.ending} {self.code}"

    @classmethod
    def read(cls, text: str) -> "Exit":
        """Parse the text that ``str`` gives. Raises ValueError."""
        match = re.fullmatch(rf"({'|'.join(Ending)})\s*(-?\d+)\s*", text)
        if match is None:
            raise ValueError(f"`{text}` does not say how a run ended")
        return cls(Ending(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a traceback; ``file`` is the subject's own path.

    ``statement`` is the text of the line, or empty where it was not recorded.
    """

    file: str
    line: int
    function: str
    statement: str = field(default="", metadata=ADDED)


@dataclass(frozen=True, slots=True)
class ChainedError:
    """One exception of a chain; ``frames`` are outermost first."""

    type: str
    message: str
    frames: tuple[Frame, ...] = ()


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
    chain: tuple[ChainedError, ...] = field(default=(), metadata=ADDED)


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """The begin of a phase, in seconds since the process started, with the hits so far."""

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


class _Known:
    """Holds the result of a run and its digest once they were asked for: judging asks often."""

    __slots__ = ("_digest", "_result")

    _digest: str
    _result: Result


@dataclass(frozen=True, slots=True)
class Outcome(_Known):
    """The facts of one run, and nothing that was concluded from them.

    ``seconds`` and ``cpu_seconds`` are of the whole process tree, ``peak_rss`` is in bytes.
    ``hits`` counts evaluations of the edit, or is None where the process reported no count.
    ``steps`` holds every reported value as printed. ``parameters`` is the digest of the final
    model parameters, or None where no model was found. ``stack`` is where a stopped run stood.
    ``work`` counts the epochs, batches and calls that frameworks show. ``first_hit`` is when the
    edit was first evaluated, in seconds since the process started. ``checkpoint`` is the digest
    of everything that decides how training goes on, taken at the first report. ``states`` are
    digests of the whole program at the start of phases, in campaigns made while the rule ``cut``
    existed. ``settled`` names the rule by which the run was ended early, or is empty.
    ``observations`` are values of JSON under names of their own, most of them sent by the agent: a
    new fact of a framework needs no field here.
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
    observations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """Return the last reported value of every metric, whichever value counts as the run's."""
        return {name: float(values[-1]) for name, values in self.steps.items() if values}

    @property
    def shares(self) -> tuple[float, ...]:
        """Return the share of the run's costs that was spent at each report.

        It is the larger one of the shares of processor time and of time: processes that have ended,
        as those of a compiler, are in the processor time of a run, and not in that of a report.
        Empty where a time was not measured.
        """
        if not self.seconds or not self.cpu_seconds or isnan(self.cpu_seconds):
            return ()
        return tuple(
            min(1.0, max(each.cpu_seconds / self.cpu_seconds, each.seconds / self.seconds))
            for each in self.reports
        )

    @property
    def reason(self) -> str:
        """Return why the run proves nothing, empty where it proves something."""
        return "" if self.exit.proves else str(self.observations.get(NO_VERDICT, "not known"))

    @property
    def phase(self) -> str:
        """Return the phase in which the run ended."""
        return self.phases[-1].name if self.phases else IMPORT_PHASE

    def phase_at(self, seconds: float) -> str:
        """Return the phase in which the program was, ``seconds`` after its start."""
        begun = [phase.name for phase in self.phases if phase.seconds <= seconds]
        return begun[-1] if begun else IMPORT_PHASE

    @property
    def place(self) -> Frame | None:
        """Return the line that raised the exception, None where it is not known."""
        return self.error.frames[-1] if self.error and self.error.frames else None

    @property
    def result(self) -> Result:
        """Return what the run produced."""
        try:
            return self._result
        except AttributeError:
            result = result_of(self.steps, self.parameters, self.observations)
            object.__setattr__(self, "_result", result)
            return result

    @property
    def digest(self) -> str:
        """Return the hash of all that the run produced."""
        try:
            return self._digest
        except AttributeError:
            digest = self.result.digest
            object.__setattr__(self, "_digest", digest)
            return digest
