"""Doubts about runs that were read from somewhere: what can hardly have been measured."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from math import ceil, isfinite, log10
from statistics import median
from struct import pack

from trainwreck.model import Draw, Metric, Symptom, Table

ACCURACY = re.compile(r"(^|[^a-z0-9])acc(uracy)?$", re.IGNORECASE)
TRACEBACK = "Traceback (most recent call last)"
PROCESSORS = 16
"""So many times as many processors as a clean run uses are no bug's doing."""
TIMES = 1000
"""So many times longer than a clean run, or shorter, no run takes."""
TIME_DIGITS = 9
"""Two runs have times of so many digits in common by no chance."""
STEPS = 3
"""So many different values, or more, are on either side of a jump."""


class Check(StrEnum):
    """What is looked at."""

    VALUE = "impossible value"
    TIME = "absurd time"
    ENDING = "ending against symptom"
    LOG = "traceback in the log"
    REPEAT = "repeated run"
    JUMP = "jump into another run"
    COUNT = "counts that do not add up"
    SEED = "seed without a clean run"
    FACTS = "record against facts"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One finding; ``line`` is that of the file that was read, ``record`` names mutant and run."""

    line: int
    record: str
    check: Check
    what: str


@dataclass(frozen=True, slots=True)
class SeenRun:
    """One run as it was read; None where something is not known.

    ``fine`` is whether it ended by itself with success, ``whole`` whether no rule ended it early.
    ``measured`` is false for clean runs that were watched, and so not like the others;
    ``explained`` is set where an impossible value is told to be the effect of the bug.
    """

    line: int
    record: str
    draw: Draw | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seconds: float | None = None
    cpu_seconds: float | None = None
    fine: bool | None = None
    log: str = ""
    work: Mapping[str, int] | None = None
    whole: bool = True
    measured: bool = True
    explained: bool = False

    @property
    def name(self) -> str:
        """The record with what the run started from."""
        if self.draw is None:
            return self.record
        fold = f", fold {self.draw.fold}" if self.draw.fold else ""
        return f"{self.record}, seed {self.draw.seed}{fold}"


@dataclass(frozen=True, slots=True)
class SeenMutant:
    """One mutant as it was read, its first run first.

    ``failed`` is whether an exception is told, ``in_line`` whether it was raised in the changed
    line; ``change`` is file, place and text of the edit, where all are known.
    """

    line: int
    record: str
    symptom: Symptom | None
    runs: Sequence[SeenRun] = ()
    failed: bool | None = None
    in_line: bool = False
    hits: int | None = None
    change: tuple[object, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Clean:
    """What the clean runs show, for others to be held against.

    ``share`` is the most processor time per wall time, ``names`` are the metrics that all of them
    report, ``lengths`` the numbers of values of each.
    """

    seconds: float | None
    share: float
    draws: frozenset[Draw]
    names: frozenset[str]
    lengths: Mapping[str, frozenset[int]]
    works: Sequence[Mapping[str, int]]
    ranges: Mapping[str, tuple[float, float]]
    tracebacks: bool


Place = tuple[int, str]
"""Line and name of a run."""


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was seen so far: where each run and each change was, and where each series was first.

    Runs and changes are known by their hashes, a series by its metric, its length, and eight
    bytes for each of its values.
    """

    runs: dict[int, int] = field(default_factory=dict)
    changes: dict[int, int] = field(default_factory=dict)
    series: dict[tuple[str, int], dict[bytes, Place]] = field(default_factory=dict)


def find_doubts(
    clean: Sequence[SeenRun],
    mutants: Iterable[SeenMutant],
    metrics: Iterable[Metric] = (),
    planned: int | None = None,
) -> list[Doubt]:
    """Everything doubtful, in the order of the lines.

    ``clean`` are the runs of the clean program, of which those that are ``measured`` are what the
    others are held against; ``planned`` is the number of mutants that was told. Mutants are looked
    at one by one: only hashes are kept of them.
    """
    known, memory, number = _known(clean, metrics), _Memory(), 0
    found: list[Doubt] = []
    for run in clean:
        found += _of_run(run, known, memory)
        found += _of_log(run, known)
    for mutant in mutants:
        number += 1
        found += _of_mutant(mutant, known, memory)
    if planned is not None and planned < number:
        what = f"{planned} mutants are planned, and there are {number}"
        found.append(Doubt(1, "subject", Check.COUNT, what))
    for (metric, _), series in memory.series.items():
        found += _jumps(metric, series)
    return sorted(found, key=lambda doubt: (doubt.line, doubt.record, doubt.check, doubt.what))


