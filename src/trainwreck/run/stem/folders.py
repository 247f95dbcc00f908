"""Notes all that is in a folder, and restores it in place after a child of a stem."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from trainwreck.run.removal import remove_tree
from trainwreck.run.stem.contents import (
    CLOCK_SECONDS,
    GROUP,
    INODE,
    MODE,
    OWNER,
    WRITTEN,
    Contents,
    Stamp,
    set_status,
    stamp_at,
    stamp_of,
)

MOST_FILES = 20_000
MOST_BYTES = 512 << 20
MOST_UNSEEN = 64 << 20
"""Bytes on a file system where each file must be read to see whether it has changed."""
DEEPEST = 60
"""Levels of folders that are noted."""
MOST_PASSES = 4
"""The passes through a folder; the last one must find it as it was."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class NotRestorable(Exception):
    """A folder cannot be noted, or not be made what it was; the text says why."""


@dataclass(slots=True)
class _Folder:
    """A folder; ``entries`` are in the order in which the system lists them.

    One that was made again has another inode from then on.
    """

    stamp: Stamp
    entries: "dict[str, _Folder | _File | _Other]"


@dataclass(frozen=True, slots=True)
class _File:
    """A file, whose status and content are kept apart."""

    inode: int


@dataclass(frozen=True, slots=True)
class _Other:
    """A link with its target, or a pipe, socket or device."""

    stamp: Stamp
    target: str | None


_Entry = _Folder | _File | _Other


@dataclass
class Folders:
    """One folder with all below it. No link in it is followed.

    Attributes:
        root: The folder.
        contents: Keeps the files.
        is_held: Return whether the stem has a folder of this inode open, or works in it.
        left_out: Names in the root that are neither noted nor restored.
        most_bytes: The bytes above which nothing is noted.

    """

    root: Path
    contents: Contents
    is_held: Callable[[int], bool]
    left_out: frozenset[str] = frozenset()
    most_bytes: int = MOST_BYTES
    inodes: set[int] = field(default_factory=set, init=False)
    _unkept: set[int] = field(default_factory=set, init=False)
    _noted: _Folder | None = field(default=None, init=False)
    _bytes: int = field(default=0, init=False)
    _device: int = field(default=0, init=False)
    _has_new: bool = field(default=False, init=False)
    _problems: list[str] = field(default_factory=list, init=False)

    def note(self) -> None:
        """Note what is there now. Raises NotRestorable, with the reason."""
        self.inodes, self._unkept, self._bytes, self._has_new = set(), set(), 0, False
        try:
            with _opened(self.root) as folder:
                self._device = os.fstat(folder).st_dev
                self._noted = self._read(folder, 0)
            if self._has_new:
                time.sleep(CLOCK_SECONDS)  # A second name changes a file's times.
            for inode in self._unkept:
                self.contents.keep(inode)
        except OSError as error:
            raise NotRestorable(f"its folder cannot be kept: {error.strerror}") from None

    def restore(self) -> None:
        """Make the folder what it was when it was noted; compare it with that.

        Raises NotRestorable, with the reason.
        """
        self._problems = []
        try:
            # To remove one name of a file changes its times, also under its other name.
            for _ in range(MOST_PASSES):
                if not self._correct_root():
                    return
            raise ValueError(next(iter(self._problems), "it changes while it is restored"))
        except (OSError, ValueError) as error:
            raise NotRestorable(f"its folder cannot be restored: {error}") from None

    def _read(self, folder: int, depth: int) -> _Folder:
        """Read an opened folder and all below it."""
        if depth > DEEPEST:
            raise NotRestorable("its folder is too deep")
        entries: dict[str, _Entry] = {}
        for name in self._names(folder, depth):
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if status.st_dev != self._device:
                raise NotRestorable("a part of its folder is on another file system")
            if stat.S_ISDIR(status.st_mode):
                with _opened(name, folder) as inner:
                    entries[name] = self._read(inner, depth + 1)
            elif stat.S_ISREG(status.st_mode):
                entries[name] = self._file(folder, name, status)
            else:
                is_link = stat.S_ISLNK(status.st_mode)
                target = os.readlink(name, dir_fd=folder) if is_link else None
                entries[name] = _Other(stamp_of(status), target)
        return _Folder(stamp_of(os.fstat(folder)), entries)

    def _file(self, folder: int, name: str, status: os.stat_result) -> _File:
        self._bytes += status.st_size
        if len(self.inodes) >= MOST_FILES or self._bytes > self.most_bytes:
            raise NotRestorable("its folder is too large")
        self._has_new |= self.contents.link(folder, name, status.st_ino)
        self.inodes.add(status.st_ino)
        if not self.contents.is_kept(stamp_of(status)):
            self._unkept.add(status.st_ino)
        return _File(status.st_ino)

    def _names(self, folder: int, depth: int) -> list[str]:
        """Return the names that count, in the order of the system."""
        left_out = () if depth else self.left_out
        return [name for name in os.listdir(folder) if name not in left_out]

    def _correct_root(self) -> bool:
        assert self._noted is not None
        if self.root.lstat().st_ino != self._noted.stamp[INODE]:
            raise ValueError(f"another folder is in place of {self.root.name}")
        with _opened(self.root) as folder:
            if replaced := self._replaced(folder):
                # Mounts may lead to these, and there may be others in them: they are left alone.
                self._problems.append(f"another folder is in place of {replaced[0]}")
                for name, entry in self._noted.entries.items():
                    if name not in replaced:
                        self._try_entry(folder, self.root / name, entry, 0)
                return True
            return self._correct(folder, self.root, self._noted, 0)

    def _replaced(self, folder: int) -> list[str]:
        """Return the names of folders in the root that are gone, or that others have now."""
        assert self._noted is not None
        stamps = {
            name: (entry.stamp, _stamp(folder, name))
            for name, entry in self._noted.entries.items()
            if isinstance(entry, _Folder)
        }
        return [n for n, (old, new) in stamps.items() if not (new and _is_same(new, old))]

    def _correct(self, folder: int, path: Path, noted: _Folder, depth: int) -> bool:
        """Make an opened folder what it was; return whether it was something else.

        The path is for messages, and for removals, which follow no link either.
        """
        status = stamp_of(os.fstat(folder))
        names = self._names(folder, depth)
        for name in names:
            if name not in noted.entries:
                remove_tree(path / name)
        corrected = [
            self._try_entry(folder, path / name, entry, depth)
            for name, entry in noted.entries.items()
        ]
        left = self._names(folder, depth)
        if left != list(noted.entries):
            self._problems.append(f"the entries of {path.name} have another order")
        is_changed = names != left or any(corrected) or _own(status) != _own(noted.stamp)
        if is_changed:
            set_status(folder, noted.stamp)
        return is_changed

    def _try_entry(self, folder: int, path: Path, noted: _Entry, depth: int) -> bool:
        """Make one entry what it was, or note why that cannot be; return whether it was another."""
        try:
            return self._correct_entry(folder, path, noted, depth)
        except (OSError, ValueError) as error:
            self._problems.append(str(error))
            return True

    def _correct_entry(self, folder: int, path: Path, noted: _Entry, depth: int) -> bool:
        """Make one entry what it was; return whether it was something else."""
        if isinstance(noted, _Folder):
            return self._correct_folder(folder, path, noted, depth)
        if isinstance(noted, _Other):
            return _correct_other(folder, path, noted)
        stamp = _stamp(folder, path.name)
        if stamp and stamp[INODE] == noted.inode and stat.S_ISREG(stamp[MODE]):
            if not self.contents.is_changed(stamp):
                return False
        elif stamp:
            remove_tree(path)
        self.contents.bring_back(folder, path.name, noted.inode)
        return True

    def _correct_folder(self, folder: int, path: Path, noted: _Folder, depth: int) -> bool:
        """Make a folder what it was, again if it is gone; return whether it was something else."""
        stamp = _stamp(folder, path.name)
        is_same = stamp is not None and _is_same(stamp, noted.stamp)
        if not is_same:
            if self.is_held(noted.stamp[INODE]):
                raise ValueError(f"another folder is in place of {path.name}")
            remove_tree(path)
            os.mkdir(path.name, 0o700, dir_fd=folder)
            noted.stamp = (stamp_at(folder, path.name)[INODE], *noted.stamp[1:])
        is_closed = stamp is not None and is_same and stamp[MODE] & 0o700 != 0o700
        if is_closed:
            os.chmod(path.name, 0o700, dir_fd=folder)  # It is a folder, and no process is left.
        with _opened(path.name, folder) as inner:
            is_changed = self._correct(inner, path, noted, depth + 1)
            if is_closed and not is_changed:
                set_status(inner, noted.stamp)
        return is_changed or not is_same


