"""Check for series that begin like those of one run and continue like those of another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, log10
from struct import pack, unpack

from trainwreck.exchange.plausibility.distance import STEP_SHARE, largest_difference
from trainwreck.exchange.plausibility.logs import number_of_text
from trainwreck.exchange.plausibility.observations import Discrepancy, ObservedRun
from trainwreck.model.doubt import Doubt, PlausibilityCheck

STEPS = 3
"""The least number of different values on either side of a jump."""

RunName = tuple[int, str]
"""The line of a run in the imported file, and its name."""


@dataclass(frozen=True, slots=True)
class SeriesMemory:
    """The first run of each different series, by metric and length.

    To save memory, a series is stored as eight bytes for each value. A text that is no number
    becomes a number from its hash.
    """

    _runs: dict[tuple[str, int], dict[bytes, RunName]] = field(default_factory=dict)

    def add(self, run: ObservedRun) -> None:
        """Store the series of one run, unless they are too short."""
        for metric, values in run.series.items():
            if len(values) >= 2 * STEPS:
                packed = pack(f"{len(values)}d", *_numbers(values))
                comparable = self._runs.setdefault((metric, len(values)), {})
                if packed not in comparable:
                    comparable[packed] = (run.line, run.name)

    def doubts(self) -> Iterator[Doubt]:
        """Yield the jumps; call this after all runs were added."""
        for (metric, _), series in self._runs.items():
            yield from _jumps(metric, series)


def _numbers(values: Sequence[str]) -> list[float]:
    try:
        return list(map(float, values))
    except ValueError:
        numbers = [(number_of_text(value), hash(value)) for value in values]
        return [float(other) if number is None else number for number, other in numbers]


def _jumps(metric: str, series: Mapping[bytes, RunName]) -> Iterator[Doubt]:
    """Yield the series that begin like a second one of the same length and end like a third.

    In sorted order the longest common beginning is with a neighbour. The same holds for ends, read
    backwards. All series differ, so that no single one is both. Bugs that change training a little
    agree in many steps, so that both parts must be far from the other run.
    """
    # Values have few digits, and some agree by chance: ten times as many series need one more.
    least = max(STEPS, 1 + ceil(log10(len(series))))
    begins = _neighbours(list(series), lambda values: values)
    ends = _neighbours(list(series), _reversed)
    for values, (line, name) in series.items():
        (same, first), (same_end, second), length = begins[values], ends[values], len(values) // 8
        enough = least <= length - same_end <= same <= length - least
        parts = values[: 8 * (length - same_end)], values[8 * same :]
        changing = enough and all(len(set(_values(part))) >= least for part in parts)
        if changing and _is_far(values, first) and _is_far(values, second):
            (begun, _), (ended, _) = series[first], series[second]
            yield Discrepancy(
                PlausibilityCheck.JUMP,
                f"a series of {metric} of its own",
                f"that of line {begun} up to step {same}, then that of line {ended}",
                "as no two different runs report the same from some step on",
            ).of(line, name)


def _neighbours(
    series: Sequence[bytes], key: Callable[[bytes], bytes]
) -> dict[bytes, tuple[int, bytes]]:
    """Return the longest common beginning of each series with another one, and that other one.

    The length is a number of values. ``key`` is applied to a series before it is compared.
    """
    nearest = dict.fromkeys(series, (0, b""))
    for one, other in pairwise(sorted(series, key=key)):
        length = _common(key(one), key(other))
        nearest[one] = max(nearest[one], (length, other))
        nearest[other] = max(nearest[other], (length, one))
    return nearest


def _is_far(values: bytes, other: bytes) -> bool:
    """Return whether two series differ by more than a small change of training explains."""
    form = f"{len(values) // 8}d"
    return largest_difference(unpack(form, values), unpack(form, other)).is_large(STEP_SHARE)


def _values(values: bytes) -> list[bytes]:
    """Split a packed series into its values."""
    return [values[at : at + 8] for at in range(0, len(values), 8)]


def _reversed(values: bytes) -> bytes:
    return b"".join(reversed(_values(values)))


def _common(one: bytes, other: bytes) -> int:
    """Return the number of values that two series of one length begin with in common."""
    # Bisection compares long series faster than a loop over their values.
    low, high = 0, len(one) // 8
    while low < high:
        middle = (low + high + 1) // 2
        if one[: 8 * middle] == other[: 8 * middle]:
            low = middle
        else:
            high = middle - 1
    return low
