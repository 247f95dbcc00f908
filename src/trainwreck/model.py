"""The nouns: what every part of trainwreck talks about."""

import difflib
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

APP = "app"
MODULE_LEVEL = "<module>"
IMPORT_PHASE = "import"


def content_id(*parts: object) -> str:
    """Sixteen hexadecimal digits that depend on nothing but the parts' text."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]


class OperatorCode(StrEnum):
    """The mutation operators of Jia et al. (SANER 2022), Table II."""

    ArOR = "ArOR"
    BitOR = "BitOR"
    ComOR = "ComOR"
    LogOR = "LogOR"
    AsOR = "AsOR"
    MemOR = "MemOR"
    BVR = "BVR"
    NVR = "NVR"


class Context(StrEnum):
    """Where in the syntax an edit sits: the nearest construct that gives it a meaning."""

    IF = "condition of an if"
    WHILE = "condition of a while"
    CONDITIONAL = "condition of a conditional expression"
    ASSERT = "assertion"
    COMPREHENSION = "condition of a comprehension"
    DEFAULT = "default of a parameter"
    ANNOTATION = "annotation"
    DECORATOR = "decorator"
    KEYWORD = "keyword argument"
    ARGUMENT = "argument of a call"
    SUBSCRIPT = "subscript"
    ELEMENT = "element of a display"
    FORMATTED = "formatted string"
    LAMBDA = "body of a lambda"
    RETURN = "returned value"
    RAISE = "raised value"
    YIELD = "yielded value"
    ITERABLE = "iterable of a loop"
    RESOURCE = "resource of a with"
    AUGMENTED = "augmented assignment"
    ASSIGNED = "assigned value"
    TARGET = "target of an assignment"
    PATTERN = "pattern of a match"
    STATEMENT = "other statement"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of decoded source text; lines count from 1, columns and offsets from 0 in characters."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Text that takes the place of a span."""

    span: Span
    original: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small bug: a few span edits in one file, and all that is known of them before a run.

    ``lines`` are the first and last line of the enclosing statement (or of the header of a
    compound one). ``evaluated`` are the offsets of the innermost expression that contains the
    edit, where a hit counter can go around it, or None where only the statement can be counted.
    ``anchor`` identifies the place by its own statement's text, so that a change elsewhere in
    the file leaves the mutant's id as it was.
    """

    root: str
    file: str
    module: str
    function: str
    operator: OperatorCode
    edits: tuple[Edit, ...]
    source_sha: str
    context: Context
    anchor: str
    lines: tuple[int, int]
    evaluated: tuple[int, int] | None

    @property
    def id(self) -> str:
        """Content hash: equal on every machine, in every run, for the same bug."""
        changes = [text for edit in self.edits for text in (edit.original, edit.replacement)]
        return content_id(
            self.root, self.file, self.function, self.operator, self.anchor, *changes
        )

    @property
    def span(self) -> Span:
        """The first edit's span: the place that a reader is sent to."""
        return self.edits[0].span

    @property
    def node(self) -> tuple[int, int]:
        """What the cap per file counts: several mutants may share one node."""
        return self.span.start, self.span.end

    @property
    def name(self) -> str:
        """A sentence that says what the bug is."""
        change = " and ".join(
            f"replace `{edit.original}` with `{edit.replacement}`"
            if edit.replacement
            else f"delete `{edit.original.strip()}`"
            for edit in self.edits
        )
        where = "at module level" if self.function == MODULE_LEVEL else f"in {self.function}"
        return f"{self.file}:{self.span.line}: {change} {where} [{self.operator}]"

    def apply(self, text: str) -> str:
        """The buggy text. Raises ValueError where the text is not the one the mutant was made for."""
        for edit in reversed(self.edits):
            span = edit.span
            if text[span.start : span.end] != edit.original:
                raise ValueError(f"{self.file} no longer reads `{edit.original}` at {span.line}")
            text = text[: span.start] + edit.replacement + text[span.end :]
        return text

    def apply_counted(self, text: str, call: str) -> str:
        """The buggy text with ``call`` evaluated before the changed expression, on the same lines.

        ``call`` must be an expression with a true value. Returns the plain buggy text where
        there is no such expression (``evaluated`` is None).
        """
        if self.evaluated is None:
            return self.apply(text)
        start, end = map(self._moved, self.evaluated)
        buggy = self.apply(text)
        return f"{buggy[:start]}({call} and ({buggy[start:end]})){buggy[end:]}"

    def _moved(self, offset: int) -> int:
        """Where an offset of the original text lies in the buggy one."""
        return offset + sum(
            len(edit.replacement) - len(edit.original)
            for edit in self.edits
            if edit.span.end <= offset
        )

    def diff(self, text: str) -> str:
        """A unified diff of the bug, as ``git diff`` would show it."""
        return "".join(
            difflib.unified_diff(
                text.splitlines(keepends=True),
                self.apply(text).splitlines(keepends=True),
                f"a/{self.file}",
                f"b/{self.file}",
            )
        )


