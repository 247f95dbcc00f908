"""Printed logs held against the values that a record gives."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import nan

from trainwreck.exchange.plausibility.observations import Finding, ObservedRun
from trainwreck.model import Metric
from trainwreck.model.doubt import PlausibilityCheck

TRACEBACK = "Traceback (most recent call last)"
LINE_ENDS = re.compile(r"[\r\n]")
CUT = re.compile(r"\[trainwreck: \d+ bytes left out\]")
LONGEST = 1_000_000
"""Characters; logs that are longer may have been cut by any tool."""


@dataclass(frozen=True, slots=True)
class Printed:
    """The values of one metric in a log against those of the record.

    ``values`` are the matches of the metric's pattern that are numbers; ``series`` is None where
    the record gives no series, ``last`` where it gives no value.
    """

    metric: str
    values: tuple[float, ...]
    series: int | None
    last: float | None

    @property
    def agrees(self) -> bool:
        """Whether number and last value are those of the record."""
        if self.series not in (None, len(self.values)):
            return False
        return self.last is None or (bool(self.values) and same_number(self.values[-1], self.last))


def same_number(one: float, other: float) -> bool:
    """Return whether two numbers are equal but for the last bits; NaN equals itself."""
    if one == other or (one != one and other != other):
        return True
    return abs(one - other) <= 1e-12 * max(abs(one), abs(other)) < float("inf")


def patterns_of(metrics: Iterable[Metric]) -> dict[str, re.Pattern[str]]:
    """Return the patterns by metric, without those that cannot be used."""
    patterns = {}
    for metric in metrics:
        try:
            pattern = re.compile(metric.pattern)
        except (re.error, OverflowError, RecursionError):
            continue
        if metric.pattern and pattern.groups:
            patterns[metric.name] = pattern
    return patterns


def printed_values(run: ObservedRun, patterns: Mapping[str, re.Pattern[str]]) -> list[Printed]:
    """Return what the log prints of each metric that the record knows; nothing of a cut log."""
    if not run.log or not patterns or len(run.log) >= LONGEST or CUT.search(run.log):
        return []
    known = [name for name in patterns if name in run.metrics or name in run.series]
    lines = LINE_ENDS.split(run.log) if known else []
    found = []
    for name in known:
        matches = (match[1] for line in lines for match in patterns[name].finditer(line))
        values = tuple(number for number in map(number_of_text, matches) if number is not None)
        series = len(run.series[name]) if name in run.series else None
        found.append(Printed(name, values, series, run.metrics.get(name)))
    return found


def number_of_text(text: str | None) -> float | None:
    """Return the number that a text is, or None."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def numbers_of(values: Iterable[str]) -> list[float]:
    """Return the numbers that texts are, NaN for the others."""
    numbers = map(number_of_text, values)
    return [nan if number is None else number for number in numbers]


def of_printed(printed: Iterable[Printed], trusted: Mapping[str, bool]) -> Iterator[Finding]:
    """Yield where a log prints other values than the record has.

    Args:
        printed: The values in the log of one run.
        trusted: By metric, whether logs of other runs agree with their records; a metric of which
            too few logs are known is missing, and then the log must print it at least once.

    """
    for each in printed:
        if each.agrees or not trusted.get(each.metric, bool(each.values)):
            continue
        number = len(each.values)
        if each.series not in (None, number):
            expected = f"{number} values of {each.metric}"
            yield Finding(
                PlausibilityCheck.PRINTED, expected, str(each.series), "as its log prints"
            )
        elif each.last is not None:
            expected = f"{each.metric} {each.values[-1]:g}" if number else f"no {each.metric}"
            basis = "the last value in its log" if number else "as its log prints none"
            yield Finding(PlausibilityCheck.PRINTED, expected, f"{each.last:g}", basis)
