"""The series that many runs with the same start report, and runs that agree with them in part."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trainwreck.exchange.plausibility.distance import SPLIT_SHARE, STEP_SHARE, Apart, apart
from trainwreck.exchange.plausibility.logs import numbers_of
from trainwreck.exchange.plausibility.observations import (
    Finding,
    ObservedMutant,
    ObservedRun,
    Start,
    start_name,
)
from trainwreck.model.doubt import Doubt, PlausibilityCheck

Series = Mapping[str, tuple[str, ...]]

COMMON, COMMON_SHARE = 5, 0.2
"""Series are common where that many runs report them, and that share of those with their start."""

KEPT = 200_000
"""Different series that are counted at a time."""

SHORTEST = 6
"""A shorter series agrees with another in part by chance."""

CHANGING = 4
"""A metric that agrees says something where it has that many different values."""

RETURNING = 3
"""A series has returned to another where it has that many different values in common again."""

WORDS = re.compile(r"[a-z0-9]{2,}")
SPLITS = frozenset(["val", "valid", "validation", "test", "train", "eval", "dev"])
"""Words in names of metrics that say on which data they are."""

OFTEN = 0.1
"""Where more of the other runs agree in the same part, that part says nothing of training: a
schedule of learning rates is the same in all runs."""


@dataclass
class JointSeries:
    """Counts of all metrics' series of a run taken together, by what the run started from.

    Series are known by their hashes, and kept from the time when they may be common. Where there
    are more different ones than ``KEPT``, those that came once are forgotten, so that counts may be
    too low (lossy counting: Manku and Motwani, VLDB 2002).
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
        """Return the series that are common, by what runs started from."""
        found: dict[Start, list[Common]] = {}
        for key, series in self._kept.items():
            count, runs = self._counts[key], self._runs[key[0]]
            if count >= COMMON_SHARE * runs:
                found.setdefault(key[0], []).append(Common(series, count, runs))
        return found


@dataclass(frozen=True, slots=True)
class Common:
    """Series that ``count`` of ``runs`` runs with the same start report."""

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
    apart: Apart


@dataclass(frozen=True, slots=True)
class _Parted:
    """Where a run leaves a common series: ``alike`` are the metrics in which it does not.

    ``is_back`` is whether it differs in isolated steps only.
    """

    common: Common
    alike: tuple[str, ...]
    steps: tuple[_Step, ...]
    is_back: bool

    @property
    def largest(self) -> _Step:
        """The largest difference."""
        return max(self.steps, key=lambda step: step.apart.share)

    @property
    def is_doubtful(self) -> bool:
        """Whether the difference is too large for the rest to agree."""
        return self.largest.apart.is_large(STEP_SHARE if self.is_back else SPLIT_SHARE)

    @property
    def part(self) -> tuple[str, ...]:
        """The part that agrees: names of metrics, or nothing where it is some steps."""
        return () if self.is_back else self.alike


class Partings:
    """Runs that agree with a common series in part, gathered mutant by mutant."""

    def __init__(self, commons: Mapping[Start, Sequence[Common]]) -> None:
        self._commons = commons
        self._numbers: Counter[tuple[Start, tuple[str, ...]]] = Counter()
        self._doubts: dict[tuple[Start, tuple[str, ...]], list[Doubt]] = {}

    def add(self, mutant: ObservedMutant) -> None:
        """Compare the normal runs of one mutant with the common series of their starts."""
        if not self._commons:
            return
        compared = [(s, run) for s, run in mutant.normal_runs if run.series and s in self._commons]
        parted = [(s, run, _parted(run.series, self._commons[s])) for s, run in compared]
        found = [(start, run, each) for start, run, each in parted if each]
        # A bug in the code that reports a metric changes that metric alone, with every seed.
        parts = {each.part for _, _, each in found}
        systematic = len(found) == len(compared) > 1 and len(parts) == 1 and parts != {()}
        for start, run, each in found:
            if not all(_reports(mutant.place, step.metric) for step in each.steps):
                self._add(start, run, each, each.is_doubtful and not systematic)

    def _add(self, start: Start, run: ObservedRun, parted: _Parted, is_doubtful: bool) -> None:
        key = start, parted.part
        self._numbers[key] += 1
        if self._numbers[key] > self._limit(start):
            self._doubts.pop(key, None)
        elif is_doubtful:
            finding = _finding(start, parted)
            self._doubts.setdefault(key, []).append(finding.of(run.line, run.name))

    def _limit(self, start: Start) -> float:
        commons = self._commons[start]
        return max(1, OFTEN * (commons[0].runs - sum(each.count for each in commons)))

    def doubts(self) -> Iterator[Doubt]:
        """Yield the doubts, once all mutants were compared."""
        for doubts in self._doubts.values():
            yield from doubts


def _reports(place: str, metric: str) -> bool:
    """Whether code in this place is named after the metric, so that it may be what reports it."""
    names = set(WORDS.findall(metric.lower())) - SPLITS | {"metric"}
    return any(name in place.lower() for name in names)


def _parted(series: Series, commons: Sequence[Common]) -> _Parted | None:
    """Return where a run leaves the first common series with which it agrees in part."""
    if any(_is_same(series, common.series) for common in commons):
        return None
    return next(filter(None, (_parted_from(series, common) for common in commons)), None)


def _is_same(series: Series, common: Series) -> bool:
    return series == common


def _parted_from(series: Series, common: Common) -> _Parted | None:
    names = [
        name
        for name, usual in common.series.items()
        if len(usual) == len(series.get(name, ())) >= SHORTEST
    ]
    left = [name for name in names if series[name] != common.series[name]]
    alike = tuple(n for n in names if n not in left and len(set(common.series[n])) >= CHANGING)
    is_back = all(_is_back(series[name], common.series[name]) for name in left)
    if not left or not (alike or is_back):
        return None
    steps = tuple(_step(name, series[name], common.series[name]) for name in left)
    return _Parted(common, alike, steps, is_back)


def _is_back(values: Sequence[str], usual: Sequence[str]) -> bool:
    """Whether a series that left a common one is the same again later."""
    last = max(place for place, value in enumerate(values) if value != usual[place])
    return len(set(usual[last + 1 :])) >= RETURNING


def _step(metric: str, values: Sequence[str], usual: Sequence[str]) -> _Step:
    largest = apart(numbers_of(values), numbers_of(usual))
    place = largest.place
    return _Step(metric, place + 1, values[place], usual[place], largest)


def _finding(start: Start, parted: _Parted) -> Finding:
    common, step = parted.common, parted.largest
    who = f"{common.count} of {common.runs} runs with {start_name(start)}"
    if isinstance(start, int):
        who = f"{common.count} of {common.runs} runs in this place"
    expected = f"{step.metric} {step.usual} at step {step.step}"
    if parted.is_back:
        basis = f"as {who} report, with which it agrees again later"
    else:
        basis = f"as {who} report, with which it agrees in every value of {', '.join(parted.alike)}"
    found = f"{step.value} (as a bug may have it that changes only how {step.metric} is reported)"
    return Finding(PlausibilityCheck.PARTLY, expected, found, basis)