def _correct_other(folder: int, path: Path, noted: _Other) -> bool:
    """Make a link again where it was; nothing else can be made again."""
    stamp = _stamp(folder, path.name)
    if stamp and stamp[MODE] == noted.stamp[MODE]:
        is_same = stamp[INODE] == noted.stamp[INODE] and noted.target is None
        if is_same or (noted.target and os.readlink(path.name, dir_fd=folder) == noted.target):
            return False
    if noted.target is None:
        raise ValueError(f"{path.name} was replaced")
    remove_tree(path)
    os.symlink(noted.target, path.name, dir_fd=folder)
    times = (noted.stamp[WRITTEN], noted.stamp[WRITTEN])
    os.utime(path.name, ns=times, dir_fd=folder, follow_symlinks=False)
    return True


def _stamp(folder: int, name: str) -> Stamp | None:
    with suppress(FileNotFoundError):
        return stamp_at(folder, name)
    return None


def _is_same(stamp: Stamp, noted: Stamp) -> bool:
    """Return whether both are of one inode, which was not used for an entry of another kind."""
    same_kind = stat.S_IFMT(stamp[MODE]) == stat.S_IFMT(noted[MODE])
    return same_kind and stamp[INODE] == noted[INODE]


def _own(stamp: Stamp) -> tuple[int, ...]:
    """Return of a folder's stamp what its own entries decide: without size and time of change."""
    return (stamp[MODE], stamp[OWNER], stamp[GROUP], stamp[WRITTEN])


@contextmanager
def _opened(name: str | Path, folder: int | None = None) -> Iterator[int]:
    """Open a folder, which must be no link. Raises OSError."""
    descriptor = os.open(name, FOLDER, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
