"""A verdict: the conclusion from the facts about a mutant."""

from dataclasses import dataclass
from enum import StrEnum

from trainwreck.model.evidence import CauseReason, EvidenceItem, Ground, Second
from trainwreck.model.mutant import Mutant, PlannedMutant
from trainwreck.model.result import VALUES_ALONE, Part
from trainwreck.model.trial import NO_VERDICT, Ending


class Symptom(StrEnum):
    """The three symptoms of the paper (section III-A)."""

    NORMAL = "normal"
    CRASH = "crash"
    HANG = "hang"


class Rung(StrEnum):
    """The stage that a mutant reached in the RIPR model (reach, infect, propagate, reveal)."""

    UNREACHED = "unreached"
    UNINFECTED = "uninfected"
    MASKED = "masked"
    PROPAGATED = "propagated"
    CRASH = "crash"
    HANG = "hang"


MASKED_VALUES = "masked (printed values)"
"""The class of masked mutants whose printed values alone were compared."""

RUNG_CLASSES: tuple[str, ...] = tuple(
    name for rung in Rung for name in ((rung, MASKED_VALUES) if rung is Rung.MASKED else (rung,))
)
"""The rungs in their order; those masked by printed values alone are a class beside the rest."""


class Impact(StrEnum):
    """The effect of a propagated mutant on the reported metrics, or on the time of the run.

    ``degraded`` and ``improved`` lie beyond the margin, ``equivalent`` within; of ``worse`` and
    ``better`` the direction is shown and the size is not. ``changed`` is said of programs that
    ignore the seed: all runs of one program are the same run, and there is nothing to test.
    """

    INVALID = "invalid"
    DEGRADED = "degraded"
    IMPROVED = "improved"
    WORSE = "worse"
    BETTER = "better"
    EQUIVALENT = "equivalent"
    CHANGED = "changed"
    UNDECIDED = "undecided"
    SLOWER = "slower"
    FASTER = "faster"


SHOWN = frozenset(
    [Impact.INVALID, Impact.DEGRADED, Impact.IMPROVED, Impact.WORSE, Impact.BETTER, Impact.CHANGED]
)
"""The impacts of metrics that differ."""


class Cause(StrEnum):
    """The cause of a crash: one of the five classes of the paper (section IV-B), or another."""

    RAISE_UNDER_CONDITION = "raise"
    ASSIGNMENT_UNDER_CONDITION = "assignment"
    TYPE_ERROR = "type"
    DIMENSION = "dimension"
    ASSIGNED_VALUE = "value"
    OTHER = "other"


class Rule(StrEnum):
    """A rule that settles a mutant without a run to the end.

    ``CUT`` and ``HORIZON`` no longer exist: campaigns and exports made while they did have them.
    """

    SAME_CODE = "same-code"
    PROBE = "probe"
    UNUSED_DEFAULT = "unused-default"
    SAME_CALL = "same-call"
    UNREAD = "unread"
    CUT = "cut"
    HORIZON = "horizon"
    TOGETHER = "together"
    STUCK = "stuck"

    @property
    def proven(self) -> bool:
        """Return whether the run *is* a clean run, rather than very likely to end as expected."""
        return self not in (Rule.UNREAD, Rule.HORIZON, Rule.TOGETHER, Rule.STUCK)

    def proven_where(self, ends: int) -> bool:
        """Return whether the rule proves a result where clean runs have ``ends`` different ones.

        Of several results, a probed run has observed only one.
        """
        return self is Rule.SAME_CODE or (self.proven and ends == 1)


RULES_IN_USE = tuple(rule for rule in Rule if rule not in (Rule.CUT, Rule.HORIZON))
"""The rules that can still settle a mutant."""


@dataclass(frozen=True, slots=True)
class VerdictSettings:
    """The limits beyond which a difference counts, with the defaults of the settings file.

    ``alpha`` is the level of every test. A change of the time by at most ``time_margin``, as a
    share of the clean median, is none.
    """

    alpha: float = 0.05
    time_margin: float = 0.1


class EndingDoubt(StrEnum):
    """A doubt that the final states of a mutant's runs leave open."""

    OTHER_RUN_UNSEEN = "other-run-unseen"
    NO_SECOND_RUN = "no-second-run"
    SECOND_RUN_UNREACHED = "second-run-unreached"
    SHARED_STATE = "shared-state"


@dataclass(frozen=True, slots=True)
class SharedEnding:
    """A final state in which mutants of several files ended, and no clean run.

    ``mutants`` are their ids in the order of the plan, ``files`` the number of the files.
    """

    mutants: tuple[str, ...]
    files: int


RUN = "run"
"""The value of ``decided_by`` where a mutant's own run settles it, and no rule."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first reported value that no clean run with the same seed has at this step.

    ``step`` counts the values of ``metric`` from 1. ``value`` is None where the run reported
    fewer values than clean ones. ``clean`` are the values of clean runs at this step, empty where
    they had ended.
    """

    metric: str
    step: int
    phase: str
    value: str | None
    clean: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distance:
    """The distance from the edit to the crash that it caused; None where it is not known.

    ``calls`` lie between the changed function and the one that raised. ``lines`` lie between the
    edit and the raising line of the same file. ``seconds`` passed between the first evaluation and
    the exception.
    """

    calls: int | None
    lines: int | None
    seconds: float | None


