"""Removes shared memory that a killed program left, where all programs of the machine share it."""

import ctypes
import json
import os
import stat
import struct
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from trainwreck.run.keeper.system import IS_LINUX, call

FOLDER = Path("/dev/shm")
SEGMENTS = Path("/proc/sysvipc/shm")
BOOT = Path("/proc/sys/kernel/random/boot_id")
IN_CREATE = 0x100
EVENT = struct.Struct("iIII")
"""The report of a created file, before its name (``inotify(7)``)."""
CHUNK = 1 << 16
LOOKS = 10
"""The number of times to look for the process that made a file."""
MOST = 1000
"""Files of one run whose maker is looked for."""
MOST_NAMED = 20
"""Files of one run that are named where their maker is not known."""
IPC_RMID = 0

Place = tuple[int, int]
"""The device and number of a file, which names of other files never have meanwhile."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Shared memory of System V: who made it, who used it last, and how many use it now."""

    number: int
    maker: int
    user: int
    uses: int
    owner: int


class SharedMemory:
    """The shared memory that the processes of one trial make.

    It is the trial's own where it came up during the run, and a process of the trial had it open
    to be written, or, for a segment of System V, made it. Only that is removed, and only where no
    other process uses it. ``descriptor`` can be read after a file came up; it is -1 where the
    system does not say so. ``journal`` is a file of what is the trial's own, for the case that
    trainwreck is killed; the trial must not be able to write it.
    """

    def __init__(self, folder: Path = FOLDER, journal: Path | None = None) -> None:
        self._folder = folder
        self._journal = journal
        self._before = {segment.number for segment in segments()}
        self._looks: dict[str, int] = {}
        self._own: dict[str, Place] = {}
        self.descriptor = _watch(folder)

    def look(self, pids: Callable[[], Collection[int]]) -> None:
        """Note which of the files that came up since the last call these processes write to.

        Args:
            pids: Return the trial's processes; called only where a file came up.

        """
        self._take_names()
        names = [name for name, looks in self._looks.items() if looks < LOOKS]
        if not names:
            return
        written = {place for pid in pids() for place in _places(pid, only_written=True)}
        for name in names:
            self._looks[name] += 1
            if (place := self._place_of(name)) in written and place:
                self._own[name] = place
                del self._looks[name]
                self._note(name, place)

    def clear(self, pids: Collection[int]) -> list[str]:
        """Remove what is the trial's own, now that it has ended.

        Args:
            pids: All processes of the trial that are known.

        Returns:
            The paths of files that came up during the run and are in no use, but whose maker is
            not known: they may be another program's.

        """
        self._take_names()
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        self._remove_segments({0, *pids})
        left = self._remove_own()
        if self._journal:
            self._journal.unlink(missing_ok=True)
        return left

    def _remove_own(self) -> list[str]:
        """Remove the trial's own files; return those that may be another program's."""
        names = [*self._own, *self._looks]
        there = {name: place for name in names if (place := self._place_of(name))}
        if not there:
            return []
        used = {place for pid in psutil.pids() for place in _places(pid)}
        free = [name for name, place in there.items() if place not in used]
        for name in free:
            if self._own.get(name) == there[name]:
                with suppress(OSError):
                    (self._folder / name).unlink()
        left = sorted(name for name in free if name in self._looks)[:MOST_NAMED]
        return [_as_text(str(self._folder / name)) for name in left]

    def _take_names(self) -> None:
        """Read the names of files that came up."""
        if self.descriptor < 0:
            return
        with suppress(OSError):  # There are no more.
            while data := os.read(self.descriptor, CHUNK):
                for name in _names(data):
                    self._own.pop(name, None)
                    if len(self._looks) < MOST:
                        self._looks[name] = 0

    def _note(self, name: str, place: Place) -> None:
        """Write a file of the trial's into the journal; without room, it is not written."""
        if self._journal:
            with suppress(OSError), self._journal.open("a", encoding="ascii") as journal:
                entry = [_boot(), os.fsencode(name).hex(), *place]
                journal.write(f"{json.dumps(entry)}\n")

    def _place_of(self, name: str) -> Place | None:
        return _place_of(self._folder / name)

    def _remove_segments(self, pids: set[int]) -> None:
        for segment in segments():
            is_new = segment.number not in self._before and segment.owner == os.geteuid()
            is_own = segment.maker and {segment.maker, segment.user} <= pids
            if is_new and is_own and not segment.uses:
                with suppress(OSError):
                    call("shmctl", ctypes.c_int(segment.number), ctypes.c_int(IPC_RMID), None)


