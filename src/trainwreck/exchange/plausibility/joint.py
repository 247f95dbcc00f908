"""Check for runs that agree in part with series which many runs with the same start report."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trainwreck.exchange.plausibility.distance import (
    SPLIT_SHARE,
    STEP_SHARE,
    LargestDifference,
    largest_difference,
)
from trainwreck.exchange.plausibility.logs import numbers_of
from trainwreck.exchange.plausibility.observations import (
    Discrepancy,
    ObservedMutant,
    ObservedRun,
    Start,
    start_name,
)
from trainwreck.model.doubt import Doubt, PlausibilityCheck

Series = Mapping[str, tuple[str, ...]]

COMMON, COMMON_SHARE = 5, 0.2
"""Series are common where this number of runs report them, and this share of their start's runs."""

KEPT = 200_000
"""Number of different series that are counted at a time."""

SHORTEST = 6
"""Number of values below which series agree in part by chance."""

CHANGING = 4
"""Number of different values from which on the agreement of a metric is no chance."""

RETURNING = 3
"""Number of different values after which a series has returned to the common one."""

WORDS = re.compile(r"[a-z0-9]{2,}")
SPLITS = frozenset(["val", "valid", "validation", "test", "train", "eval", "dev"])
"""Words in names of metrics that name the data set, not the measure."""

OFTEN = 0.1
"""Share of the other runs from which on agreement in the same part is no sign of a forgery.

A schedule of learning rates, for example, is the same in all runs.
"""


@dataclass
class JointSeries:
    """Numbers of runs by the series of all their metrics together, for each start.

    Series are counted by their hashes, and stored when they may be common. With more than ``KEPT``
    different ones, those that came once are forgotten. So counts may be too low (lossy counting:
    Manku and Motwani, VLDB 2002).
    """

    _runs: Counter[Start] = field(default_factory=Counter)
    _counts: Counter[tuple[Start, int]] = field(default_factory=Counter)
    _kept: dict[tuple[Start, int], Series] = field(default_factory=dict)

    def add(self, start: Start, series: Series) -> None:
        """Count the series of one run."""
        if max(map(len, series.values()), default=0) < SHORTEST:
            return
        key = start, hash(tuple(sorted(series.items())))
        self._runs[start] += 1
        self._counts[key] += 1
        if self._counts[key] == COMMON:
            self._kept[key] = series
        if len(self._counts) > KEPT:
            self._counts = Counter({key: n for key, n in self._counts.items() if n > 1})

    def commons(self) -> dict[Start, list["Common"]]:
        """Return the common series of each start."""
        commons: dict[Start, list[Common]] = {}
        for key, series in self._kept.items():
            count, runs = self._counts[key], self._runs[key[0]]
            if count >= COMMON_SHARE * runs:
                commons.setdefault(key[0], []).append(Common(series, count, runs))
        return commons


@dataclass(frozen=True, slots=True)
class Common:
    """The series that ``count`` of ``runs`` runs with the same start report."""

    series: Series
    count: int
    runs: int


@dataclass(frozen=True, slots=True)
class _Step:
    """The largest difference of a metric from a common series, at ``step``, counted from 1."""

    metric: str
    step: int
    value: str
    usual: str
    difference: LargestDifference


@dataclass(frozen=True, slots=True)
class _Departure:
    """A run's departure from a common series, with the largest difference of each metric.

    ``alike`` are the metrics that agree. ``returns`` is whether only isolated steps differ.
    """

    common: Common
    alike: tuple[str, ...]
    steps: tuple[_Step, ...]
    returns: bool

    @property
    def largest(self) -> _Step:
        """Return the largest difference of all metrics."""
        return max(self.steps, key=lambda step: step.difference.share)

    @property
    def is_doubtful(self) -> bool:
        """Return whether the difference is too large for the rest to agree."""
        return self.largest.difference.is_large(STEP_SHARE if self.returns else SPLIT_SHARE)

    @property
    def part(self) -> tuple[str, ...]:
        """Return the names of the metrics that agree; none where steps of all metrics agree."""
        return () if self.returns else self.alike


