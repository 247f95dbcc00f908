"""Numbers of a page: short, and such that JSON has a word for them."""

from collections.abc import Iterable, Sequence
from math import isfinite

MOST_POINTS = 160
"""Points of a curve; of a longer one, the smallest and the largest value of each stretch stay."""

Points = list[float | None]


def short(value: float) -> float | int | None:
    """Return a number with six digits, None where it is not finite."""
    if not isfinite(value):
        return None
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def shorts(values: Iterable[float | None]) -> Points:
    """Return numbers with six digits each."""
    return [None if value is None else short(value) for value in values]


def drawn_steps(values: Sequence[float | None]) -> list[int]:
    """Return the positions of a curve's points that are drawn, from 0; its extremes stay."""
    length = len(values)
    if length <= MOST_POINTS:
        return list(range(length))
    stretch = -(-length // (MOST_POINTS // 2))
    kept = {0, length - 1}
    for start in range(0, length, stretch):
        part = values[start : start + stretch]
        finite = [(value, start + offset) for offset, value in enumerate(part) if value is not None]
        kept |= {min(finite)[1], max(finite)[1]} if finite else {start}
    return sorted(kept)
