"""Keeps the working copy of a trial for the next one in its slot, made what it was.

Copying two thousand files takes half a second of processor time, seeing that they are what they
were takes a fiftieth of it. A file counts as unchanged where its whole status is that of before,
its change time included, which no program can set. What cannot be made what it was in place is
copied as a whole, as if nothing had been kept.
"""

import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from trainwreck.run.removal import remove_tree
from trainwreck.run.scratch import entries_of
from trainwreck.run.stem.contents import (
    CHANGED,
    CLOCK_SECONDS,
    GROUP,
    INODE,
    MODE,
    OWNER,
    Stamp,
    stamp_of,
)
from trainwreck.run.stem.trusted import shows_changes

FEWEST = 100
"""Files below which a copy costs too little to be kept."""
LARGE = 1 << 20
"""Bytes above which a file's copy has the times of the file, so that it is not written in place."""
KEPT = ".copy"
"""The ending of the folder beside a slot's in which its copy waits."""
OF_SYSTEM = "security."
"""The prefix of extended attributes that the system gives each file."""


class _NotKept(Exception):
    """A copy cannot be made what it was, or not be seen to be."""


@dataclass(slots=True)
class _File:
    """A file or link of the copy, and the file that it was copied from, None behind a link.

    A file that had just been written may change once more without a change of its stamp.
    """

    stamp: Stamp
    source: Stamp | None
    is_certain: bool


@dataclass(slots=True)
class _Folder:
    """A folder of the copy; ``entries`` are in the order in which the system lists them."""

    stamp: Stamp
    entries: "dict[str, _File | _Folder]"


@dataclass
class KeptCopies:
    """The working copies that wait for their next trials, by their paths in these."""

    _noted: dict[Path, _Folder] = field(default_factory=dict)

    def fill(self, app: Path, folder: Path, campaign: Path, make: Callable[[], object]) -> None:
        """Make a working copy, or bring back the one that the trial before has left.

        Args:
            app: The working copy, in the folder of a slot.
            folder: The folder of the subject.
            campaign: The folder of the campaign, which is left out.
            make: Makes the copy from nothing.

        """
        noted, kept = self._noted.pop(app, None), kept_folder(app.parent)
        if noted:
            with suppress(OSError, _NotKept):
                _restore(kept, folder, campaign, noted)
                kept.rename(app)
                self._noted[app] = noted
                return
        remove_tree(kept)
        began = time.time_ns()
        make()
        if shows_changes(app.parent.parent):
            with suppress(OSError, _NotKept):
                noted = _note(app, folder, campaign, began)
                if _number(noted) >= FEWEST:
                    self._noted[app] = noted

    def keep(self, app: Path) -> None:
        """Set the working copy of a trial that has ended aside, where it was noted."""
        noted, kept = self._noted.get(app), kept_folder(app.parent)
        if noted:
            remove_tree(kept)
            with suppress(OSError):
                app.rename(kept)
                return
            del self._noted[app]


def kept_folder(slot: Path) -> Path:
    """Return the place beside a slot's folder where its copy waits."""
    return slot.with_name(f"{slot.name}{KEPT}")


def remove_copies(work: Path) -> None:
    """Remove all copies that wait, at the end of a session."""
    for path in work.glob(f"*{KEPT}"):
        remove_tree(path)


def _number(folder: _Folder) -> int:
    """Return the number of files in a folder and in all below it."""
    entries = folder.entries.values()
    return sum(_number(entry) if isinstance(entry, _Folder) else 1 for entry in entries)


