"""Check of printed logs against the values that a record gives."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import nan

from trainwreck.exchange.plausibility.observations import Discrepancy, ObservedRun
from trainwreck.exchange.plausibility.time_limit import TooLong, can_limit, time_limit
from trainwreck.model import Metric, Which
from trainwreck.model.doubt import PlausibilityCheck
from trainwreck.run.metric_lines import LineReader, Steps
from trainwreck.run.output import CUT

TRACEBACK = "Traceback (most recent call last)"
LONGEST = 1_000_000
"""Number of characters from which on a log may have been cut by any tool."""
LONGEST_MATCH = 5.0
"""Processor seconds that reading one metric in one log may take."""


@dataclass(frozen=True, slots=True)
class Printed:
    """The values of one metric in a log, and those of the record.

    - ``values`` are the matches of the metric's pattern that are numbers.
    - ``series`` is the length of the record's series; None where it gives none.
    - ``last`` is the record's value; None where it gives none.
    """

    metric: str
    values: tuple[float, ...]
    series: int | None
    last: float | None

    @property
    def agrees(self) -> bool:
        """Return whether the number of values and the last one are those of the record."""
        if self.series not in (None, len(self.values)):
            return False
        return self.last is None or (bool(self.values) and same_number(self.values[-1], self.last))


def same_number(one: float, other: float) -> bool:
    """Return whether two numbers are equal but for the last bits; NaN equals itself."""
    if one == other or (one != one and other != other):
        return True
    return abs(one - other) <= 1e-12 * max(abs(one), abs(other)) < float("inf")


class PrintedMetrics:
    """The metrics whose values in a log can be compared with a record.

    These are the metrics with a usable pattern that is read from the whole output, and whose last
    value counts. A metric is left out once its pattern takes longer than ``LONGEST_MATCH`` for a
    log: foreign patterns may take for ever. There are none where a metric names its stream: then
    two streams were read, and the log has their pieces in the order in which they arrived, which
    is another one from run to run.
    """

    def __init__(self, metrics: Iterable[Metric] = ()) -> None:
        metrics = list(metrics)
        apart = any(metric.stream for metric in metrics)
        comparable = [] if apart else filter(_is_comparable, metrics)
        self._metrics = {metric.name: metric for metric in comparable}

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the metrics that are compared by now."""
        return frozenset(self._metrics)

    def in_log(self, run: ObservedRun) -> list[Printed]:
        """Return the printed values of each metric that the record reports; none of a cut log."""
        log = run.log
        if not log or not self._metrics or len(log) >= LONGEST or CUT.search(log):
            return []
        printed = []
        for name in [n for n in self._metrics if n in run.metrics or n in run.series]:
            values = self._read(name, log) if can_limit() else None
            if values is not None:
                series = len(run.series[name]) if name in run.series else None
                printed.append(Printed(name, values, series, run.metrics.get(name)))
        return printed

    def _read(self, name: str, log: str) -> tuple[float, ...] | None:
        steps: Steps = {}
        try:
            with time_limit(LONGEST_MATCH):
                reader = LineReader([self._metrics[name]], steps)
                reader.feed(log)
                reader.close()
        except TooLong:
            del self._metrics[name]
            return None
        return tuple(map(float, steps[name]))


def _is_comparable(metric: Metric) -> bool:
    if not metric.pattern or metric.which is not Which.LAST:
        return False
    try:
        return re.compile(metric.pattern).groups > 0
    except (re.error, OverflowError, RecursionError):
        return False


def number_of_text(text: str | None) -> float | None:
    """Return the number that a text represents, or None."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def numbers_of(values: Iterable[str]) -> list[float]:
    """Return the numbers that the texts represent, NaN for other texts."""
    numbers = map(number_of_text, values)
    return [nan if number is None else number for number in numbers]


def of_printed(printed: Iterable[Printed], trusted: Mapping[str, bool]) -> Iterator[Discrepancy]:
    """Yield the discrepancies between the values in a log and those of the record.

    Args:
        printed: The values in the log of one run.
        trusted: By metric, whether logs of other runs agree with their records. A metric with too
            few logs is missing; it is checked where the log prints it at least once.

    """
    for in_log in printed:
        if in_log.agrees or not trusted.get(in_log.metric, bool(in_log.values)):
            continue
        number = len(in_log.values)
        if in_log.series not in (None, number):
            expected = f"{number} values of {in_log.metric}"
            yield Discrepancy(
                PlausibilityCheck.PRINTED, expected, str(in_log.series), "as its log prints"
            )
        elif in_log.last is not None:
            expected = f"{in_log.metric} {in_log.values[-1]:g}" if number else f"no {in_log.metric}"
            basis = "the last value in its log" if number else "as its log prints none"
            yield Discrepancy(PlausibilityCheck.PRINTED, expected, f"{in_log.last:g}", basis)
