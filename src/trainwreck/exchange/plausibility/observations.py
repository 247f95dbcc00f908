"""Runs and mutants as they were read, and the doubts that checks raise about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from trainwreck.model import Draw, Rung, Symptom
from trainwreck.model.doubt import Doubt, PlausibilityCheck


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt before it is known of which record it is."""

    check: PlausibilityCheck
    expected: str
    found: str
    basis: str = ""

    def of(self, line: int, record: str) -> Doubt:
        """Return the doubt about this record."""
        return Doubt(line, record, self.check, self.expected, self.found, self.basis)


Start = Draw | int
"""Seed and fold of a run; where no seed is known, its place among the runs of its mutant."""


class ObservedRun(Struct, frozen=True, kw_only=True):
    """One run as it was read; None where something is not known.

    ``fine`` is whether it ended by itself with success, ``whole`` whether no rule ended it early.
    ``measured`` is false for clean runs that were watched, and so not like the others;
    ``explained`` is set where the record calls an impossible value the effect of the bug. A million
    of them are made twice, which a dataclass is too slow for.
    """

    line: int
    record: str
    draw: Draw | None = None
    metrics: dict[str, float] = {}
    series: dict[str, tuple[str, ...]] = {}
    seconds: float | None = None
    cpu_seconds: float | None = None
    fine: bool | None = None
    log: str = ""
    work: dict[str, int] | None = None
    whole: bool = True
    measured: bool = True
    explained: bool = False

    @property
    def name(self) -> str:
        """The record with what the run started from."""
        return self.record if self.draw is None else f"{self.record}, {start_name(self.draw)}"


def start_name(start: Start) -> str:
    """Return what a run started from, for a reader."""
    if isinstance(start, int):
        return f"run {start + 1}"
    return f"seed {start.seed}, fold {start.fold}" if start.fold else f"seed {start.seed}"


@dataclass(frozen=True, slots=True)
class ObservedMutant:
    """One mutant as it was read, its first run first.

    ``failed`` is whether the record names an exception, ``in_line`` whether it was raised in the
    changed line; ``change`` is file, place and text of the edit, where all are known, ``place``
    names file and function.
    """

    line: int
    record: str
    symptom: Symptom | None
    runs: Sequence[ObservedRun] = ()
    failed: bool | None = None
    in_line: bool = False
    hits: int | None = None
    change: tuple[object, ...] | None = None
    rung: Rung | None = None
    place: str = ""

    @property
    def started_runs(self) -> list[tuple[Start, ObservedRun]]:
        """Each run with what it started from."""
        return [
            (place if run.draw is None else run.draw, run) for place, run in enumerate(self.runs)
        ]

    @property
    def normal_runs(self) -> list[tuple[Start, ObservedRun]]:
        """The runs that ended normally and were not ended early."""
        if self.symptom is not Symptom.NORMAL:
            return []
        return [
            (start, run) for start, run in self.started_runs if run.whole and run.fine is not False
        ]
