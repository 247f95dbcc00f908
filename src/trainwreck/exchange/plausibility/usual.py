"""Times, values and series that clean runs, or else normal runs of mutants, have in common."""

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from statistics import median

from trainwreck.exchange.plausibility.joint import Common, JointSeries
from trainwreck.exchange.plausibility.logs import TRACEBACK, PrintedMetrics
from trainwreck.exchange.plausibility.observations import ObservedMutant, ObservedRun, Start
from trainwreck.model import Draw, Metric, Which

ACCURACY = re.compile(r"(^|[^a-z0-9])acc(uracy)?$", re.IGNORECASE)
LEAST = 5
"""Number of normal runs of mutants below which nothing is called usual."""
MOST = 0.75
"""Share of the normal runs from which on a number of values is usual."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The facts that other runs have in common, with which one run is compared.

    - ``seconds`` is a median wall time; ``timed`` names the runs that it rests on.
    - ``share`` is the usual processor time per wall time.
    - ``draws`` are the seeds and folds of clean runs.
    - ``names`` are the metrics that runs report; None where unknown.
    - ``lengths`` holds the numbers of values that each metric has.
    - ``works`` are the amounts of work of clean runs.
    - ``tracebacks`` is whether runs usually print one though they end well.
    - ``commons`` are the series that many runs with the same start report.
    - ``printed`` reads logs; ``chosen`` are metrics whose last value is not the one that counts.
    - ``trusted`` is whether logs agree with records, by metric.
    """

    seconds: float | None
    timed: str
    share: float
    draws: frozenset[Draw]
    names: frozenset[str] | None
    lengths: Mapping[str, "UsualLength"]
    works: Sequence[Mapping[str, int]]
    ranges: Mapping[str, "UsualRange"]
    tracebacks: bool
    commons: Mapping[Start, Sequence[Common]]
    printed: PrintedMetrics
    chosen: frozenset[str]
    trusted: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class UsualLength:
    """The numbers of values that series of a metric have, and what that rests on."""

    numbers: frozenset[int]
    basis: str


@dataclass(frozen=True, slots=True)
class UsualRange:
    """The legal range of a metric, and what that rests on."""

    low: float
    high: float
    basis: str


@dataclass
class _Agreement:
    """The number of logs that print a metric, and of those that agree with their records."""

    logs: int = 0
    agreeing: int = 0


@dataclass
class NormalRuns:
    """Counts over the normal runs of mutants, added run by run; no run is stored.

    - ``shares`` are processor times per wall time.
    - ``reporting`` counts the runs that report each metric.
    - ``small`` counts by metric the values up to 1, which a share has.
    - ``lengths`` counts the runs by metric and number of values.
    - ``logs`` and ``tracebacks`` count the logs, and those with a traceback.
    """

    metrics: PrintedMetrics = field(default_factory=PrintedMetrics)
    joint: JointSeries = field(default_factory=JointSeries)
    runs: int = 0
    seconds: "array[float]" = field(default_factory=lambda: array("d"))
    shares: "array[float]" = field(default_factory=lambda: array("d"))
    reporting: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)
    lengths: dict[str, Counter[int]] = field(default_factory=dict)
    logs: int = 0
    tracebacks: int = 0
    printed: dict[str, _Agreement] = field(default_factory=dict)

    def add_clean(self, run: ObservedRun) -> None:
        """Add the series and the log of a clean run."""
        if run.draw is not None and run.measured:
            self.joint.add(run.draw, run.series)
        self._add_log(run)

    def add(self, mutant: ObservedMutant) -> None:
        """Add the normal runs of one mutant."""
        for start, run in mutant.normal_runs:
            self.runs += 1
            self._add_times(run)
            for name, value in run.metrics.items():
                self.reporting[name] += 1
                self.small[name] += value <= 1
            if run.series:
                for name, values in run.series.items():
                    self.lengths.setdefault(name, Counter())[len(values)] += 1
                self.joint.add(start, run.series)
            if run.log:
                self.logs += 1
                self.tracebacks += TRACEBACK in run.log
                self._add_log(run)

    def _add_times(self, run: ObservedRun) -> None:
        seconds, cpu = run.seconds, run.cpu_seconds
        if seconds is not None and is_time(seconds) and seconds:
            self.seconds.append(seconds)
            if cpu is not None and is_time(cpu):
                self.shares.append(cpu / seconds)

    def _add_log(self, run: ObservedRun) -> None:
        for printed in self.metrics.in_log(run):
            agreement = self.printed.setdefault(printed.metric, _Agreement())
            agreement.logs += 1
            agreement.agreeing += printed.agrees


def is_time(seconds: float) -> bool:
    """Return whether a number may be a time."""
    return isfinite(seconds) and seconds >= 0


