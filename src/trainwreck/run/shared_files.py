"""Notices changes of files that no trial may change: what trials share, and libraries."""

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from trainwreck.run.scratch import SKIPPED_NAMES

Stamp = tuple[int, int, int]
"""The size of a file, its time of writing in nanoseconds, and its mode."""


class SharedFiles:
    """The files that trials share, compared with what they were by size, time and mode.

    A file counts as changed once; from then on it is compared with what it has become. What the
    clean program changes is ``expected``: single files, and folders in which names come and go.
    Folders ``without`` it, within the others, are left out.
    """

    def __init__(
        self, roots: Iterable[Path], expected: Iterable[str] = (), without: Iterable[Path] = ()
    ) -> None:
        self._roots = tuple(dict.fromkeys(roots))
        self._without = {str(path.resolve()) for path in without}
        self._stamps = dict(self._read())
        self._changes: dict[str, bool] = {}
        self.expected = set(expected)

    @property
    def number(self) -> int:
        """Return the number of files that are compared."""
        return len(self._stamps)

    def changed(self) -> list[str]:
        """Return the paths of files that are new, gone or not what they were, in their order."""
        before, self._stamps = self._stamps, dict(self._read())
        self._changes = {
            path: path in before and path in self._stamps
            for path in before.keys() | self._stamps.keys()
            if before.get(path) != self._stamps.get(path)
        }
        return sorted(p for p, stays in self._changes.items() if not self._is_expected(p, stays))

    def expect_last(self) -> None:
        """Ignore changes like the last ones from now on, because the clean program makes them."""
        for path, stays in self._changes.items():
            self.expected.add(path if stays else _folder_of(path))

    def _is_expected(self, path: str, stays: bool) -> bool:
        if path in self.expected:
            return True
        return not stays and _folder_of(path) in self.expected

    def _read(self) -> Iterator[tuple[str, Stamp]]:
        for root in self._roots:
            if root.is_dir():
                yield from _below(str(root.resolve()), self._without - {str(root.resolve())})
            elif (stamp := _stamp(root)) is not None:
                yield str(root), stamp


def _folder_of(path: str) -> str:
    """Return the folder of a file, with a separator at its end, as no file has one."""
    return path[: path.rindex(os.sep) + 1]


def _below(folder: str, without: Collection[str]) -> Iterator[tuple[str, Stamp]]:
    """Yield the files below a folder, but for compiled ones, which any program may write."""
    for top, folders, names in os.walk(folder):
        folders[:] = [
            name for name in folders if name not in SKIPPED_NAMES and f"{top}/{name}" not in without
        ]
        for name in names:
            path = f"{top}/{name}"
            if (stamp := _stamp(path)) is not None:
                yield path, stamp


def _stamp(path: str | Path) -> Stamp | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_mode
