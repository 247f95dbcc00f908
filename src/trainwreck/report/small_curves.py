"""Draws the values of one run over the band of all clean runs, in signs for a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from trainwreck.model import Rung
from trainwreck.results.clean_curves import CleanCurve, curves_of
from trainwreck.results.story import Story

COLUMNS, ROWS = 64, 7
LABEL = 9
MOST_OF_NAME = 16
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille sign: four rows of two dots, from the top."""
EMPTY = 0x2800
BAND = "░"
DECADES = 1000.0
"""The ratio of largest and smallest value from which on an axis is logarithmic."""
BEYOND = 20.0
"""Values further from the clean ones than this number of their ranges are drawn at the edge."""
DIFFERENT = (Rung.PROPAGATED, Rung.CRASH, Rung.HANG)

Values = Sequence[float | None]
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """The values from bottom to top; ``is_cut`` where some values are beyond it."""

    low: float
    high: float
    is_log: bool = False
    is_cut: bool = False

    def height(self, value: float) -> float:
        """Return where a value is, from 0 at the bottom to 1 at the top."""
        low, high = self._on_axis(self.low), self._on_axis(self.high)
        inside = self._on_axis(min(max(value, self.low), self.high))
        # Halves, as the difference of two large numbers may be none.
        return (inside / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5

    def heights(self, values: Values) -> Values:
        """Return where all values are."""
        return [None if value is None else self.height(value) for value in values]

    def value(self, height: float) -> float:
        """Return the value at a height."""
        low, high = self._on_axis(self.low), self._on_axis(self.high)
        at = low * (1 - height) + high * height
        return float(10**at) if self.is_log else at

    def _on_axis(self, value: float) -> float:
        return log10(value) if self.is_log else value


def curve_lines(story: Story) -> list[str]:
    """Return the curve of the metric that differs first; none where the result is a clean run's."""
    verdict, outcome = story.verdict, story.outcome
    if verdict is None or outcome is None or verdict.rung not in DIFFERENT:
        return []
    curves, bands = curves_of(outcome), {band.metric: band for band in story.clean_curves}
    first = verdict.divergence.metric if verdict.divergence is not None else ""
    named = [first, *(metric.name for metric in story.metrics), *curves]
    drawable = (name for name in named if _finite(curves.get(name, ())))
    name = next(drawable, None)
    return [] if name is None else drawn(name, curves[name], bands.get(name))


def drawn(name: str, values: Values, band: CleanCurve | None) -> list[str]:
    """Return a curve over its band as lines of at most 80 columns.

    Args:
        name: The metric.
        values: The values of one run, step by step; at least one is there.
        band: The values of clean runs, if there are any.

    """
    lows, highs = (band.low, band.high) if band else ((), ())
    axis = axis_of(_finite(values), [*_finite(lows), *_finite(highs)])
    steps = max(len(values), len(lows))
    grid = [[" "] * COLUMNS for _ in range(ROWS)]
    _fill_band(grid, axis.heights(lows), axis.heights(highs), steps)
    _draw_line(grid, axis.heights(values), steps)
    heights = {0: 1.0, ROWS // 2: 0.5, ROWS - 1: 0.0}
    labels = [f"{axis.value(heights[row]):.4g}" if row in heights else "" for row in range(ROWS)]
    rows = [
        f"  {label:>{LABEL}} {'┤' if label else '│'}{''.join(cells).rstrip()}"
        for label, cells in zip(labels, grid, strict=True)
    ]
    foot = f"  {'':{LABEL}} └{'─' * COLUMNS}"
    ends = f"  {'':{LABEL}}  {'step 1':<{COLUMNS // 2}}{steps:>{COLUMNS // 2}}"
    return [*_head(name, axis, values, band), *rows, foot, ends]


def _head(name: str, axis: Axis, values: Values, band: CleanCurve | None) -> list[str]:
    """Return the legend and the last values in words, which need no eyes for signs."""
    scale = ", logarithmic axis" if axis.is_log else ", others at the edge"
    legend = f"⣿ this bug, {BAND} clean runs" if band else "⣿ this bug; no clean run reports it"
    end = f"  it ends at {_finite(values)[-1]:.4g}"
    if band and _finite(band.low):
        low, high = _finite(band.low)[-1], _finite(band.high)[-1]
        ends = f"at {low:.4g}" if low == high else f"from {low:.4g} to {high:.4g}"
        end = f"{end}; {band.runs} clean runs end {ends}"
    scale = scale if axis.is_log or axis.is_cut else ""
    return [f"{name[:MOST_OF_NAME]} by step: {legend}{scale}", end]


def _finite(values: Values) -> list[float]:
    return [value for value in values if value is not None]


def axis_of(own: Sequence[float], clean: Sequence[float]) -> Axis:
    """Return an axis on which one value of 1e64 flattens no others."""
    low, high = min([*own, *clean]), max([*own, *clean])
    if low > 0 and high / low > DECADES:
        return Axis(low, high, is_log=True)
    if not clean:
        return Axis(low, high)
    least, most = min(clean), max(clean)
    reach = BEYOND * (most - least or abs(most) or 1.0)
    bottom, top = max(low, least - reach), min(high, most + reach)
    return Axis(bottom, top, is_cut=(bottom, top) != (low, high))


def _fill_band(grid: list[list[str]], lows: Values, highs: Values, steps: int) -> None:
    for column in range(COLUMNS):
        low, high = _within(lows, column, COLUMNS, steps), _within(highs, column, COLUMNS, steps)
        if low and high:
            for row in range(_row(high[1], ROWS), _row(low[0], ROWS) + 1):
                grid[row][column] = BAND


def _draw_line(grid: list[list[str]], heights: Values, steps: int) -> None:
    bits: dict[tuple[int, int], int] = {}
    for column in range(2 * COLUMNS):
        if ends := _within(heights, column, 2 * COLUMNS, steps):
            for row in range(_row(ends[1], 4 * ROWS), _row(ends[0], 4 * ROWS) + 1):
                cell = row // 4, column // 2
                bits[cell] = bits.get(cell, EMPTY) | DOTS[row % 4][column % 2]
    for (row, column), sign in bits.items():
        grid[row][column] = chr(sign)


def _row(height: float, rows: int) -> int:
    """Return the row of a height, 0 at the top."""
    return min(rows - 1, int((1.0 - height) * rows))


def _within(heights: Values, column: int, columns: int, steps: int) -> Ends | None:
    """Return the least and the most of what a column shows of a curve."""
    width = (steps - 1) / columns
    begin, end = column * width, (column + 1) * width
    whole = (heights[at] for at in range(ceil(begin), min(floor(end) + 1, len(heights))))
    seen = _finite([*_between(heights, begin), *whole, *_between(heights, end)])
    return (min(seen), max(seen)) if seen else None


def _between(heights: Values, at: float) -> Iterator[float]:
    """Yield the height between two steps, where both are known."""
    before, after = floor(at), ceil(at)
    if after < len(heights):
        first, second = heights[before], heights[after]
        if first is not None and second is not None:
            yield first + (at - before) * (second - first)
