"""Keeps files as they are: a second name for each, which keeps its inode, and a copy."""

import hashlib
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trainwreck.run.copying import copy_file

CLOCK_SECONDS = 0.02
"""The kernel's clock of files may lag by this; what changed since may change unseen once more."""

Stamp = tuple[int, int, int, int, int, int, int]
"""Inode, mode, owner, group, size, and the times of writing and of change in nanoseconds."""


def stamp_of(status: os.stat_result) -> Stamp:
    """Return all of a file's status that a change of the file changes."""
    return (
        status.st_ino,
        status.st_mode,
        status.st_uid,
        status.st_gid,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """One file as it was: its copy, its hash, and its extended attributes."""

    copy: Path
    sha: str
    attributes: dict[str, bytes]


class Contents:
    """The files of a stem, in a folder beside its own on the same file system.

    Args:
        folder: The folder to create.
        shows_changes: Whether a file's times show each change of it.

    """

    def __init__(self, folder: Path, *, shows_changes: bool) -> None:
        self._links = folder / "links"
        self._copies = folder / "copies"
        self._links.mkdir(parents=True)
        self._copies.mkdir()
        self._shows_changes = shows_changes
        self._linked: set[int] = set()
        self._kept: dict[int, tuple[Stamp, Kept]] = {}
        self._certain: set[int] = set()

    def link(self, path: Path, inode: int) -> bool:
        """Give a file its second name, unless it has one. Raises OSError."""
        if inode in self._linked:
            return False
        os.link(path, self._links / str(inode), follow_symlinks=False)
        self._linked.add(inode)
        return True

    def keep(self, path: Path, stamp: Stamp) -> None:
        """Copy a file that has its second name, unless it is known as it is. Raises OSError."""
        inode = stamp[0]
        known = self._kept.get(inode)
        if known and known[0] == stamp and inode in self._certain:
            return
        copy = self._copies / str(inode)
        copy_file(path, copy)
        self._kept[inode] = stamp, Kept(copy, hash_of_file(copy), _attributes(path))
        self._note_certainty(stamp)

    def is_changed(self, path: Path, stamp: Stamp) -> bool:
        """Return whether a file is not what was kept of this inode. Raises OSError."""
        inode = stamp[0]
        before, kept = self._kept[inode]
        if stamp != before:
            return True
        return inode not in self._certain and hash_of_file(path) != kept.sha

    def bring_back(self, path: Path, inode: int) -> None:
        """Make a path lead to the file that it led to, with what this held.

        Raises OSError where that cannot be done, and ValueError where the result is not the same.
        """
        before, kept = self._kept[inode]
        if _inode(path) != inode:
            with suppress(FileNotFoundError):
                path.unlink()
            os.link(self._links / str(inode), path, follow_symlinks=False)
        _write(path, kept.copy, before)
        if hash_of_file(path) != kept.sha or _attributes(path) != kept.attributes:
            raise ValueError(f"{path.name} is not what it was")
        stamp = stamp_of(path.lstat())
        if stamp[:-1] != before[:-1]:
            raise ValueError(f"{path.name} is not what it was")
        self._kept[inode] = stamp, kept
        self._note_certainty(stamp)

    def _note_certainty(self, stamp: Stamp) -> None:
        """Note whether this stamp shows the next change of its file."""
        is_old = stamp[-1] < time.time_ns() - CLOCK_SECONDS * 1e9
        if self._shows_changes and is_old:
            self._certain.add(stamp[0])
        else:
            self._certain.discard(stamp[0])


def hash_of_file(path: Path) -> str:
    """Return the hash of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, copy: Path, stamp: Stamp) -> None:
    """Write what a copy holds into a file, which keeps its inode, with mode, owner and times."""
    _, mode, owner, group, size, written, _ = stamp
    path.chmod(0o600)
    with copy.open("rb") as source, path.open("r+b") as target:
        while chunk := source.read(1 << 20):
            target.write(chunk)
        target.truncate(size)
    status = path.lstat()
    if (status.st_uid, status.st_gid) != (owner, group):
        os.chown(path, owner, group)
    path.chmod(mode & 0o7777)
    os.utime(path, ns=(status.st_atime_ns, written))


def _inode(path: Path) -> int:
    try:
        return path.lstat().st_ino
    except OSError:
        return 0


def _attributes(path: Path) -> dict[str, bytes]:
    if not hasattr(os, "listxattr"):
        return {}
    try:
        names = os.listxattr(path, follow_symlinks=False)
        return {name: os.getxattr(path, name, follow_symlinks=False) for name in names}
    except OSError:
        return {}