class Better(StrEnum):
    """Which way a metric is good."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that the program reports: every match of ``pattern`` is a step, the last one counts."""

    name: str
    pattern: str
    better: Better
    range: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class PhaseMark:
    """The phase ``name`` begins before the first statement at or after ``line`` of ``file``."""

    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Subject:
    """The program under study. ``command`` may hold ``{seed}``, ``{fold}`` and ``{data}``."""

    name: str
    command: tuple[str, ...]
    folder: str
    python: str
    targets: tuple[str, ...]
    metrics: tuple[Metric, ...]
    phases: tuple[PhaseMark, ...]
    threads: int
    env: tuple[tuple[str, str], ...]

    @property
    def fingerprint(self) -> str:
        """Changes whenever a run of the subject would be another run; independent of the machine."""
        return content_id(
            self.name, self.command, self.targets, self.metrics, self.phases, self.threads, self.env
        )


class TrialKind(StrEnum):
    """What a trial is for."""

    CLEAN = "clean"
    COVERAGE = "coverage"
    CONTROL = "control"
    MUTANT = "mutant"


@dataclass(frozen=True, slots=True)
class Trial:
    """One run that we intend to make; ``repeat`` tells clean runs of one seed apart."""

    subject: str
    kind: TrialKind
    seed: int
    fold: int = 0
    repeat: int = 0
    mutant: Mutant | None = None

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
    REFUSED = "refused by the agent"


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
    """One line of a traceback, outermost first; ``file`` is the subject's own path."""

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The exception that ended a run."""

    type: str
    message: str
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """When a phase began, in seconds since the process started, with the hits so far."""

    name: str
    seconds: float
    cpu_seconds: float
    hits: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The facts of one run, and nothing that was concluded from them.

    ``seconds`` and ``cpu_seconds`` are of the whole process tree, ``peak_rss`` is in bytes;
    ``hits`` counts evaluations of the edit, or is None where the process could not tell.
    ``steps`` holds every reported value as printed; ``parameters`` is the digest of the final
    model parameters, or None where no model was found; ``stack`` is where a stopped run stood.
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

    @property
    def metrics(self) -> dict[str, float]:
        """The last reported value of every metric that was reported."""
        return {name: float(values[-1]) for name, values in self.steps.items() if values}

    @property
    def phase(self) -> str:
        """The phase in which the run ended."""
        return self.phases[-1].name if self.phases else IMPORT_PHASE

    @property
    def place(self) -> Frame | None:
        """Where the exception was raised."""
        return self.error.frames[-1] if self.error and self.error.frames else None

    @property
    def digest(self) -> str:
        """Hash of everything the run produced: each metric at each step, and the parameters."""
        steps = [f"{name}={','.join(values)}" for name, values in sorted(self.steps.items())]
        return content_id(*steps, self.parameters)


class Symptom(StrEnum):
    """The three symptoms of the study (section III-A)."""

    NORMAL = "normal"
    CRASH = "crash"
    HANG = "hang"


class Rung(StrEnum):
    """How far a bug got."""

    UNREACHED = "unreached"
    MASKED = "masked"
    PROPAGATED = "propagated"
    CRASH = "crash"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the facts say of one mutant; recomputed whenever it is asked for."""

    mutant_id: str
    symptom: Symptom
    rung: Rung | None
    evidence: str
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of plain values; a figure is a table first."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    note: str = field(default="")


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, in a cell of a table."""

    count: int
    total: int


@dataclass(frozen=True, slots=True)
class FileFrame:
    """How a file's mutants became the planned ones.

    ``nodes`` and ``mutants`` are all that compile; ``dropped`` do not; ``executed_nodes`` lie on
    lines that the clean program runs; ``planned_nodes`` and ``planned`` are left by the cap per
    file. ``problem`` tells what could not be read.
    """

    root: str
    file: str
    nodes: int
    mutants: int
    dropped: int
    executed_nodes: int
    executed: int
    planned_nodes: int
    planned: int
    problem: str
