"""A ledger table as a figure: one stacked bar per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwreck.findings import TOTAL, UNKNOWN_RUNG
from trainwreck.model import MASKED_VALUES, Rung, Share, Table
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


@dataclass(frozen=True, slots=True)
class Style:
    """The style of a rung; ``hatch`` distinguishes it where colours are lost."""

    colour: str
    ink: str = INK
    hatch: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One row of the ledger: its mutants by rung, and their total."""

    name: str
    shares: Mapping[str, Share]
    total: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar that stands for ``count`` mutants."""

    bar: Rectangle
    style: Style
    count: int


STYLES: dict[str, Style] = {
    Rung.UNREACHED: Style("#f2f2f2"),
    Rung.UNINFECTED: Style("#c6dff0"),
    Rung.MASKED: Style("#56b4e9"),
    MASKED_VALUES: Style("#56b4e9", INK, "\\\\\\\\"),
    Rung.PROPAGATED: Style("#005a92", "white"),
    Rung.CRASH: Style("#e69f00", INK, "////"),
    Rung.HANG: Style("#cc79a7", INK, "xxxx"),
    UNKNOWN_RUNG: Style("white", INK, "...."),
}
"""From never in effect to in the result, blue grows darker; what stops a run is not blue."""


def draw_ledger(table: Table, path: Path) -> None:
    """Draw a table whose columns are rungs; the ending of ``path`` gives the format.

    Raises UsageError where the format is unknown or the file cannot be written.
    """
    save(path, lambda: _figure(table))


def _figure(table: Table) -> Figure:
    """Draw title, legend and bars; or a sentence where there is nothing to draw."""
    from matplotlib.figure import Figure

    groups = _groups(table)
    height = TOP + ROW * max(len(groups), 1) + BOTTOM
    figure = Figure(figsize=(WIDTH, height))
    heading(figure, table.title)
    if not groups:
        figure.text(0.5, 0.4, "no mutants yet", ha="center", va="center", color=FAINT, fontsize=10)
        return figure
    axes = figure.add_subplot()
    names = [name for name in table.columns if name in STYLES]
    _legend(figure, names)
    _scales(axes, groups)
    segments = _segments(axes, names, groups)
    _place(figure, axes)
    for segment in segments:
        _label(axes, segment)
    return figure


def _groups(table: Table) -> list[Group]:
    """Return the rows of a ledger; none where it holds no mutant."""
    groups = []
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=True))
        shares = {name: cell for name, cell in cells.items() if isinstance(cell, Share)}
        total = cells[TOTAL]
        assert isinstance(total, int)
        groups.append(Group(str(cells[""]), shares, total))
    return groups if any(group.total for group in groups) else []


def _legend(figure: Figure, names: Sequence[str]) -> None:
    """Draw all rungs in their order, on one line under the title."""
    from matplotlib.patches import Patch

    styles = [STYLES[name] for name in names]
    figure.legend(
        [Patch(facecolor=style.colour, hatch=style.hatch, **OUTLINE) for style in styles],
        list(names),
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


def _scales(axes: Axes, groups: Sequence[Group]) -> None:
    """Draw a scale of shares below, the names at the left, the totals at the right."""
    axes.set_xlim(0, 1)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    axes.set_yticks(range(len(groups)), [shortened(group.name, LONGEST_NAME) for group in groups])
    axes.tick_params(length=0, colors=INK, pad=GAP * 72)
    axes.tick_params("x", labelcolor=FAINT, labelsize=7, pad=3)
    for side in ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
    totals = axes.secondary_yaxis("right")
    totals.set_yticks(range(len(groups)), [f"{group.total:,}" for group in groups])
    totals.tick_params(length=0, colors=INK, pad=GAP * 72)
    totals.spines["right"].set_visible(False)
    axes.annotate(
        "mutants", (1, 1), (GAP * 72, 2), "axes fraction", "offset points", color=FAINT, fontsize=7
    )


def _segments(axes: Axes, names: Sequence[str], groups: Sequence[Group]) -> list[Segment]:
    """Draw all segments; return those that hold mutants."""
    segments = []
    left = [0.0] * len(groups)
    for name in names:
        shares = [group.shares[name] for group in groups]
        widths = [share.value for share in shares]
        style = STYLES[name]
        drawn = axes.barh(
            range(len(groups)), widths, BAR, left,
            facecolor=style.colour, hatch=style.hatch, clip_on=False, **OUTLINE,
        )  # fmt: skip
        for bar, share in zip(drawn, shares, strict=True):
            bar.set_visible(share.count > 0)
            if share.count:
                segments.append(Segment(bar, style, share.count))
        left = [start + width for start, width in zip(left, widths, strict=True)]
    return segments


def _label(axes: Axes, segment: Segment) -> None:
    """Write the count in the middle of a segment, where it has room for it."""
    bar, style = segment.bar, segment.style
    middle = bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height() / 2
    text = axes.annotate(
        f"{segment.count:,}",
        middle,
        ha="center",
        va="center_baseline",
        color=style.ink,
        fontsize=7,
    )
    if style.hatch:
        text.set_bbox({"facecolor": style.colour, "edgecolor": "none", "pad": 1.3})
    room = bar.get_window_extent().width - PADDING * axes.figure.dpi / 72
    if text.get_window_extent().width > room:
        text.remove()