def journal_of(folder: Path) -> Path:
    """Return the journal of a trial in a folder: beside it, where the trial cannot write."""
    return folder.with_name(f"{folder.name}.shared")


def left_files(work: Path) -> list[Path]:
    """Return the files that killed trials have left, by their journals, and that are in no use."""
    left = {path: place for path, place in _noted(work) if _place_of(path) == place}
    if not left:
        return []
    used = {place for pid in psutil.pids() for place in _places(pid)}
    return [path for path, place in left.items() if place not in used]


def _noted(work: Path) -> Iterator[tuple[Path, Place]]:
    """Yield the files in the journals of a folder of slots, since the machine was started."""
    for journal in sorted(work.glob("*.shared")):
        with suppress(OSError, ValueError):
            for line in journal.read_text(encoding="ascii").splitlines():
                boot, name, device, inode = json.loads(line)
                path = FOLDER / os.fsdecode(bytes.fromhex(name))
                if boot == _boot() and path.parent == FOLDER:
                    yield path, (int(device), int(inode))


def _boot() -> str:
    """Return a text that is another one after each start of the machine."""
    with suppress(OSError):
        return BOOT.read_text(encoding="ascii").strip()
    return ""


def _place_of(path: Path) -> Place | None:
    """Return where a file of this user's is, None where there is none of this name."""
    with suppress(OSError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
            return status.st_dev, status.st_ino
    return None


def segments() -> Iterator[Segment]:
    """Yield the segments of System V that this process may see."""
    with suppress(OSError, ValueError):
        for line in SEGMENTS.read_text(encoding="ascii").splitlines()[1:]:
            _, number, _, _, maker, user, uses, owner = map(int, line.split()[:8])
            yield Segment(number, maker, user, uses, owner)


def _watch(folder: Path) -> int:
    """Return a descriptor that reports new files of a folder, -1 where that is not possible."""
    if not IS_LINUX:
        return -1
    with suppress(OSError):
        number = call("inotify_init1", ctypes.c_int(os.O_NONBLOCK | os.O_CLOEXEC))
        try:
            call("inotify_add_watch", number, os.fsencode(folder), ctypes.c_uint(IN_CREATE))
        except OSError:
            os.close(number)
            raise
        return number
    return -1


def _names(data: bytes) -> Iterator[str]:
    """Yield the names in reports of new files."""
    start = 0
    while start + EVENT.size <= len(data):
        *_, length = EVENT.unpack_from(data, start)
        start += EVENT.size
        if name := data[start : start + length].rstrip(b"\0"):
            yield os.fsdecode(name)
        start += length


def _places(pid: int, only_written: bool = False) -> Iterator[Place]:
    """Yield the files that a process has open or mapped; none where that cannot be read."""
    process = Path(f"/proc/{pid}")
    with suppress(OSError):
        for entry in (process / "fd").iterdir():
            with suppress(OSError, ValueError, IndexError, StopIteration):
                if not only_written or _is_written(process / "fdinfo" / entry.name):
                    status = entry.stat()
                    yield status.st_dev, status.st_ino
    with suppress(OSError, ValueError), (process / "maps").open("rb") as file:
        for line in file:
            _, rights, _, device, inode, *_ = line.split(None, 5)
            if inode != b"0" and (not only_written or (rights[1:2] + rights[3:4]) == b"ws"):
                major, minor = (int(part, 16) for part in device.split(b":"))
                yield os.makedev(major, minor), int(inode)


def _is_written(file: Path) -> bool:
    """Return whether an open file may be written, by what the system says of it."""
    lines = file.read_text(encoding="ascii").splitlines()
    flags = next(line for line in lines if line.startswith("flags:"))
    return int(flags.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY


def _as_text(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
