"""Probes: observations that a clean run makes about mutants that it does not contain."""

from dataclasses import dataclass
from enum import StrEnum


class DoubtOfValues(StrEnum):
    """Doubts about values alone: when the expression was first evaluated is certain."""

    DEFAULTS_READ = "the program reads the function's defaults"
    EVALUATION_FAILED = "an evaluation was ended by an exception"


class DoubtOfText(StrEnum):
    """Doubts that do not count where several mutants run together, as the program sees them all."""

    SOURCE_READ = "the program reads the source of this file"
    NEVER_EVALUATED = "nothing evaluates it"


MOST_DIFFERING = 1000
"""Differing evaluations after which the agent compares those of a mutant no more."""


class ProbeKind(StrEnum):
    """The observed property: a value, a parameter's default, or evaluations alone."""

    VALUE = "value"
    DEFAULT = "default"
    EVALUATIONS = "evaluations"


@dataclass(frozen=True, slots=True)
class Probe:
    """The record of one mutant in one instrumented clean run.

    ``evaluations`` counts those of the expression around the edit (of a parameter's default:
    calls), ``differing`` those in which the mutant would have given another value, or may have, of
    values at most MOST_DIFFERING in a process.
    Kind EVALUATIONS knows nothing of values. ``counts`` are the evaluations up to each report
    (see Outcome.reports) in the main process; of a default, calls that took it. ``hits`` are
    those that a run of the mutant counts before its first report. ``doubt`` says why the record
    proves nothing of this mutant, or is empty.
    """

    mutant_id: str
    trial_id: str
    kind: ProbeKind
    evaluations: int
    differing: int
    example: str
    counts: tuple[int, ...]
    hits: int
    doubt: str


SAME_WHOLE = "same whole"
"""An observation of the run with probes: the mutants whose whole expression never differed.

It maps each of their ids to the number of evaluations of the expression or condition around the
edit.
"""


WHOLE = " whole"


UNREAD = "unread"
"""An observation of the run with probes: the mutants of constants that nothing reads.

It maps each of their ids to the number of times that a module stored the constant.
"""


def whole_key(mutant_id: str) -> str:
    """Return the name under which a probe records the whole expression around a mutant's edit."""
    return f"{mutant_id}{WHOLE}"


def mutant_of_whole(key: str) -> str:
    """Return the id of the mutant that a name of `whole_key` is about."""
    return key.removesuffix(WHOLE)


UNREAD_KEY = " unread"


def unread_key(mutant_id: str) -> str:
    """Return the name under which a probe records whether a mutant's constant is read."""
    return f"{mutant_id}{UNREAD_KEY}"


def mutant_of_unread(key: str) -> str:
    """Return the id of the mutant that a name of `unread_key` is about."""
    return key.removesuffix(UNREAD_KEY)