def _note(copy: Path, source: Path, campaign: Path, began: int) -> _Folder:
    """Note a copy that was just made, and what it was made from.

    Raises _NotKept where the subject has changed since ``began``, in nanoseconds.
    """
    _check_attributes(copy)
    originals = {entry.name: entry for entry in entries_of(source, campaign)}
    entries: dict[str, _File | _Folder] = {}
    with os.scandir(copy) as found:
        for entry in found:
            status = entry.stat(follow_symlinks=False)
            if entry.name not in originals:
                raise _NotKept
            if stat.S_ISDIR(status.st_mode):
                inner = Path(entry.path), source / entry.name
                entries[entry.name] = _note(*inner, campaign, began)
                continue
            original = None
            if stat.S_ISREG(status.st_mode):
                original = stamp_of(originals[entry.name].stat())
                if not _is_before(original, began):
                    raise _NotKept
            stamp = stamp_of(status)
            entries[entry.name] = _File(stamp, original, _is_before(stamp, time.time_ns()))
    if len(entries) != len(originals):
        raise _NotKept
    return _Folder(stamp_of(copy.lstat()), entries)


def _is_before(stamp: Stamp, moment: int) -> bool:
    """Return whether a later change is sure to show, as the clock of files has gone on since."""
    return stamp[CHANGED] < moment - CLOCK_SECONDS * 1e9


def _restore(copy: Path, source: Path, campaign: Path, noted: _Folder) -> None:
    """Make a folder of the copy what it was. Raises _NotKept or OSError where that cannot be."""
    if _own(stamp_of(copy.lstat())) != _own(noted.stamp):
        raise _NotKept
    _check_attributes(copy)
    found, has_further = _listed(copy, noted)
    if has_further:
        found, _ = _listed(copy, noted)
    originals = {entry.name: entry for entry in entries_of(source, campaign)}
    if list(found) != list(noted.entries) or originals.keys() != noted.entries.keys():
        raise _NotKept
    for name, entry in noted.entries.items():
        if isinstance(entry, _Folder):
            _restore(copy / name, source / name, campaign, entry)
            continue
        if entry.source and stamp_of(originals[name].stat()) != entry.source:
            raise _NotKept
        if found[name] != entry.stamp or not entry.is_certain:
            _correct(copy / name, source / name, entry)


def _listed(copy: Path, noted: _Folder) -> tuple[dict[str, Stamp], bool]:
    """Return the stamps of a folder's entries in their order; remove those that are new."""
    with os.scandir(copy) as entries:
        found = {entry.name: stamp_of(entry.stat(follow_symlinks=False)) for entry in entries}
    further = [name for name in found if name not in noted.entries]
    for name in further:
        remove_tree(copy / name)
    return found, bool(further)


def _correct(path: Path, source: Path, entry: _File) -> None:
    """Make a file what it was, in place. Raises _NotKept or OSError where that cannot be."""
    if entry.source is None or entry.source[4] > LARGE:
        raise _NotKept
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "r+b") as file:
        status = os.fstat(descriptor)
        is_own = status.st_nlink == 1 and stat.S_ISREG(status.st_mode)
        if not is_own or _own(stamp_of(status), ~0o7777) != _own(entry.stamp, ~0o7777):
            raise _NotKept
        _check_attributes(descriptor)
        content = source.read_bytes()
        if stamp_of(status)[MODE] != entry.stamp[MODE] or file.read() != content:
            file.seek(0)
            file.write(content)
            file.truncate()
            os.fchmod(descriptor, stat.S_IMODE(entry.stamp[MODE]))
        file.flush()
        entry.stamp = stamp_of(os.fstat(descriptor))
        entry.is_certain = _is_before(entry.stamp, time.time_ns())


def _own(stamp: Stamp, bits: int = -1) -> tuple[int, ...]:
    """Return inode, mode, owner and group; ``bits`` are those of the mode that count."""
    return stamp[INODE], stamp[MODE] & bits, stamp[OWNER], stamp[GROUP]


def _check_attributes(path: "Path | int") -> None:
    """Raise _NotKept where somebody has given a file or folder attributes or further rights."""
    if hasattr(os, "listxattr"):
        with suppress(OSError):  # This file system has none.
            if any(not name.startswith(OF_SYSTEM) for name in os.listxattr(path)):
                raise _NotKept
