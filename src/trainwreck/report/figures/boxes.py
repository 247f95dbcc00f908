"""Box plots of clean and buggy runs: one row of boxes for each study."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

CLEAN = "clean"
ANALYSIS_POINTS: dict[bool, dict[str, Any]] = {
    True: {"facecolor": "#e69f00", "hatch": "////", "edgecolor": INK, "linewidth": 0.7},
    False: {"facecolor": "#a6cde8", "edgecolor": INK, "linewidth": 0.7},
}
"""Clean boxes are hatched as well as orange: they differ without colours."""

STEEP = 20
"""Where the largest value is so many times the smallest, the scale is logarithmic."""

MOST_LISTED = 6


def draw_boxes(table: Table, path: Path) -> None:
    """Draw a table with the columns of ``findings.boxes``; the ending of ``path`` is the format.

    Raises UsageError where the format is unknown or the file cannot be written.
    """
    save(path, lambda: box_figure(table))


def box_figure(table: Table) -> Figure:
    """The figure: a panel for each study, and the values that lie outside the legal range."""
    from matplotlib.figure import Figure

    studies = {row[0]: [each for each in table.rows if each[0] == row[0]] for row in table.rows}
    outside = [line for line in map(_outside, table.rows) if line]
    names = UPRIGHT if any(map(_is_crowded, studies.values())) else NAMES
    panel = PANEL - NAMES + names
    height = TOP + panel * max(len(studies), 1) + LINE * (len(outside) + bool(outside)) + EDGE
    figure = Figure(figsize=(WIDTH, height))
    heading(figure, table.title)
    if not studies:
        figure.text(0.5, 0.4, "no runs yet", ha="center", va="center", color=FAINT, fontsize=10)
    for number, (study, rows) in enumerate(studies.items()):
        bottom = height - TOP - panel * (number + 1) + names
        size = ((WIDTH - LEFT - EDGE) / WIDTH, (panel - names - 0.2) / height)
        axes = figure.add_axes((LEFT / WIDTH, bottom / height, *size))
        _panel(axes, str(study), rows)
    if outside:
        text = "\n".join(["outside the legal range, not drawn:", *outside])
        figure.text(EDGE / WIDTH, EDGE / height, text, va="bottom", fontsize=7, color=INK)
    return figure


def _is_crowded(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether the names of the boxes have no room side by side."""
    return max(len(row[1]) for row in rows) > SIDE_BY_SIDE / len(rows)


def _outside(row: Sequence[Any]) -> str:
    values: tuple[float, ...] = row[10]
    if not values:
        return ""
    more = len(values) - MOST_LISTED
    shown = ", ".join(f"{value:g}" for value in values[:MOST_LISTED])
    return f"{row[0]}, {row[1]}: {shown}" + (f" and {more} more" if more > 0 else "")


def _panel(axes: Axes, study: str, rows: Sequence[Sequence[Any]]) -> None:
    """One study's boxes, with their outliers as small circles."""
    known = [(place, row) for place, row in enumerate(rows) if row[2]]
    for clean in (True, False):
        members = [(place, row) for place, row in known if (row[1] == CLEAN) is clean]
        if members:
            axes.bxp(
                [_statistics(row) for _, row in members],
                positions=[place for place, _ in members],
                widths=0.55,
                patch_artist=True,
                boxprops=ANALYSIS_POINTS[clean],
                medianprops={"color": INK, "linewidth": 1.4},
                whiskerprops={"color": INK, "linewidth": 0.7},
                capprops={"color": INK, "linewidth": 0.7},
                flierprops={"marker": "o", "markersize": 3, "markeredgewidth": 0.6,
                            "markerfacecolor": "none", "markeredgecolor": INK, "alpha": 0.7},
            )  # fmt: skip
    for _, row in known:
        if row[1] == CLEAN:
            axes.axhline(row[5], color=FAINT, linewidth=0.6, linestyle="--", zorder=0)
    _scales(axes, study, rows)


def _statistics(row: Sequence[Any]) -> dict[str, Any]:
    names = ("whislo", "q1", "med", "q3", "whishi")
    return {**dict(zip(names, row[3:8], strict=True)), "fliers": [*row[8], *row[9]]}


def _scales(axes: Axes, study: str, rows: Sequence[Sequence[Any]]) -> None:
    """The name of each group with its number of runs; a logarithmic scale where it is steep."""
    values = [v for row in rows if row[2] for v in (*row[3:8], *row[8], *row[9]) if isfinite(v)]
    if values and min(values) > 0 and max(values) > STEEP * min(values):
        axes.set_yscale("log")
    _name_boxes(axes, rows)
    axes.set_xlim(-0.6, len(rows) - 0.4)
    axes.tick_params(colors=INK, labelsize=7, length=2)
    axes.set_title(study, loc="left", fontsize=8, color=INK, pad=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _name_boxes(axes: Axes, rows: Sequence[Sequence[Any]]) -> None:
    """Write the name and the number of runs under each box, upright where they are crowded."""
    numbers = [f"{row[2]:,}" if row[2] else "no runs" for row in rows]
    if not _is_crowded(rows):
        names = [f"{row[1]}\n{number}" for row, number in zip(rows, numbers, strict=True)]
        axes.set_xticks(range(len(rows)), names)
        return
    names = [
        f"{shortened(row[1], LONGEST_NAME - len(number) - 2)}, {number}"
        for row, number in zip(rows, numbers, strict=True)
    ]
    axes.set_xticks(range(len(rows)), names, rotation=90)
