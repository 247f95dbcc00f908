"""Series that begin as one run's do, and go on as another's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, log10
from struct import pack, unpack

from trainwreck.exchange.plausibility.distance import STEP_SHARE, apart
from trainwreck.exchange.plausibility.logs import number_of_text
from trainwreck.exchange.plausibility.observations import Finding, ObservedRun
from trainwreck.model.doubt import Doubt, PlausibilityCheck

STEPS = 3
"""The least number of different values on either side of a jump."""

Place = tuple[int, str]
"""Line and name of a run."""


@dataclass(frozen=True, slots=True)
class SeriesMemory:
    """The place of each different series, by its metric and length.

    A series is kept as eight bytes for each of its values; a text that is no number stands there
    as a number made of its hash.
    """

    _places: dict[tuple[str, int], dict[bytes, Place]] = field(default_factory=dict)

    def add(self, run: ObservedRun) -> None:
        """Remember the series of one run, unless they are too short."""
        for metric, values in run.series.items():
            if len(values) >= 2 * STEPS:
                packed = pack(f"{len(values)}d", *_numbers(values))
                alike = self._places.setdefault((metric, len(values)), {})
                if packed not in alike:
                    alike[packed] = (run.line, run.name)

    def doubts(self) -> Iterator[Doubt]:
        """Yield the jumps, once all runs were added."""
        for (metric, _), series in self._places.items():
            yield from _jumps(metric, series)


def _numbers(values: Sequence[str]) -> list[float]:
    try:
        return list(map(float, values))
    except ValueError:
        numbers = [(number_of_text(value), hash(value)) for value in values]
        return [float(other) if number is None else number for number, other in numbers]


def _jumps(metric: str, series: Mapping[bytes, Place]) -> Iterator[Doubt]:
    """Different series of one length that begin as one other does, and end as a third does.

    In sorted order the longest common beginning is with a neighbour; the same for ends, read
    backwards. No series is both at once, so that the others are two. With ten times as many
    series one more value must agree: of the usual few digits, some agree by chance. Bugs that
    change training a little agree in many steps, so that both parts must be far from the other run.
    """
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
            yield Finding(
                PlausibilityCheck.JUMP,
                f"a series of {metric} of its own",
                f"that of line {begun} up to step {same}, then that of line {ended}",
                "as no two different runs report the same from some step on",
            ).of(line, name)


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


def _is_far(values: bytes, other: bytes) -> bool:
    """Whether a series lies further from another than a small change of training explains."""
    length = f"{len(values) // 8}d"
    return apart(unpack(length, values), unpack(length, other)).is_large(STEP_SHARE)


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
