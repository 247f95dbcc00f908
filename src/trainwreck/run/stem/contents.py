"""Keeps files as they are: a second name for each, which keeps its inode, and a copy.

Files are named by the descriptor of their folder and a name within it, so that no link that a
program has left is ever followed.
"""

import hashlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

CLOCK_SECONDS = 0.02
"""The kernel's clock of files may lag by this; what changed since may change unseen once more."""
INODE, MODE, OWNER, GROUP, SIZE, WRITTEN, CHANGED = range(7)
"""Places in a stamp."""

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


def stamp_at(folder: int, name: str) -> Stamp:
    """Return the stamp of an entry of an opened folder. Raises OSError."""
    return stamp_of(os.stat(name, dir_fd=folder, follow_symlinks=False))


@dataclass(frozen=True, slots=True)
class Kept:
    """One file as it was: its copy, the hash of its bytes, and its extended attributes."""

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

    def link(self, folder: int, name: str, inode: int) -> bool:
        """Give a file its second name; return whether it had none. Raises OSError."""
        if inode in self._linked:
            return False
        os.link(name, self._links / str(inode), src_dir_fd=folder, follow_symlinks=False)
        self._linked.add(inode)
        return True

    def is_kept(self, stamp: Stamp) -> bool:
        """Return whether a file is known as it is."""
        known = self._kept.get(stamp[INODE])
        return known is not None and known[0] == stamp and stamp[INODE] in self._certain

    def keep(self, inode: int) -> None:
        """Copy a file that has its second name. Raises OSError."""
        link = self._links / str(inode)
        stamp = stamp_of(link.lstat())
        copy = self._copies / str(inode)
        with link.open("rb") as file, copy.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
            attributes = _attributes(file.fileno())
        self._kept[inode] = stamp, Kept(copy, _hash_of(copy), attributes)
        self._note_certainty(stamp)

    def is_changed(self, stamp: Stamp) -> bool:
        """Return whether a file is not what was kept of this inode. Raises OSError."""
        inode = stamp[INODE]
        before, kept = self._kept[inode]
        if stamp != before:
            return True
        return inode not in self._certain and _hash_of(self._links / str(inode)) != kept.sha

    def bring_back(self, folder: int, name: str, inode: int) -> None:
        """Make a name lead to the file that it led to, with what this held.

        Nothing, or this file itself, has the name now. Raises OSError where that cannot be done,
        and ValueError where the result is not the same.
        """
        before, kept = self._kept[inode]
        link = self._links / str(inode)
        try:
            stamp_at(folder, name)
        except FileNotFoundError:
            os.link(link, name, dst_dir_fd=folder, follow_symlinks=False)
        _write(link, kept.copy, before)
        with link.open("rb") as file:
            has_attributes = _attributes(file.fileno()) == kept.attributes
        stamp = stamp_at(folder, name)
        if stamp[:CHANGED] != before[:CHANGED] or not has_attributes or _hash_of(link) != kept.sha:
            raise ValueError(f"{name} is not what it was")
        self._kept[inode] = stamp, kept
        self._note_certainty(stamp)

    def _note_certainty(self, stamp: Stamp) -> None:
        """Note whether this stamp shows the next change of its file."""
        is_old = stamp[CHANGED] < time.time_ns() - CLOCK_SECONDS * 1e9
        if self._shows_changes and is_old:
            self._certain.add(stamp[INODE])
        else:
            self._certain.discard(stamp[INODE])


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, copy: Path, stamp: Stamp) -> None:
    """Write what a copy holds into a file, which keeps its inode, with mode, owner and times."""
    path.chmod(0o600)
    with copy.open("rb") as source, path.open("r+b") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.truncate(stamp[SIZE])
        target.flush()
        set_status(target.fileno(), stamp)


def set_status(descriptor: int, stamp: Stamp) -> None:
    """Give a file or folder the owner, mode and time of writing of a stamp. Raises OSError."""
    status = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (stamp[OWNER], stamp[GROUP]):
        os.fchown(descriptor, stamp[OWNER], stamp[GROUP])
    os.fchmod(descriptor, stamp[MODE] & 0o7777)
    os.utime(descriptor, ns=(status.st_atime_ns, stamp[WRITTEN]))


def _attributes(descriptor: int) -> dict[str, bytes]:
    if not hasattr(os, "listxattr"):
        return {}
    try:
        return {name: os.getxattr(descriptor, name) for name in os.listxattr(descriptor)}
    except OSError:
        return {}
