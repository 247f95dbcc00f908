"""The parts of runs that comparisons and costs need: values, times, and sums of them."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite

from trainwreck.model.trial import Draw, Exit, TrialKind


@dataclass(frozen=True, slots=True)
class Measurement:
    """The part of one run that comparisons need: its end, its values, and times in seconds.

    ``mutant_id`` is None for the clean program; ``whole`` is false where the run was ended early.
    ``cpu_seconds`` is not a number where the run started warm, or where it was not measured.
    ``environment`` is the id of what the run was made in, empty where that is not known.
    """

    mutant_id: str | None
    draw: Draw
    exit: Exit
    metrics: dict[str, float]
    seconds: float
    cpu_seconds: float
    whole: bool
    digest: str = ""
    environment: str = ""


@dataclass(slots=True)
class Values:
    """The last values of one metric, and the keys of the draws that they come from."""

    numbers: "array[float]" = field(default_factory=lambda: array("d"))
    draws: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True)
class Sample:
    """The values that the normal runs of one mutant report, in little memory.

    ``times`` are the processor seconds of those runs that were not ended early.
    """

    values: dict[str, Values] = field(default_factory=dict)
    times: "array[float]" = field(default_factory=lambda: array("d"))

    @classmethod
    def of(cls, runs: Iterable[Measurement]) -> "Sample":
        """Collect the values of all runs."""
        sample = cls()
        for run in runs:
            sample.add(run)
        return sample

    def add(self, run: Measurement) -> None:
        """Add the values and the time of one run; of a second run of its draw the time alone."""
        key = run.draw.key
        for name, value in run.metrics.items():
            values = self.values.get(name)
            if values is None:
                values = self.values[name] = Values()
            if not (key and key in values.draws):
                values.numbers.append(value)
                values.draws.append(key)
        if run.whole and isfinite(run.cpu_seconds):
            self.times.append(run.cpu_seconds)

    def numbers(self, metric: str) -> "Sequence[float]":
        """Return the last values of a metric, one for each draw."""
        return self.values[metric].numbers if metric in self.values else ()


@dataclass(frozen=True, slots=True)
class Cost:
    """The processor seconds of all runs of a kind together.

    ``first`` are those with the first seed and fold that repeat no other, ``settled`` those that a
    rule ended early. ``shared`` are seconds of stems that runs which started warm would have taken
    themselves from a cold start.
    """

    kind: TrialKind
    first: bool
    settled: bool
    runs: int
    cpu_seconds: float
    shared: float = 0.0


@dataclass(frozen=True, slots=True)
class MutantCost:
    """The processor seconds of one mutant: of its ``first`` seed and fold, and of ``further`` ones.

    ``draws`` is the number of seeds and folds that it ran with.
    """

    first: float
    further: float
    draws: int
