"""Slots: where trials run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MustStop = Callable[[], bool]
"""Return whether the work is to be given up, as after Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where one trial runs at a time.

    ``cpus`` are the processors that its trials are bound to, none for all. ``device`` names an
    accelerator, empty for none. ``folder`` holds the working copy; its path is the same for every
    trial of the slot, which keeps runs alike.
    """

    index: int
    folder: Path
    cpus: tuple[int, ...] = ()
    device: str = ""
