"""Measured values as figures: a median between the least and the most."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured ``runs`` times; wanted are ``floor`` at least and ``limit`` at most."""

    what: str
    unit: str
    median: float
    least: float
    most: float
    runs: int
    limit: float | None
    floor: float | None


def figure(
    what: str,
    unit: str,
    values: Iterable[float],
    limit: float | None = None,
    floor: float | None = None,
) -> Figure:
    """Sum up one or more values of the same thing."""
    found = sorted(values)
    median = statistics.median(found)
    return Figure(what, unit, median, found[0], found[-1], len(found), limit, floor)


def ratios(values: Sequence[float], to: Sequence[float]) -> list[float]:
    """The ratio within each round, so that what slows a whole round down cancels out."""
    return [value / other for value, other in zip(values, to, strict=True)]


def alternate(ways: Mapping[str, Callable[[], Result]], rounds: int) -> dict[str, list[Result]]:
    """Each way once, then each once more, ``rounds`` times: A B A B …"""
    results: dict[str, list[Result]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            results[name].append(way())
    return results
