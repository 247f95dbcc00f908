"""Box plots of clean and buggy runs: one row of boxes for each study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwreck.findings import CLEAN, BoxRow
from trainwreck.model import Table
from trainwreck.report.figures.canvas import EDGE, FAINT, INK, WIDTH, heading, save, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL, TOP, LINE = 2.1, 0.42, 0.17
"""Inches: of a panel with its names, above the first one, and of a line of text at the end."""

NAMES, LEFT = 0.42, 0.62
"""Inches: below a panel for the names of its boxes, and left of it for its scale."""

SIDE_BY_SIDE = 100
"""Letters of names that have room side by side; more stand upright."""

UPRIGHT, LONGEST_NAME = 1.4, 24
"""Inches and letters of names that stand upright."""

BOX_STYLES: dict[bool, dict[str, Any]] = {
    True: {"facecolor": "#e69f00", "hatch": "////", "edgecolor": INK, "linewidth": 0.7},
    False: {"facecolor": "#a6cde8", "edgecolor": INK, "linewidth": 0.7},
}
"""Clean boxes (True) are hatched as well as orange: they differ without colours."""

STEEP = 20
"""The scale is logarithmic where the largest value exceeds this multiple of the smallest."""

REACH = 1000
"""The scale ends at this multiple of the clean median, or of its distance, in both directions.

One run that explodes to 1e64 would otherwise flatten all boxes.
"""

MOST_LISTED = 6


BEYOND = "beyond the scale, drawn at its edge:"


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of a panel: values below ``low`` and above ``high`` are drawn at its edges."""

    is_logarithmic: bool
    low: float
    high: float

    def beyond(self, row: BoxRow) -> list[float]:
        """Return the ends of whiskers and the outliers that lie beyond the scale."""
        ends = {row.low, row.high, *row.below, *row.above}
        values = sorted(value for value in ends if value is not None and isfinite(value))
        return [value for value in values if not self.low <= value <= self.high]

    def limits(self, usual: tuple[float, float], rows: Sequence[BoxRow]) -> tuple[float, float]:
        """Return the ends of the axis, the usual ones where nothing is clipped."""
        if self.low == -inf and self.high == inf:
            return usual
        drawn = [v for row in rows for v in _values(row) if self.low <= v <= self.high]
        low, high = min(drawn), max(drawn)
        if self.is_logarithmic:
            return low / MARGIN, high * MARGIN
        gap = (high - low or abs(high) or 1.0) * (MARGIN - 1)
        return low - gap, high + gap


MARGIN = 1.1
"""Room between the last value and the end of a scale that is clipped."""


def draw_boxes(table: Table, path: Path) -> None:
    """Draw a table whose rows are ``BoxRow``; the ending of ``path`` is the format.

    Raises UsageError where the format is unknown or the file cannot be written.
    """
    save(path, lambda: box_figure(table))


def box_figure(table: Table) -> Figure:
    """Return the figure: a panel for each study, and the values outside the legal range."""
    from matplotlib.figure import Figure

    boxes = [row for row in table.rows if isinstance(row, BoxRow)]
    studies = {row.study: [other for other in boxes if other.study == row.study] for row in boxes}
    outside = [line for row in boxes if (line := _listed(row, row.outside))]
    scales = {study: scale_of(rows) for study, rows in studies.items()}
    beyond = [line for row in boxes if (line := _listed(row, scales[row.study].beyond(row)))]
    notes = _notes(("outside the legal range, not drawn:", outside), (BEYOND, beyond))
    names = UPRIGHT if any(map(_is_crowded, studies.values())) else NAMES
    panel = PANEL - NAMES + names
    height = TOP + panel * max(len(studies), 1) + LINE * len(notes) + EDGE
    figure = Figure(figsize=(WIDTH, height))
    heading(figure, table.title)
    if not studies:
        figure.text(0.5, 0.4, "no runs yet", ha="center", va="center", color=FAINT, fontsize=10)
    for number, (study, rows) in enumerate(studies.items()):
        bottom = height - TOP - panel * (number + 1) + names
        size = ((WIDTH - LEFT - EDGE) / WIDTH, (panel - names - 0.2) / height)
        axes = figure.add_axes((LEFT / WIDTH, bottom / height, *size))
        _panel(axes, study, rows, scales[study])
    if notes:
        text = "\n".join(notes)
        figure.text(EDGE / WIDTH, EDGE / height, text, va="bottom", fontsize=7, color=INK)
    return figure


def _notes(*lists: tuple[str, list[str]]) -> list[str]:
    """Return the lists that are not empty, each below its heading."""
    return [line for heading, lines in lists if lines for line in (heading, *lines)]


