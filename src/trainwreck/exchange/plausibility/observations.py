"""Runs and mutants as they were read, and what checks doubt about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from trainwreck.model import Draw, Rung, Symptom
from trainwreck.model.doubt import Doubt, PlausibilityCheck


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A difference between what a check expected and what it observed, in any record.

    ``basis`` says what the expectation rests on, or is empty.
    """

    check: PlausibilityCheck
    expected: str
    observed: str
    basis: str = ""

    def of(self, line: int, record: str) -> Doubt:
        """Return the doubt about this record, which stands on this line."""
        return Doubt(line, record, self.check, self.expected, self.observed, self.basis)


Start = Draw | int
"""Seed and fold of a run; without a known seed, its index among the runs of its mutant."""


class ObservedRun(Struct, frozen=True, kw_only=True):
    """One run as it was read; a field is None where its value is unknown.

    - ``metrics`` are the last values, ``series`` all reported values as printed.
    - ``seconds`` is wall time.
    - ``fine`` is whether it ended by itself with success.
    - ``whole`` is whether no rule ended it early.
    - ``measured`` is false for clean runs under coverage or probes, whose times differ.
    - ``explained`` is true where the record calls an impossible value the effect of the bug.
    """

    # A check creates a million of these twice, and a dataclass is too slow for that.
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
        """Return the name of the record, with the run's seed and fold."""
        return self.record if self.draw is None else f"{self.record}, {start_name(self.draw)}"


def start_name(start: Start) -> str:
    """Return seed and fold of a run, or its number, for a reader."""
    if isinstance(start, int):
        return f"run {start + 1}"
    return f"seed {start.seed}, fold {start.fold}" if start.fold else f"seed {start.seed}"


@dataclass(frozen=True, slots=True)
class ObservedMutant:
    """One mutant as it was read, its first run first.

    - ``failed`` is whether the record names an exception.
    - ``in_line`` is whether the exception was raised in the changed line.
    - ``change`` holds file, position and text of the edit, where all are known.
    - ``location`` names file and function.
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
    location: str = ""

    @property
    def started_runs(self) -> list[tuple[Start, ObservedRun]]:
        """Return each run with its start."""
        return [
            (index if run.draw is None else run.draw, run) for index, run in enumerate(self.runs)
        ]

    @property
    def normal_runs(self) -> list[tuple[Start, ObservedRun]]:
        """Return the runs of a normal mutant that reached their end, with their starts."""
        if self.symptom is not Symptom.NORMAL:
            return []
        return [
            (start, run) for start, run in self.started_runs if run.whole and run.fine is not False
        ]
