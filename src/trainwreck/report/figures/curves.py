"""Curves of what checks notice: the share of bugs against a tolerance, reports or seeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwreck.model import Share, Table
from trainwreck.report.figures.canvas import FAINT, INK, WIDTH, heading, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVES = frozenset(["power-tolerance", "power-steps", "power-report", "power-seeds"])
"""Names of the tables whose first column is a number, and whose shares make curves."""

HEIGHT = 2.6
STYLES = (("#0072b2", "o", "-"), ("#d55e00", "s", "--"), ("#009e73", "^", "-."), (INK, "D", ":"))
"""Colour, mark and line of each curve: they differ without colours."""
STEEP = 20
"""A scale is logarithmic where its largest number is more than this multiple of the smallest."""

Curve = tuple[str, list[tuple[float, float]]]


def draw_curves(table: Table, path: Path) -> None:
    """Draw the shares of a table against its first column.

    Raises UsageError where the format of ``path`` is unknown or the file cannot be written.
    """
    save(path, lambda: _figure(table))


def curves_of(table: Table) -> Iterator[Curve]:
    """Yield each column of shares as its name and its points, x and the share in percent."""
    heads = [head.partition(": ")[0] for head in table.flat_columns]
    for index, head in enumerate(heads[1:], 1):
        points = [
            (float(row[0]), 100 * share.value)  # type: ignore[arg-type]
            for row in table.rows
            if isinstance(share := row[index], Share)
        ]
        if points:
            yield head, points


def _figure(table: Table) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT))
    heading(figure, table.title)
    axes = figure.add_axes((0.08, 0.2, 0.62, 0.62))
    numbers: set[float] = set()
    for (name, points), (colour, mark, line) in zip(curves_of(table), STYLES, strict=False):
        xs, ys = zip(*points, strict=True)
        numbers |= set(xs)
        look: dict[str, Any] = {"color": colour, "marker": mark, "linestyle": line}
        axes.plot(xs, ys, label=name, markersize=3.5, linewidth=1.2, **look)
    _set_scale(axes, numbers)
    axes.set_xlabel(table.columns[0])
    axes.set_ylabel("Noticed, %")
    axes.set_ylim(0, 104)
    axes.grid(color=FAINT, alpha=0.25, linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    if numbers:
        axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.02), frameon=False)
    return figure


def _set_scale(axes: Axes, numbers: set[float]) -> None:
    """Make the horizontal scale logarithmic where the numbers ask for it; 0 keeps a place."""
    positive = sorted(number for number in numbers if number > 0)
    if not positive or positive[-1] <= STEEP * positive[0]:
        axes.set_xticks(sorted(numbers))
    elif len(positive) < len(numbers):
        axes.set_xscale("symlog", linthresh=positive[0])
    else:
        axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
