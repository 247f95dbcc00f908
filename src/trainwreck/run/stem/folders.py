"""Notes all that is in a folder, and restores it in place after a child of a stem."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from trainwreck.run.removal import remove_tree
from trainwreck.run.stem.contents import CLOCK_SECONDS, Contents, Stamp, stamp_of

MOST_FILES = 20_000
MOST_BYTES = 512 << 20
MOST_UNSEEN = 64 << 20
"""Bytes on a file system where each file must be read to see whether it has changed."""
DEEPEST = 60
"""Levels of folders; deeper ones are followed by recursion no more."""
MODE, OWNER, GROUP, WRITTEN = 1, 2, 3, 5
"""Places in a stamp."""


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
    """One folder with all below it.

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
    _noted: _Folder | None = field(default=None, init=False)
    _files: dict[int, Path] = field(default_factory=dict, init=False)
    _bytes: int = field(default=0, init=False)
    _device: int = field(default=0, init=False)

    @property
    def inodes(self) -> set[int]:
        """Return the inodes of all files that can be restored."""
        return set(self._files)

    def note(self) -> None:
        """Note what is there now. Raises NotRestorable, with the reason."""
        try:
            self._files, self._bytes = {}, 0
            self._device = self.root.lstat().st_dev
            noted = self._read(self.root, 0)
            new = [self.contents.link(path, inode) for inode, path in self._files.items()]
            if any(new):
                time.sleep(CLOCK_SECONDS)  # A second name changes a file's times.
            for path in self._files.values():
                self.contents.keep(path, stamp_of(path.lstat()))
        except OSError as error:
            raise NotRestorable(f"its folder cannot be kept: {error.strerror}") from None
        self._noted = noted

    def restore(self) -> None:
        """Make the folder what it was when it was noted; compare it with that.

        Raises NotRestorable, with the reason.
        """
        assert self._noted is not None
        try:
            if self._correct(self.root, self._noted) and self._correct(self.root, self._noted):
                raise NotRestorable("its folder changes while it is restored")
        except (OSError, ValueError) as error:
            raise NotRestorable(f"its folder cannot be restored: {error}") from None

    def _read(self, folder: Path, depth: int) -> _Folder:
        """Read one folder and all below it."""
        if depth > DEEPEST:
            raise NotRestorable("its folder is too deep")
        stamp = stamp_of(folder.lstat())
        entries: dict[str, _Entry] = {}
        for entry in self._listed(folder):
            status = entry.stat(follow_symlinks=False)
            path = folder / entry.name
            if status.st_dev != self._device:
                raise NotRestorable("a part of its folder is on another file system")
            if stat.S_ISDIR(status.st_mode):
                entries[entry.name] = self._read(path, depth + 1)
            elif stat.S_ISREG(status.st_mode):
                entries[entry.name] = self._file(path, status)
            else:
                is_link = stat.S_ISLNK(status.st_mode)
                target = os.readlink(path) if is_link else None
                entries[entry.name] = _Other(stamp_of(status), target)
        return _Folder(stamp, entries)

    def _file(self, path: Path, status: os.stat_result) -> _File:
        self._files[status.st_ino] = path
        self._bytes += status.st_size
        if len(self._files) > MOST_FILES or self._bytes > self.most_bytes:
            raise NotRestorable("its folder is too large")
        return _File(status.st_ino)

    def _listed(self, folder: Path) -> "Iterator[os.DirEntry[str]]":
        """Yield the entries that count, in the order of the system."""
        left_out = self.left_out if folder == self.root else ()
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if entry.name not in left_out)

    def _correct(self, folder: Path, noted: _Folder) -> bool:
        """Make a folder what it was; return whether it was something else."""
        before = self._open_way(folder, noted)
        names = [entry.name for entry in self._listed(folder)]
        for name in names:
            if name not in noted.entries:
                remove_tree(folder / name)
        changed = [
            self._correct_entry(folder / name, entry) for name, entry in noted.entries.items()
        ]
        left = [entry.name for entry in self._listed(folder)]
        if left != list(noted.entries):
            raise ValueError("its entries have another order")
        is_changed = before != _own_status(noted.stamp) or names != left or any(changed)
        if is_changed or noted.stamp[MODE] & 0o700 != 0o700:
            _set_status(folder, noted.stamp)
        return is_changed

    def _open_way(self, folder: Path, noted: _Folder) -> tuple[int, ...]:
        """See to it that there is a folder that can be read; return its status as it was."""
        try:
            status: os.stat_result | None = folder.lstat()
        except FileNotFoundError:
            status = None
        if status is None or status.st_ino != noted.stamp[0]:
            if folder == self.root or self.is_held(noted.stamp[0]):
                raise ValueError(f"another folder is in place of {folder.name}")
            remove_tree(folder)
            folder.mkdir(mode=0o700)
            noted.stamp = (folder.lstat().st_ino, *noted.stamp[1:])
            return ()
        if status.st_mode & 0o700 != 0o700:
            folder.chmod(0o700)
        return _own_status(stamp_of(status))

    def _correct_entry(self, path: Path, noted: _Entry) -> bool:
        """Make one entry what it was; return whether it was something else."""
        if isinstance(noted, _Folder):
            return self._correct(path, noted)
        if isinstance(noted, _Other):
            return _correct_other(path, noted)
        with suppress(FileNotFoundError):
            status = path.lstat()
            if status.st_ino != noted.inode:
                remove_tree(path)
            elif not self.contents.is_changed(path, stamp_of(status)):
                return False
        self.contents.bring_back(path, noted.inode)
        return True


def _correct_other(path: Path, noted: _Other) -> bool:
    """Make a link again where it was; nothing else can be made again."""
    with suppress(FileNotFoundError):
        status = path.lstat()
        is_same = status.st_ino == noted.stamp[0] or noted.target is not None
        if is_same and status.st_mode == noted.stamp[MODE]:
            if noted.target is None or os.readlink(path) == noted.target:
                return False
    if noted.target is None:
        raise ValueError(f"{path.name} was replaced")
    remove_tree(path)
    path.symlink_to(noted.target)
    os.utime(path, ns=(noted.stamp[WRITTEN], noted.stamp[WRITTEN]), follow_symlinks=False)
    return True


def _own_status(stamp: Stamp) -> tuple[int, ...]:
    """Return of a folder's stamp what its own entries decide: without size and time of change."""
    return (stamp[MODE], stamp[OWNER], stamp[GROUP], stamp[WRITTEN])


def _set_status(folder: Path, stamp: Stamp) -> None:
    status = folder.lstat()
    if (status.st_uid, status.st_gid) != (stamp[OWNER], stamp[GROUP]):
        os.chown(folder, stamp[OWNER], stamp[GROUP])
    folder.chmod(stamp[MODE] & 0o7777)
    os.utime(folder, ns=(status.st_atime_ns, stamp[WRITTEN]))