def _known(clean: Sequence[SeenRun], metrics: Iterable[Metric]) -> _Clean:
    measured = [run for run in clean if run.measured]
    times = [(run.seconds, run.cpu_seconds or 0.0) for run in measured if run.seconds is not None]
    times = [(seconds, cpu) for seconds, cpu in times if _is_time(seconds) and _is_time(cpu)]
    names = [frozenset(run.metrics) for run in measured]
    return _Clean(
        seconds=median(seconds for seconds, _ in times) if times else None,
        share=max((cpu / seconds for seconds, cpu in times), default=1.0),
        draws=frozenset(run.draw for run in measured if run.draw),
        names=frozenset.intersection(*names) if names else frozenset(),
        lengths=_lengths(measured),
        works=[run.work for run in measured if run.work],
        ranges=_ranges(measured, metrics),
        tracebacks=2 * sum(TRACEBACK in run.log for run in clean) > len(clean),
    )


def _is_time(seconds: float) -> bool:
    return isfinite(seconds) and seconds >= 0


def _lengths(clean: Iterable[SeenRun]) -> dict[str, frozenset[int]]:
    lengths: dict[str, set[int]] = {}
    for run in clean:
        for metric, values in run.series.items():
            lengths.setdefault(metric, set()).add(len(values))
    return {metric: frozenset(found) for metric, found in lengths.items()}


def _ranges(clean: Sequence[SeenRun], metrics: Iterable[Metric]) -> dict[str, tuple[float, float]]:
    found = {}
    for metric in metrics:
        values = [run.metrics[metric.name] for run in clean if metric.name in run.metrics]
        legal = range_of(metric, values)
        if legal:
            found[metric.name] = legal
    return found


def range_of(metric: Metric, clean: Sequence[float]) -> tuple[float, float] | None:
    """The legal range; an accuracy without one is a share, or in per cent where clean ones are."""
    if metric.range or not ACCURACY.search(metric.name):
        return metric.range
    share = bool(clean) and median(clean) <= 1
    return 0.0, 1.0 if share else 100.0


def _of_run(run: SeenRun, known: _Clean, memory: _Memory) -> Iterator[Doubt]:
    for check, what in (
        *_of_values(run, known),
        *_of_times(run, known),
        *_of_repeats(run, memory),
    ):
        yield Doubt(run.line, run.name, check, what)
    for metric, values in run.series.items():
        if len(values) >= 2 * STEPS:
            hashes = pack(f"{len(values)}q", *map(hash, values))
            alike = memory.series.setdefault((metric, len(values)), {})
            if hashes not in alike:
                alike[hashes] = (run.line, run.name)


def _of_values(run: SeenRun, known: _Clean) -> Iterator[tuple[Check, str]]:
    for metric, value in run.metrics.items():
        low, high = known.ranges.get(metric, (0.0, 0.0))
        if metric in known.ranges and not low <= value <= high and not run.explained:
            yield Check.VALUE, f"{metric} {value:g} is outside of {low:g} to {high:g}"


def _of_times(run: SeenRun, known: _Clean) -> Iterator[tuple[Check, str]]:
    seconds, cpu = run.seconds, run.cpu_seconds
    if seconds is not None and not (_is_time(seconds) and seconds):
        yield Check.TIME, f"it took {seconds:g} s"
    elif seconds is not None and not 1 / TIMES <= seconds / (known.seconds or seconds) <= TIMES:
        yield Check.TIME, f"it took {seconds:g} s, clean runs {known.seconds:g} s"
    if cpu is None:
        return
    most = PROCESSORS * max(known.share, 1.0) * (seconds or 0.0) + 1
    if not _is_time(cpu):
        yield Check.TIME, f"it took {cpu:g} s of processor"
    elif seconds is not None and seconds > 0 and cpu > most:
        yield Check.TIME, f"{cpu:g} s of processor within {seconds:g} s"


def _of_repeats(run: SeenRun, memory: _Memory) -> Iterator[tuple[Check, str]]:
    """Equal values alone are those of a masked bug; with equal times they are a copy."""
    if run.seconds is None or _digits(run.seconds) + _digits(run.cpu_seconds) < TIME_DIGITS:
        return
    series = [(name, tuple(values)) for name, values in sorted(run.series.items())]
    values = tuple(series or sorted(run.metrics.items()))
    key = hash((values, run.seconds, run.cpu_seconds))
    if key in memory.runs:
        yield Check.REPEAT, f"values and times are those of line {memory.runs[key]}"
    else:
        memory.runs[key] = run.line


def _digits(number: float | str | None) -> int:
    """Significant digits, as written."""
    digits = "".join(filter(str.isdigit, str(number or "").lower().split("e")[0]))
    return len(digits.strip("0"))


def _of_log(run: SeenRun, known: _Clean) -> Iterator[Doubt]:
    if TRACEBACK in run.log and not known.tracebacks:
        what = "it ended normally, and its log holds a traceback"
        yield Doubt(run.line, run.name, Check.LOG, what)