def usual_of(
    clean: Sequence[ObservedRun], normal: NormalRuns, metrics: Iterable[Metric] = ()
) -> Usual:
    """Return the facts that runs have in common.

    Args:
        clean: The runs of the clean program; those that are ``measured`` count.
        normal: The normal runs of mutants, for what the clean runs do not show.
        metrics: The metrics with their ranges and patterns.

    """
    metrics = list(metrics)
    measured = [run for run in clean if run.measured]
    seconds, timed, share = _times(measured, normal)
    return Usual(
        seconds=seconds,
        timed=timed,
        share=share,
        draws=frozenset(run.draw for run in measured if run.draw),
        names=_names(measured, normal),
        lengths=_lengths(measured, normal),
        works=[run.work for run in measured if run.work],
        ranges=_ranges(measured, normal, metrics),
        tracebacks=_has_tracebacks(clean, normal),
        commons=normal.joint.commons(),
        printed=PrintedMetrics(metrics),
        chosen=frozenset(m.name for m in metrics if m.which is not Which.LAST),
        trusted={
            name: 2 * agreement.agreeing >= agreement.logs
            for name, agreement in normal.printed.items()
            if agreement.logs >= LEAST
        },
    )


def _times(clean: Iterable[ObservedRun], normal: NormalRuns) -> tuple[float | None, str, float]:
    """Return median wall time, the runs that it rests on, and processor time per wall time."""
    times = [(run.seconds, run.cpu_seconds or 0.0) for run in clean if run.seconds is not None]
    times = [(seconds, cpu) for seconds, cpu in times if is_time(seconds) and is_time(cpu)]
    times = [(seconds, cpu) for seconds, cpu in times if seconds]
    if times:
        share = max(cpu / seconds for seconds, cpu in times)
        return median(seconds for seconds, _ in times), _runs(len(times), "clean"), share
    if len(normal.seconds) < LEAST:
        return None, "", 1.0
    share = median(normal.shares) if len(normal.shares) >= LEAST else 1.0
    return median(normal.seconds), _runs(len(normal.seconds), "normal"), share


def _runs(number: int, kind: str) -> str:
    return f"{number} {kind} run{'s' * (number != 1)}"


def _names(clean: Sequence[ObservedRun], normal: NormalRuns) -> frozenset[str] | None:
    if clean:
        return frozenset.intersection(*(frozenset(run.metrics) for run in clean))
    if normal.runs < LEAST:
        return None
    return frozenset(name for name, n in normal.reporting.items() if n >= MOST * normal.runs)


def _lengths(clean: Sequence[ObservedRun], normal: NormalRuns) -> dict[str, UsualLength]:
    lengths = {}
    for name, counts in normal.lengths.items():
        number, runs = counts.most_common(1)[0]
        if counts.total() >= LEAST and runs >= MOST * counts.total():
            basis = f"as {runs} of {_runs(counts.total(), 'normal')} have"
            lengths[name] = UsualLength(frozenset([number]), basis)
    for name in {name for run in clean for name in run.series}:
        numbers = [len(run.series[name]) for run in clean if name in run.series]
        lengths[name] = UsualLength(frozenset(numbers), f"as {_runs(len(numbers), 'clean')} have")
    return lengths


def _ranges(
    clean: Sequence[ObservedRun], normal: NormalRuns, metrics: Iterable[Metric]
) -> dict[str, UsualRange]:
    ranges = {}
    for metric in metrics:
        values = [run.metrics[metric.name] for run in clean if metric.name in run.metrics]
        legal, basis = range_of(metric, values), "its range"
        if metric.range is None and legal:
            kind = "clean" if values else "normal"
            if not values:
                total = normal.reporting[metric.name]
                legal = accuracy_range(2 * normal.small[metric.name] > total)
            basis = f"as {kind} runs report {'a share' if legal[1] == 1 else 'per cent'}"
        if legal:
            ranges[metric.name] = UsualRange(*legal, basis)
    return ranges


def range_of(metric: Metric, usual: Sequence[float]) -> tuple[float, float] | None:
    """Return the legal range of a metric; None where every value is legal.

    An accuracy without a range lies between 0 and 1 where the median of the ``usual`` values does,
    and otherwise between 0 and 100.
    """
    if metric.range or not ACCURACY.search(metric.name):
        return metric.range
    return accuracy_range(bool(usual) and median(usual) <= 1)


def accuracy_range(is_share: bool) -> tuple[float, float]:
    """Return the legal range of an accuracy, which is a share or in per cent."""
    return 0.0, 1.0 if is_share else 100.0


def _has_tracebacks(clean: Sequence[ObservedRun], normal: NormalRuns) -> bool:
    """Return whether most runs print a traceback though they end well."""
    if any(run.log for run in clean):
        return 2 * sum(TRACEBACK in run.log for run in clean) > len(clean)
    return normal.logs >= LEAST and 2 * normal.tracebacks > normal.logs