class Pace(StrEnum):
    """Work and time against clean runs."""

    MORE_WORK = "more work"
    LESS_WORK = "less work"
    SLOWER = "slower"
    FASTER = "faster"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Effort:
    """The work and time of a run against clean ones; ``work`` maps counters to (run, clean).

    ``cpu_ratio`` is its processor time divided by the clean mean with the same seed.
    """

    pace: Pace
    work: dict[str, tuple[int, int]]
    cpu_ratio: float


TIME = "processor time"
"""The measure that every run has beside its metrics, in seconds."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A mutant's runs against those of the clean program, in one metric or in ``TIME``.

    ``difference`` is that of the means, buggy minus clean, in the measure's unit, with its
    ``interval``. ``shared`` is the mean difference between the ``pairs`` of runs with the same
    seed and fold. ``a12`` is the chance that a buggy run has the higher value.

    ``p`` asks for any difference, ``beyond`` for one that is larger than the ``margin``,
    ``equivalence`` for one that is smaller. All count every planned analysis and are corrected over
    all mutants that are compared. ``attainable`` is the smallest ``p`` that this number of
    runs allows before the correction. ``exact`` is false where ranks were compared approximately.
    A field is None where there is nothing to compute it from.

    ``grounds`` are what decided, the most important first. ``rises`` is the direction, None where
    ranks and means disagree. ``illegal`` are impossible values, ``ratio`` is the median time
    divided by the clean one. ``not_excluded`` is the largest rate of runs with a collapse that a
    verdict of equivalence leaves possible.
    """

    measure: str
    runs: int
    clean: int
    difference: float | None = None
    interval: tuple[float, float] | None = None
    shared: float | None = None
    pairs: int = 0
    a12: float | None = None
    p: float | None = None
    beyond: float | None = None
    equivalence: float | None = None
    margin: float | None = None
    attainable: float = 1.0
    exact: bool = True
    impact: Impact | None = None
    grounds: tuple[Ground, ...] = ()
    rises: bool | None = None
    illegal: tuple[float, ...] = ()
    ratio: float | None = None
    not_excluded: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion about one mutant; recomputed whenever it is asked for.

    ``evidence`` are the facts that it rests on. ``decided_by`` is a rule, or ``run``; ``ends`` is
    the number of ways in which clean runs ended. ``impact`` and ``compared`` are those of a
    propagated mutant, ``cause`` is that of a crash, with its reason.

    ``unseen`` are the digests of its runs with the first seed in which no clean run has ended.
    ``shared`` is the first of these states in which mutants of other files ended as well.
    ``second`` is None where no second run is asked for. ``ends_as`` is the digest of the clean run
    that a mutant settled by a rule follows, empty for the first one.

    ``parts`` are those of its result that were compared with clean runs: none of a crash or a
    hang, and none where a rule needs no run.

    Where its run proves nothing, ``ending`` says whether it is broken or lost; then there is
    neither a symptom nor a rung, and the mutant counts as one without a verdict.
    """

    mutant_id: str
    symptom: Symptom | None
    rung: Rung | None
    evidence: tuple[EvidenceItem, ...] = ()
    decided_by: str = RUN
    divergence: Divergence | None = None
    distance: Distance | None = None
    effort: Effort | None = None
    ends: int = 1
    impact: tuple[Impact, ...] = ()
    compared: tuple[Compared, ...] = ()
    cause: Cause | None = None
    cause_reason: CauseReason | None = None
    second: Second | None = None
    unseen: tuple[str, ...] = ()
    shared: SharedEnding | None = None
    ends_as: str = ""
    parts: tuple[Part, ...] = ()
    ending: Ending | None = None

    @property
    def symptom_class(self) -> str:
        """Return the symptom, or ``no verdict``."""
        return self.symptom or NO_VERDICT

    @property
    def rung_class(self) -> str | None:
        """Return the rung, the class of what is masked by printed values alone, or ``no verdict``.

        None where the rung is not known.
        """
        if self.symptom is None:
            return NO_VERDICT
        values_alone = self.rung is Rung.MASKED and self.parts == VALUES_ALONE
        return MASKED_VALUES if values_alone else self.rung

    @property
    def certainty(self) -> str:
        """Return ``proven`` or ``assumed`` for a decision by a rule, otherwise ``run``."""
        if self.decided_by == RUN:
            return RUN
        return "proven" if Rule(self.decided_by).proven_where(self.ends) else "assumed"


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """A planned mutant with its verdict; it stands for ``weight`` mutants on executed lines."""

    planned: PlannedMutant
    verdict: Verdict
    weight: float = 1.0

    def __repr__(self) -> str:
        """Name the mutant and what came of it: all that is known of both is long."""
        return f"Judged({self.mutant.name!r}, {self.verdict.rung_class or 'rung unknown'})"

    @property
    def mutant(self) -> Mutant:
        """Return the mutant without its phases."""
        return self.planned.mutant

    @property
    def phases(self) -> tuple[str, ...]:
        """Return the phases in which its line runs."""
        return self.planned.phases