def _of_mutant(mutant: SeenMutant, known: _Clean, memory: _Memory) -> Iterator[Doubt]:
    for check, what in (*_of_ending(mutant, known), *_of_counts(mutant, memory)):
        yield Doubt(mutant.line, mutant.record, check, what)
    normal = mutant.symptom is Symptom.NORMAL
    for run in mutant.runs:
        yield from _of_run(run, known, memory)
        if run.fine or (run.fine is None and normal):
            yield from _of_log(run, known)
        if run.fine is not False and normal:
            yield from _of_steps(run, known)
        if known.draws and run.draw is not None and run.draw not in known.draws:
            what = "no clean run starts from this seed and fold"
            yield Doubt(run.line, run.name, Check.SEED, what)


def _of_ending(mutant: SeenMutant, known: _Clean) -> Iterator[tuple[Check, str]]:
    """Where the first run did not end as the symptom says; what is not told is no doubt."""
    run = mutant.runs[0] if mutant.runs else None
    if mutant.symptom is Symptom.NORMAL:
        if mutant.failed:
            yield Check.ENDING, "a normal end, and an exception that ended it"
        elif run and run.fine is False and run.whole:
            yield Check.ENDING, "a normal end, and its first run did not end by itself"
    elif mutant.symptom is Symptom.HANG and run and run.fine:
        yield Check.ENDING, "a hang, and its first run ended by itself"
    elif mutant.symptom is Symptom.CRASH and run and not mutant.failed:
        whole = run.fine is not False and run.metrics and known.names <= run.metrics.keys()
        if whole:
            what = "a crash without an error, and its first run reported every metric"
            yield Check.ENDING, what


def _of_counts(mutant: SeenMutant, memory: _Memory) -> Iterator[tuple[Check, str]]:
    if mutant.symptom is Symptom.CRASH and mutant.hits == 0 and mutant.in_line:
        yield Check.COUNT, "it crashed in the changed code, which was evaluated 0 times"
    if mutant.change is not None:
        earlier = memory.changes.setdefault(hash(mutant.change), mutant.line)
        if earlier != mutant.line:
            yield Check.COUNT, f"the same change of the same place as in line {earlier}"


def _of_steps(run: SeenRun, known: _Clean) -> Iterator[Doubt]:
    """Another number of reports, unless the run is known to have done other work."""
    if not run.whole or (run.work is not None and run.work not in known.works):
        return
    for metric, values in run.series.items():
        clean = known.lengths.get(metric)
        if clean and len(values) not in clean:
            told = ", ".join(map(str, sorted(clean)))
            what = f"{len(values)} values of {metric}, of clean runs {told}"
            yield Doubt(run.line, run.name, Check.COUNT, what)


def _jumps(metric: str, series: Mapping[bytes, Place]) -> Iterator[Doubt]:
    """Different series of one length that begin as one other does, and end as a third does.

    In sorted order the longest common beginning is with a neighbour; the same for ends, read
    backwards. No series is both at once, so that the others are two. With ten times as many
    series one more value must agree: of the usual few digits, some agree by chance.
    """
    least = max(STEPS, 1 + ceil(log10(len(series))))
    begins = _neighbours(list(series), lambda values: values)
    ends = _neighbours(list(series), _reversed)
    for values, (line, name) in series.items():
        (same, first), (same_end, second), length = begins[values], ends[values], len(values) // 8
        enough = least <= length - same_end <= same <= length - least
        parts = values[: 8 * (length - same_end)], values[8 * same :]
        if enough and all(len(set(_values(part))) >= least for part in parts):
            (begun, _), (ended, _) = series[first], series[second]
            what = f"{metric} goes with line {begun} up to step {same}, then with line {ended}"
            yield Doubt(line, name, Check.JUMP, what)


def _neighbours(
    series: Sequence[bytes], key: Callable[[bytes], bytes]
) -> dict[bytes, tuple[int, bytes]]:
    """The longest common beginning of each series with another, in values, and that other."""
    found = dict.fromkeys(series, (0, b""))
    for one, other in pairwise(sorted(series, key=key)):
        common = (_common(key(one), key(other)),)
        found[one] = max(found[one], (*common, other))
        found[other] = max(found[other], (*common, one))
    return found


def _values(values: bytes) -> list[bytes]:
    return [values[at : at + 8] for at in range(0, len(values), 8)]


def _reversed(values: bytes) -> bytes:
    return b"".join(reversed(_values(values)))


def _common(one: bytes, other: bytes) -> int:
    """How many values two series of one length begin with in common."""
    low, high = 0, len(one) // 8
    while low < high:
        middle = (low + high + 1) // 2
        if one[: 8 * middle] == other[: 8 * middle]:
            low = middle
        else:
            high = middle - 1
    return low


def table_doubts(doubts: Iterable[Doubt]) -> Table:
    """What is doubtful of what was imported."""
    rows = tuple((doubt.line, doubt.record, doubt.check.value, doubt.what) for doubt in doubts)
    return Table(
        "doubts",
        "Doubts about what was imported",
        ("Line", "Record", "Check", "Finding"),
        rows,
        "Lines are those of the imported file. A doubt is no proof: look at the record."
        * bool(rows),
    )
