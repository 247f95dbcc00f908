"""Evidence: the facts that a verdict rests on, as data."""

from dataclasses import dataclass
from enum import StrEnum

from trainwreck.model.probe import ProbeKind
from trainwreck.model.result import Part
from trainwreck.model.stuck import Stuck
from trainwreck.model.trial import Ending, Exit

UNKNOWN_VALUE = "Unknown instead"
"""The beginning of an example without a value, as in campaigns of earlier versions."""


@dataclass(frozen=True, slots=True)
class SameCode:
    """The mutant compiles to the bytecode of the clean program."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The evaluations of the mutated code in a run; ``number`` is None where they are not known.

    ``planted`` is whether the agent reported that it had put the mutant in place.
    """

    number: int | None
    planted: bool


@dataclass(frozen=True, slots=True)
class ProbeCounts:
    """The evaluations of the changed expression in a clean run with probes.

    Of a changed default ``evaluations`` are calls and ``differing`` those that used it. ``example``
    names two values that differ, or is empty.
    """

    probe: ProbeKind
    evaluations: int
    differing: int
    example: str

    @property
    def names_values(self) -> bool:
        """Return whether the example names two values that differ."""
        return bool(self.example) and not self.example.startswith(UNKNOWN_VALUE)

    @property
    def is_infected(self) -> bool:
        """Return whether some evaluation certainly differs, or some call uses the default."""
        return self.differing > 0 and (self.probe is ProbeKind.DEFAULT or self.names_values)


@dataclass(frozen=True, slots=True)
class SameWhole:
    """The whole expression or condition around the edit, which gave the original value each time.

    ``evaluations`` are those of a clean run with probes.
    """

    evaluations: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A constant that nothing reads: a module stores it under a name, ``stores`` times.

    They are those of a clean run with probes.
    """

    stores: int


@dataclass(frozen=True, slots=True)
class CleanEvaluations:
    """The evaluations of the changed code in a clean run, where the mutant's own run has none.

    ``number`` is None where only the statement is known to be executed.
    """

    number: int | None


@dataclass(frozen=True, slots=True)
class Together:
    """A run of several ``mutants`` at once, which ended as a clean run does.

    ``ended_early`` is whether it was ended at its first report. ``runs`` is the number of such runs
    with this mutant: no other mutant of its file was in all of them.
    """

    mutants: int
    ended_early: bool
    runs: int = 1


@dataclass(frozen=True, slots=True)
class CleanEndings:
    """The results of the clean runs with one seed: ``digests`` different ones in ``runs`` runs.

    ``chance_of_unseen`` is the upper 95 % bound of the chance that the next run has a new one.
    """

    digests: int
    runs: int
    chance_of_unseen: float

    @property
    def repeats(self) -> bool:
        """Return whether some clean run ended as an earlier one had."""
        return self.digests < self.runs


@dataclass(frozen=True, slots=True)
class DigestComparison:
    """The result of a run beside those of clean runs.

    ``parts`` are those that the digest covers. Of a result that is not clean, ``differing`` are
    the parts in which no clean run agrees, and ``files`` the names of the files that differ.
    """

    digest: str
    is_clean: bool
    parts: tuple[Part, ...]
    clean: CleanEndings
    differing: tuple[Part, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndedEarly:
    """A run was ended at the start of ``phase`` because ``mark`` is the state of a clean run."""

    mark: str
    phase: str


class Second(StrEnum):
    """The end of the second run of a mutant with the first seed.

    It is made where clean runs end in several ways and the first run ended in none of them, and
    where the first run crashed and no exception says why: such a crash may be chance.
    """

    CLEAN = "as a clean run"
    SAME = "as its first run"
    OTHER = "neither as a clean run nor as its first run"
    FAILED = "in a crash or a hang"
    UNREACHED = "without a known evaluation of the changed code"
    MISSING = "not made"


@dataclass(frozen=True, slots=True)
class SecondRun:
    """The run that repeats the first one with the same seed."""

    how: Second
    hits: int | None
    digest: str


@dataclass(frozen=True, slots=True)
class Raised:
    """The exception that ended a run; ``file`` is empty where no line is known."""

    type: str
    message: str
    file: str
    line: int
    phase: str


@dataclass(frozen=True, slots=True)
class EndedBy:
    """The end of a run that no exception ended, and the phase it ended in."""

    exit: Exit
    phase: str


@dataclass(frozen=True, slots=True)
class MissingMetrics:
    """The metrics of clean runs that a run did not report."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unproven:
    """A run that proves nothing, broken or lost, with the reason."""

    ending: Ending
    reason: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """The reason that an imported record gives, or an empty text."""

    why: str


EvidenceItem = (
    SameCode
    | Hits
    | ProbeCounts
    | SameWhole
    | Unread
    | CleanEvaluations
    | Together
    | CleanEndings
    | DigestComparison
    | EndedEarly
    | SecondRun
    | Raised
    | EndedBy
    | Stuck
    | MissingMetrics
    | Unproven
    | Recorded
)


class CrashRule(StrEnum):
    """A rule that decides the cause of a crash."""

    RAISES_BEHIND_CONDITION = "raises-behind-condition"
    RAISES_BELOW = "raises-below"
    OPERANDS_REFUSED = "operands-refused"
    OUT_OF_RANGE_HERE = "out-of-range-here"
    NAME_WITHOUT_VALUE = "name-without-value"
    FAILED_ELSEWHERE = "failed-elsewhere"
    ASSIGNS_BELOW = "assigns-below"
    BRANCH_WITHOUT_EXCEPTION = "branch-without-exception"
    NEITHER_RAISES_NOR_ASSIGNS = "neither-raises-nor-assigns"
    RESULT_REFUSED = "result-refused"
    MISMATCH = "mismatch"
    VALUE_KEPT = "value-kept"
    VALUE_KEPT_WITHOUT_EXCEPTION = "value-kept-without-exception"
    RECORDED = "recorded"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CauseReason:
    """The rule that decided a crash's cause, with the ``line`` or exception that it points to."""

    rule: CrashRule
    line: int | None = None
    exception: str = ""


class Ground(StrEnum):
    """One reason for the impact of a mutant on one measure."""

    IMPOSSIBLE_VALUE = "impossible-value"
    SEED_IGNORED = "seed-ignored"
    NO_CLEAN_VALUE = "no-clean-value"
    NO_MUTANT_VALUE = "no-mutant-value"
    BEYOND_MARGIN = "beyond-margin"
    WITHIN_MARGIN = "within-margin"
    DIFFERENT = "different"
    SIZE_OPEN = "size-open"
    ONE_VALUE = "one-value"
    EQUAL_TO_CLEAN = "equal-to-clean"
    DIRECTIONS_DISAGREE = "directions-disagree"
    NO_DIFFERENCE = "no-difference"
    TOO_FEW_RUNS = "too-few-runs"
    TOO_FEW_TO_BE_EQUIVALENT = "too-few-to-be-equivalent"
    ONE_CLEAN_RUN = "one-clean-run"
    NO_MARGIN = "no-margin"
    MARGIN_OF_ZERO = "margin-of-zero"
    NO_EQUIVALENCE = "no-equivalence"
    HOPELESS = "hopeless"
