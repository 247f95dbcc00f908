"""The common parts of all figures: their width, their letters, and how they are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwreck.errors import UsageError, need

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, EDGE = 7.2, 0.1
"""Inches: of the page, and around everything."""

INK, FAINT = "#222222", "#767676"

METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
    ".png": {"Software": None},
}
"""The formats, and what keeps the hour and the machine out of each."""

SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,
    "svg.hashsalt": "trainwreck",
    "text.parse_math": False,
}


def save(path: Path, make: Callable[[], Figure]) -> None:
    """Write a figure; the ending of ``path`` gives the format.

    Raises UsageError where the format is unknown or the file cannot be written.
    """
    if path.suffix not in METADATA:
        endings = ", ".join(METADATA)
        raise UsageError(
            f"a figure cannot be written as `{path.name}`", f"Choose a name that ends in {endings}."
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"there is no folder `{path.parent}` for the figure", "Make the folder first."
        )
    need("figures", "report", "matplotlib")
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        figure = make()
        try:
            figure.savefig(path, dpi=200, metadata=METADATA[path.suffix])
        except OSError as error:
            raise UsageError(
                f"the figure `{path}` cannot be written: {error.strerror}",
                "Name another file, or free space there.",
            ) from error


def heading(figure: Figure, title: str) -> None:
    """Write the title at the top left."""
    look: dict[str, Any] = {"fontsize": 10, "fontweight": "bold", "color": INK}
    top = 1 - EDGE / figure.get_figheight()
    figure.text(EDGE / WIDTH, top, title, ha="left", va="top", **look)


def shortened(name: str, longest: int) -> str:
    """Return a name that has at most this many letters."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