def _is_crowded(rows: Sequence[BoxRow]) -> bool:
    """Return whether the names of the boxes have no room side by side."""
    return max(len(row.group) for row in rows) > SIDE_BY_SIDE / len(rows)


def _listed(row: BoxRow, values: Sequence[float]) -> str:
    if not values:
        return ""
    more = len(values) - MOST_LISTED
    shown = ", ".join(f"{value:g}" for value in values[:MOST_LISTED])
    return f"{row.study}, {row.group}: {shown}" + (f" and {more} more" if more > 0 else "")


def _panel(axes: Axes, study: str, rows: Sequence[BoxRow], scale: Scale) -> None:
    """Draw one study's boxes, with their outliers as small circles."""
    drawn = [(position, row) for position, row in enumerate(rows) if row.runs]
    for clean in (True, False):
        members = [(position, row) for position, row in drawn if (row.group == CLEAN) is clean]
        if members:
            axes.bxp(
                [_statistics(row) for _, row in members],
                positions=[position for position, _ in members],
                widths=0.55,
                patch_artist=True,
                boxprops=BOX_STYLES[clean],
                medianprops={"color": INK, "linewidth": 1.4},
                whiskerprops={"color": INK, "linewidth": 0.7},
                capprops={"color": INK, "linewidth": 0.7},
                flierprops={"marker": "o", "markersize": 3, "markeredgewidth": 0.6,
                            "markerfacecolor": "none", "markeredgecolor": INK, "alpha": 0.7},
            )  # fmt: skip
    for _, row in drawn:
        if row.group == CLEAN and row.median is not None:
            axes.axhline(row.median, color=FAINT, linewidth=0.6, linestyle="--", zorder=0)
    _scales(axes, study, rows, scale)
    for position, row in drawn:
        beyond = scale.beyond(row)
        for is_there, edge, marker in (
            (min(beyond, default=inf) < scale.low, axes.get_ylim()[0], "v"),
            (max(beyond, default=-inf) > scale.high, axes.get_ylim()[1], "^"),
        ):
            if is_there:
                axes.plot(position, edge, marker, color=INK, markersize=4, clip_on=False)


def _statistics(row: BoxRow) -> dict[str, Any]:
    return {
        "whislo": row.low,
        "q1": row.q1,
        "med": row.median,
        "q3": row.q3,
        "whishi": row.high,
        "fliers": [*row.below, *row.above],
    }


def _values(row: BoxRow) -> list[float]:
    """Return every value of a box that is drawn."""
    numbers = (row.low, row.q1, row.median, row.q3, row.high)
    drawn = (*(number for number in numbers if number is not None), *row.below, *row.above)
    return [value for value in drawn if isfinite(value)]


def scale_of(rows: Sequence[BoxRow]) -> Scale:
    """Return the scale of a panel: what lies within reach of the clean median, or of all."""
    values = sorted(value for row in rows for value in _values(row))
    if not values:
        return Scale(False, -inf, inf)
    clean = [row.median for row in rows if row.group == CLEAN and row.median is not None]
    center = clean[0] if clean else values[len(values) // 2]
    if values[0] > 0:
        near = [value for value in values if center / REACH <= value <= center * REACH]
    else:
        sizes = sorted(abs(value) for value in values if value)
        reach = REACH * (abs(center) or (sizes[len(sizes) // 2] if sizes else 1.0))
        near = [value for value in values if abs(value - center) <= reach]
    low, high = (near or values)[0], (near or values)[-1]
    is_log = values[0] > 0 and high > STEEP * low
    return Scale(is_log, low if low > values[0] else -inf, high if high < values[-1] else inf)


def _scales(axes: Axes, study: str, rows: Sequence[BoxRow], scale: Scale) -> None:
    """Name each group with its number of runs; scale steep values logarithmically."""
    if scale.is_logarithmic:
        axes.set_yscale("log")
        # The formatters of the scale itself write formulas, which these figures show as text.
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
    axes.set_ylim(*scale.limits(axes.get_ylim(), rows))
    _name_boxes(axes, rows)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.tick_params(colors=INK, labelsize=7, length=2)
    axes.set_title(study, loc="left", fontsize=8, color=INK, pad=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _name_boxes(axes: Axes, rows: Sequence[BoxRow]) -> None:
    """Write the name and the number of runs under each box, upright where they are crowded."""
    numbers = [f"{row.runs:,}" if row.runs else "no runs" for row in rows]
    if not _is_crowded(rows):
        names = [f"{row.group}\n{number}" for row, number in zip(rows, numbers, strict=True)]
        axes.set_xticks(range(len(rows)), names)
        return
    names = [
        f"{shortened(row.group, LONGEST_NAME - len(number) - 2)}, {number}"
        for row, number in zip(rows, numbers, strict=True)
    ]
    axes.set_xticks(range(len(rows)), names, rotation=90)