class Departures:
    """Runs that agree with a common series in part, collected mutant by mutant."""

    def __init__(self, commons: Mapping[Start, Sequence[Common]]) -> None:
        self._commons = commons
        self._numbers: Counter[tuple[Start, tuple[str, ...]]] = Counter()
        self._doubts: dict[tuple[Start, tuple[str, ...]], list[Doubt]] = {}

    def add(self, mutant: ObservedMutant) -> None:
        """Compare the normal runs of one mutant with the common series of their starts."""
        if not self._commons:
            return
        compared = [(s, run) for s, run in mutant.normal_runs if run.series and s in self._commons]
        departures = [
            (start, run, departure)
            for start, run in compared
            if (departure := _departure(run.series, self._commons[start]))
        ]
        # A bug in the code that reports a metric changes that metric alone, with every seed.
        parts = {departure.part for _, _, departure in departures}
        systematic = len(departures) == len(compared) > 1 and len(parts) == 1 and parts != {()}
        for start, run, departure in departures:
            if not all(_reports(mutant.location, step.metric) for step in departure.steps):
                self._add(start, run, departure, departure.is_doubtful and not systematic)

    def _add(self, start: Start, run: ObservedRun, departure: _Departure, doubtful: bool) -> None:
        """Count the part that agrees, and note the doubt unless other runs often agree so."""
        key = start, departure.part
        self._numbers[key] += 1
        if self._numbers[key] > self._limit(start):
            self._doubts.pop(key, None)
        elif doubtful:
            discrepancy = _discrepancy(start, departure)
            self._doubts.setdefault(key, []).append(discrepancy.of(run.line, run.name))

    def _limit(self, start: Start) -> float:
        """Return the number of runs up to which agreement in one part is rare."""
        commons = self._commons[start]
        return max(1, OFTEN * (commons[0].runs - sum(common.count for common in commons)))

    def doubts(self) -> Iterator[Doubt]:
        """Yield the doubts; call this after all mutants were added."""
        for doubts in self._doubts.values():
            yield from doubts


def _reports(location: str, metric: str) -> bool:
    """Return whether a file or function is named after the metric, so that it may report it."""
    names = set(WORDS.findall(metric.lower())) - SPLITS | {"metric"}
    return any(name in location.lower() for name in names)


def _departure(series: Series, commons: Sequence[Common]) -> _Departure | None:
    """Return the departure from the first common series with which a run agrees in part.

    There is none where the run has one of the common series.
    """
    if any(series == common.series for common in commons):
        return None
    return next(filter(None, (_departure_from(series, common) for common in commons)), None)


def _departure_from(series: Series, common: Common) -> _Departure | None:
    """Return the departure from one common series; None unless some part agrees."""
    names = [
        name
        for name, usual in common.series.items()
        if len(usual) == len(series.get(name, ())) >= SHORTEST
    ]
    differing = [name for name in names if series[name] != common.series[name]]
    equal = [name for name in names if name not in differing]
    alike = tuple(name for name in equal if len(set(common.series[name])) >= CHANGING)
    returns = all(_returns(series[name], common.series[name]) for name in differing)
    if not differing or not (alike or returns):
        return None
    steps = tuple(_step(name, series[name], common.series[name]) for name in differing)
    return _Departure(common, alike, steps, returns)


def _returns(values: Sequence[str], usual: Sequence[str]) -> bool:
    """Return whether a series that differs from a common one equals it again at its end."""
    last = max(index for index, value in enumerate(values) if value != usual[index])
    return len(set(usual[last + 1 :])) >= RETURNING


def _step(metric: str, values: Sequence[str], usual: Sequence[str]) -> _Step:
    largest = largest_difference(numbers_of(values), numbers_of(usual))
    index = largest.index
    return _Step(metric, index + 1, values[index], usual[index], largest)


def _discrepancy(start: Start, departure: _Departure) -> Discrepancy:
    common, step = departure.common, departure.largest
    others = f"{common.count} of {common.runs} runs with {start_name(start)}"
    if isinstance(start, int):
        others = f"{common.count} of {common.runs} runs at this position"
    expected = f"{step.metric} {step.usual} at step {step.step}"
    metrics = ", ".join(departure.alike)
    agreement = "again later" if departure.returns else f"in every value of {metrics}"
    basis = f"as {others} report, with which it agrees {agreement}"
    observed = f"{step.value} (a bug that changes only how {step.metric} is reported may cause it)"
    return Discrepancy(PlausibilityCheck.PARTLY, expected, observed, basis)
