"""All plausibility checks of imported runs and mutants, and the table of doubts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from trainwreck.exchange.plausibility.joint import Departures
from trainwreck.exchange.plausibility.jumps import SeriesMemory
from trainwreck.exchange.plausibility.logs import (
    TRACEBACK,
    PrintedMetrics,
    number_of_text,
    of_printed,
    same_number,
)
from trainwreck.exchange.plausibility.observations import Discrepancy, ObservedMutant, ObservedRun
from trainwreck.exchange.plausibility.usual import NormalRuns, Usual, is_time, range_of, usual_of
from trainwreck.model import Metric, Rung, Symptom
from trainwreck.model.doubt import Doubt, PlausibilityCheck

PROCESSORS = 16
"""Factor above the processors that other runs use beyond which no bug is an explanation."""
TIMES = 1000
"""Factor above or below the time of other runs beyond which no bug is an explanation."""
TIME_DIGITS = 9
"""Number of significant digits from which on equal times are no chance."""
EXECUTED = frozenset([Rung.UNINFECTED, Rung.MASKED, Rung.PROPAGATED])
"""Rungs of mutants whose changed code was evaluated."""

__all__ = [
    "Doubt",
    "NormalRuns",
    "ObservedMutant",
    "ObservedRun",
    "PlausibilityCheck",
    "PrintedMetrics",
    "find_doubts",
    "range_of",
]


@dataclass(frozen=True, slots=True)
class _Memory:
    """The lines of all runs and all changes so far, by their hashes, and their series."""

    runs: dict[int, int] = field(default_factory=dict)
    changes: dict[int, int] = field(default_factory=dict)
    series: SeriesMemory = field(default_factory=SeriesMemory)


@dataclass
class _Rows:
    """The number of mutants, and of those that have not run yet."""

    mutants: int = 0
    waiting: int = 0


def find_doubts(
    clean: Sequence[ObservedRun],
    mutants: Iterable[ObservedMutant],
    metrics: Iterable[Metric] = (),
    planned: int | None = None,
    normal: NormalRuns | None = None,
) -> list[Doubt]:
    """Run all checks and return the doubts, in the order of the lines.

    Args:
        clean: The runs of the clean program; all runs are compared with the ``measured`` ones.
        mutants: All mutants, read one by one, since there may be a million of them.
        metrics: The metrics with their ranges and patterns.
        planned: The number of mutants that the subject's record gives.
        normal: Counts over the normal runs of the same mutants, for what clean runs do not show.

    """
    metrics = list(metrics)
    usual = usual_of(clean, normal or NormalRuns(), metrics)
    memory, departures, rows = _Memory(), Departures(usual.commons), _Rows()
    doubts: list[Doubt] = []
    for run in clean:
        discrepancies = (*_of_run(run, usual, memory), *_of_log(run, usual))
        doubts += [discrepancy.of(run.line, run.name) for discrepancy in discrepancies]
    for mutant in mutants:
        rows.mutants += 1
        rows.waiting += mutant.symptom is None
        doubts += _of_mutant(mutant, usual, memory)
        departures.add(mutant)
    doubts += (discrepancy.of(1, "subject") for discrepancy in _of_plan(planned, rows))
    doubts += memory.series.doubts()
    doubts += departures.doubts()
    return sorted(doubts, key=lambda doubt: (doubt.line, doubt.record, doubt.check, doubt.what))


def _of_plan(planned: int | None, rows: _Rows) -> Iterator[Discrepancy]:
    """Check the number of mutants against the plan."""
    # A file that lists mutants which did not run yet lists the whole plan.
    if planned is None:
        return
    if planned < rows.mutants:
        expected = f"at most {planned} mutants"
        yield Discrepancy(PlausibilityCheck.COUNT, expected, str(rows.mutants), "as planned")
    elif rows.waiting and planned > rows.mutants:
        basis = f"as planned, since {rows.waiting} without a symptom are among them"
        yield Discrepancy(PlausibilityCheck.COUNT, f"{planned} mutants", str(rows.mutants), basis)


def _of_run(run: ObservedRun, usual: Usual, memory: _Memory) -> Iterator[Discrepancy]:
    memory.series.add(run)
    yield from _of_values(run, usual)
    yield from _of_times(run, usual)
    yield from _of_repeats(run, memory)
    if run.log:
        yield from of_printed(usual.printed.in_log(run), usual.trusted)


def _of_values(run: ObservedRun, usual: Usual) -> Iterator[Discrepancy]:
    for metric, value in run.metrics.items():
        legal = usual.ranges.get(metric)
        if legal and not legal.low <= value <= legal.high and not run.explained:
            expected = f"{metric} from {legal.low:g} to {legal.high:g}"
            yield Discrepancy(PlausibilityCheck.VALUE, expected, f"{value:g}", legal.basis)
        if metric in run.series and metric not in usual.chosen:
            yield from _of_last(metric, value, run.series[metric])


def _of_last(metric: str, value: float, series: Sequence[str]) -> Iterator[Discrepancy]:
    """Check that the value of a metric is the last one of its series, as the format requires."""
    last = number_of_text(series[-1]) if series else None
    if last is None or not same_number(value, last):
        expected = f"{metric} {series[-1]}" if series else f"no {metric}"
        basis = "the last value of its series" if series else "as its series is empty"
        yield Discrepancy(PlausibilityCheck.LAST, expected, repr(value), basis)


def _of_times(run: ObservedRun, usual: Usual) -> Iterator[Discrepancy]:
    seconds, cpu = run.seconds, run.cpu_seconds
    if seconds is not None and not (is_time(seconds) and seconds):
        yield Discrepancy(PlausibilityCheck.TIME, "a time above 0 s", f"{seconds:g} s")
    elif seconds is not None and not 1 / TIMES <= seconds / (usual.seconds or seconds) <= TIMES:
        basis = f"the median of {usual.timed}"
        yield Discrepancy(
            PlausibilityCheck.TIME, f"about {usual.seconds:.4g} s", f"{seconds:g} s", basis
        )
    if cpu is None:
        return
    share = max(usual.share, 1.0)
    most = PROCESSORS * share * (seconds or 0.0) + 1
    if not is_time(cpu):
        yield Discrepancy(PlausibilityCheck.TIME, "a processor time of at least 0 s", f"{cpu:g} s")
    elif seconds is not None and seconds > 0 and cpu > most:
        basis = f"{PROCESSORS} times as many processors as other runs use, within {seconds:g} s"
        yield Discrepancy(
            PlausibilityCheck.TIME, f"at most {most:.4g} s of processor time", f"{cpu:g} s", basis
        )


def _of_repeats(run: ObservedRun, memory: _Memory) -> Iterator[Discrepancy]:
    """Check that no earlier run has the same values and the same times."""
    # Masked bugs explain equal values. Equal times as well, to the last digit, show a copy.
    if run.seconds is None or _digits(run.seconds) + _digits(run.cpu_seconds) < TIME_DIGITS:
        return
    values = tuple(sorted((run.series or run.metrics).items()))
    key = hash((values, run.seconds, run.cpu_seconds))
    if key in memory.runs:
        observed = f"the values and the times of line {memory.runs[key]}"
        basis = "as no two runs take the same time to the last digit"
        yield Discrepancy(PlausibilityCheck.REPEAT, "times of its own", observed, basis)
    else:
        memory.runs[key] = run.line


def _digits(number: float | None) -> int:
    """Count the significant digits of a number as it is written."""
    return len(str(number or "").partition("e")[0].replace(".", "").strip("-0"))


def _of_log(run: ObservedRun, usual: Usual) -> Iterator[Discrepancy]:
    if TRACEBACK in run.log and not usual.tracebacks:
        yield Discrepancy(
            PlausibilityCheck.LOG, "a log without a traceback", "one", "as it ended normally"
        )


def _of_mutant(mutant: ObservedMutant, usual: Usual, memory: _Memory) -> Iterator[Doubt]:
    for discrepancy in (*_of_ending(mutant, usual), *_of_counts(mutant, memory)):
        yield discrepancy.of(mutant.line, mutant.record)
    for run in mutant.runs:
        for discrepancy in _of_mutants_run(mutant, run, usual, memory):
            yield discrepancy.of(run.line, run.name)


def _of_mutants_run(
    mutant: ObservedMutant, run: ObservedRun, usual: Usual, memory: _Memory
) -> Iterator[Discrepancy]:
    normal = mutant.symptom is Symptom.NORMAL
    yield from _of_run(run, usual, memory)
    if run.log and (run.fine or (run.fine is None and normal)):
        yield from _of_log(run, usual)
    if run.series and run.fine is not False and normal:
        yield from _of_steps(run, usual)
    if usual.draws and run.draw is not None and run.draw not in usual.draws:
        expected = "a seed and a fold that a clean run has"
        observed = f"seed {run.draw.seed}, fold {run.draw.fold}"
        yield Discrepancy(
            PlausibilityCheck.SEED, expected, observed, "as mutants are compared with clean runs"
        )


def _of_ending(mutant: ObservedMutant, usual: Usual) -> Iterator[Discrepancy]:
    """Check that the first run ended as the symptom says; unknown endings pass."""
    run = mutant.runs[0] if mutant.runs else None
    basis = f"as its symptom is {mutant.symptom}"
    if mutant.symptom is Symptom.NORMAL:
        if mutant.failed:
            yield Discrepancy(PlausibilityCheck.ENDING, "no exception", "one that ended it", basis)
        elif run and run.fine is False and run.whole:
            yield Discrepancy(
                PlausibilityCheck.ENDING, "a first run that exited 0", "one that did not", basis
            )
    elif mutant.symptom is Symptom.HANG and run and run.fine:
        yield Discrepancy(
            PlausibilityCheck.ENDING, "a first run that was stopped", "one that exited 0", basis
        )
    elif mutant.symptom is Symptom.CRASH and run and not mutant.failed and _is_complete(run, usual):
        observed = "a first run with every metric and no error"
        yield Discrepancy(
            PlausibilityCheck.ENDING, "an error, or a first run that failed", observed, basis
        )


def _is_complete(run: ObservedRun, usual: Usual) -> bool:
    """Return whether a run reported all that others do; without others, whether it ended well."""
    if run.fine is False or not run.metrics:
        return False
    if usual.names is None:
        return run.fine is True
    lengths = {name: len(values) for name, values in run.series.items() if name in usual.lengths}
    short = any(length < min(usual.lengths[name].numbers) for name, length in lengths.items())
    return usual.names <= run.metrics.keys() and not (short and run.fine is None)


def _of_counts(mutant: ObservedMutant, memory: _Memory) -> Iterator[Discrepancy]:
    if mutant.hits == 0 and mutant.symptom is Symptom.CRASH and mutant.in_line:
        basis = "as it crashed in the changed line"
        yield Discrepancy(
            PlausibilityCheck.COUNT, "at least 1 evaluation of the change", "0", basis
        )
    elif mutant.hits == 0 and mutant.rung in EXECUTED:
        basis = f"as it is {mutant.rung}"
        yield Discrepancy(
            PlausibilityCheck.COUNT, "at least 1 evaluation of the change", "0", basis
        )
    elif mutant.hits and mutant.rung is Rung.UNREACHED:
        basis = f"as it is {mutant.rung}"
        yield Discrepancy(
            PlausibilityCheck.COUNT, "no evaluation of the change", f"{mutant.hits}", basis
        )
    if mutant.change is not None:
        earlier = memory.changes.setdefault(hash(mutant.change), mutant.line)
        if earlier != mutant.line:
            observed = f"the change of line {earlier}"
            yield Discrepancy(
                PlausibilityCheck.COUNT, "a change of its own", observed, "as mutants differ"
            )


def _of_steps(run: ObservedRun, usual: Usual) -> Iterator[Discrepancy]:
    """Check the number of reported values, unless the run is known to have done other work."""
    if not run.whole or (run.work is not None and run.work not in usual.works):
        return
    for metric, values in run.series.items():
        length = usual.lengths.get(metric)
        if length and len(values) not in length.numbers:
            numbers = " or ".join(map(str, sorted(length.numbers)))
            expected = f"{numbers} values of {metric}"
            yield Discrepancy(PlausibilityCheck.COUNT, expected, str(len(values)), length.basis)
