"""The processes of a stem: what it holds open, and which of its children's are left."""

import os
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

CLEAR_SECONDS = 10.0
"""The longest time to end what a child has left."""
WAIT_SECONDS = 0.002


def children_of(pid: int) -> list[int]:
    """Return the processes whose parent is ``pid``; zombies too."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            text = Path(f"/proc/{pid}/task/{thread}/children").read_text(encoding="ascii")
            found += map(int, text.split())
    except FileNotFoundError:
        # It has ended, or this kernel keeps no such list.
        with suppress(psutil.Error):
            return [process.pid for process in psutil.Process(pid).children()]
    except OSError:
        pass
    return found


def descendants_of(pid: int) -> Iterator[int]:
    """Yield all processes below ``pid``, parents first."""
    for child in children_of(pid):
        yield child
        yield from descendants_of(child)


def end_all_but(stem: int, holder: int) -> bool:
    """End every process below the holder but the stem; return whether none is left.

    What a process leaves becomes a child of the holder, so nothing escapes a second search.
    """
    until = time.monotonic() + CLEAR_SECONDS
    times_empty = 0
    while times_empty < 2:
        left = [pid for pid in descendants_of(holder) if pid != stem]
        times_empty = 0 if left else times_empty + 1
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > until:
            return False
        if left:
            time.sleep(WAIT_SECONDS)
    return True


class OpenFiles:
    """The files and folders that a process has open. Raises OSError where they are not shown."""

    def __init__(self, pid: int) -> None:
        self._statuses: list[tuple[os.stat_result, bool]] = []
        for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
            status = Path(f"/proc/{pid}/fd/{name}").stat()
            self._statuses.append((status, _is_writable(pid, name)))
        self._folder = Path(f"/proc/{pid}/cwd").stat()

    def holds(self, inode: int) -> bool:
        """Return whether a file or folder of this inode is open, or is worked in."""
        inodes = [status.st_ino for status, _ in self._statuses]
        return inode in (*inodes, self._folder.st_ino)

    def written(self) -> Iterator[int]:
        """Yield the inode of each plain file with a name that is open to be written.

        Of files without one, the agent gives each child copies.
        """
        for status, is_writable in self._statuses:
            if stat.S_ISREG(status.st_mode) and status.st_nlink and is_writable:
                yield status.st_ino


def _is_writable(pid: int, name: str) -> bool:
    text = Path(f"/proc/{pid}/fdinfo/{name}").read_text(encoding="ascii")
    flags = next(line.split()[1] for line in text.splitlines() if line.startswith("flags:"))
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
