"""A ledger table as a figure: one stacked bar per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwreck.findings import UNKNOWN_RUNG
from trainwreck.model import Rung, Share, Table
from trainwreck.report.figures.canvas import EDGE, FAINT, INK, WIDTH, heading, save, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

ROW = 0.27
"""Inches: of each bar with its gap."""

TOP, BOTTOM, GAP = 0.8, 0.3, 0.08
"""Inches: above the bars, below them, and beside names and totals."""

LEGEND, TOTALS = 0.38, 0.5
"""Inches: from the top to the legend, and the least width of the totals with their heading."""

BAR = 0.74
LONGEST_NAME = 40
PADDING = 3
OUTLINE: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.5}

Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How a rung is drawn; ``hatch`` tells it apart where colours are lost."""

    colour: str
    ink: str = INK
    hatch: str = ""


ANALYSIS_POINTS: dict[str, Look] = {
    Rung.UNREACHED: Look("#f2f2f2"),
    Rung.UNINFECTED: Look("#c6dff0"),
    Rung.MASKED: Look("#56b4e9"),
    Rung.PROPAGATED: Look("#005a92", "white"),
    Rung.CRASH: Look("#e69f00", INK, "////"),
    Rung.HANG: Look("#cc79a7", INK, "xxxx"),
    UNKNOWN_RUNG: Look("white", INK, "...."),
}
"""From never in effect to in the result, blue grows darker; what stops a run is not blue."""


def draw_ledger(table: Table, path: Path) -> None:
    """Draw a table whose columns are rungs; the ending of ``path`` gives the format.

    Raises UsageError where the format is unknown or the file cannot be written.
    """
    save(path, lambda: _figure(table))


def _figure(table: Table) -> Figure:
    """Title, legend and bars; or a sentence where there is nothing to draw."""
    from matplotlib.figure import Figure

    rows = table.rows if any(row[-1] for row in table.rows) else ()
    height = TOP + ROW * max(len(rows), 1) + BOTTOM
    figure = Figure(figsize=(WIDTH, height))
    heading(figure, table.title)
    if not rows:
        figure.text(0.5, 0.4, "no mutants yet", ha="center", va="center", color=FAINT, fontsize=10)
        return figure
    axes = figure.add_subplot()
    names = table.columns[1:-1]
    _legend(figure, names)
    _scales(axes, rows)
    bars = _bars(axes, names, rows)
    _place(figure, axes)
    for bar, look, count in bars:
        _label(axes, bar, look, count)
    return figure


def _legend(figure: Figure, names: Sequence[str]) -> None:
    """All rungs in their order, on one line under the title."""
    from matplotlib.patches import Patch

    analysis_points = [ANALYSIS_POINTS[name] for name in names]
    figure.legend(
        [Patch(facecolor=look.colour, hatch=look.hatch, **OUTLINE) for look in analysis_points],
        [str(name) for name in names],
        loc="upper left",
        bbox_to_anchor=(EDGE / WIDTH, 1 - LEGEND / figure.get_figheight()),
        ncols=len(names),
        frameon=False,
        handlelength=1.6,
        handleheight=1.1,
        handletextpad=0.5,
        columnspacing=1.3,
        borderpad=0,
        borderaxespad=0,
    )


def _place(figure: Figure, axes: Axes) -> None:
    """Give the bars all the width that names and totals leave, and each row the same height."""
    figure.draw_without_rendering()
    height = figure.get_figheight()
    names, totals = (
        max(text.get_window_extent().width for text in side.get_yticklabels()) / figure.dpi
        for side in (axes, axes.child_axes[0])
    )
    left = EDGE + names + GAP
    right = EDGE + max(totals, TOTALS) + GAP
    rows = height - TOP - BOTTOM
    axes.set_position(
        (left / WIDTH, BOTTOM / height, (WIDTH - left - right) / WIDTH, rows / height)
    )


def _scales(axes: Axes, rows: Rows) -> None:
    """A scale of shares below, the rows' names at the left, their totals at the right."""
    axes.set_xlim(0, 1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    axes.set_yticks(range(len(rows)), [shortened(str(row[0]), LONGEST_NAME) for row in rows])
    axes.tick_params(length=0, colors=INK, pad=GAP * 72)
    axes.tick_params("x", labelcolor=FAINT, labelsize=7, pad=3)
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
    totals = axes.secondary_yaxis("right")
    totals.set_yticks(range(len(rows)), [f"{row[-1]:,}" for row in rows])
    totals.tick_params(length=0, colors=INK, pad=GAP * 72)
    totals.spines["right"].set_visible(False)
    axes.annotate(
        "mutants", (1, 1), (GAP * 72, 2), "axes fraction", "offset points", color=FAINT, fontsize=7
    )


def _bars(axes: Axes, names: tuple[str, ...], rows: Rows) -> list[tuple[Rectangle, Look, int]]:
    """Draw all segments; those that hold mutants, each with its look and its count."""
    found = []
    left = [0.0] * len(rows)
    for column, name in enumerate(names, start=1):
        shares: list[Share] = [row[column] for row in rows]
        widths = [share.count / max(share.total, 1) for share in shares]
        look = ANALYSIS_POINTS[name]
        drawn = axes.barh(
            range(len(rows)), widths, BAR, left,
            facecolor=look.colour, hatch=look.hatch, clip_on=False, **OUTLINE,
        )  # fmt: skip
        for bar, share in zip(drawn, shares, strict=True):
            bar.set_visible(share.count > 0)
            if share.count:
                found.append((bar, look, share.count))
        left = [start + width for start, width in zip(left, widths, strict=True)]
    return found


def _label(axes: Axes, bar: Rectangle, look: Look, count: int) -> None:
    """The count in the middle of a segment, where it has room for it."""
    middle = bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2
    text = axes.annotate(
        f"{count:,}", middle, ha="center", va="center_baseline", color=look.ink, fontsize=7
    )
    if look.hatch:
        text.set_bbox({"facecolor": look.colour, "edgecolor": "none", "pad": 1.3})
    room = bar.get_window_extent().width - PADDING * axes.figure.dpi / 72
    if text.get_window_extent().width > room:
        text.remove()
