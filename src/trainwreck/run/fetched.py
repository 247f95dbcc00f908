"""What the first clean run wrote to its private views, shown to all later runs."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainwreck.run.copying import size_of

SMALL = 1 << 20
"""Bytes of a file, or of a new folder with all that is in it, that each run copies."""
MOST_VIEWS = 32
"""The most new folders and large files that are shown where they lie; each is a mount."""


@dataclass(frozen=True, slots=True)
class FetchedPart:
    """A file or folder ``source`` that runs see as ``shown``, which is new unless it is small."""

    source: Path
    shown: Path
    is_small: bool


def fetched_parts(view: Path, layer: Path) -> list[FetchedPart]:
    """Return what a view shows besides what is there.

    Large files that were there before are left out: runs see them as the first one found them.

    Args:
        view: The folder that is shown.
        layer: The folder of what the first clean run wrote to its view.

    """
    parts = list(_parts(view, layer))
    small = [part for part in parts if part.is_small]
    large = [part for part in parts if not part.is_small]
    return [*small, *large[:MOST_VIEWS]]


def _parts(view: Path, layer: Path) -> Iterator[FetchedPart]:
    for entry in _entries(layer):
        source, shown = Path(entry.path), view / entry.name
        if entry.is_symlink():
            yield FetchedPart(source, shown, is_small=True)
        elif entry.is_dir():
            if shown.is_dir():
                yield from _parts(shown, source)
            else:
                yield FetchedPart(source, shown, size_of(source) <= SMALL)
        elif entry.is_file():
            is_small = entry.stat().st_size <= SMALL
            if is_small or not shown.exists():
                yield FetchedPart(source, shown, is_small)


def _entries(folder: Path) -> "list[os.DirEntry[str]]":
    return sorted(os.scandir(folder), key=lambda entry: entry.name) if folder.is_dir() else []
