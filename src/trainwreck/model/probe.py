"""Probes: observations that a clean run makes about mutants that it does not contain."""

from dataclasses import dataclass
from enum import StrEnum


class ProbeKind(StrEnum):
    """The observed property: a value, a parameter's default, or evaluations alone."""

    VALUE = "value"
    DEFAULT = "default"
    EVALUATIONS = "evaluations"


@dataclass(frozen=True, slots=True)
class Probe:
    """The record of one mutant in one instrumented clean run.

    ``evaluations`` counts those of the expression around the edit (of a parameter's default:
    calls), ``differing`` those in which the mutant would have given another value, or may have.
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
