"""Watches the disk: what a run writes to its folders, and the reserve that must stay free."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from trainwreck.errors import Paused

SMALLEST_RESERVE = 1 << 30
"""Bytes that stay free on the disk of a campaign in any case."""
CHECK_SECONDS = 1.0
WALK_SECONDS = 10.0
"""Time between two walks through the folders of a run while the disk does not fill."""
WALK_SHARE = 0.05
"""The largest share of time that walks take."""
BLOCK = 512


class Room:
    """The room of one run: its folder, and the bytes that it may write there.

    A file counts when it changed since the run began, so copies made before do not.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._began = now_of(folder)
        self._free = free_bytes(folder)
        self._check_at = time.monotonic() + CHECK_SECONDS
        self._walk_at = time.monotonic() + WALK_SECONDS

    def is_exceeded(self) -> bool:
        """Return whether the run has written more than it may; most calls measure nothing.

        Raises Paused where the reserve is used up, by this run or by others.
        """
        now = time.monotonic()
        if now < self._check_at:
            return False
        self._check_at = now + CHECK_SECONDS
        free = free_bytes(self._folder)
        is_low = free < reserve_of(self._limit)
        if now < self._walk_at and self._free - free < self._limit // 4 and not is_low:
            return False
        if self._written() > self._limit:
            return True
        self._walk_at = time.monotonic() + WALK_SECONDS
        # A large folder is walked through less often.
        took = time.monotonic() - now
        self._check_at = max(self._check_at, time.monotonic() + took / WALK_SHARE)
        check_reserve(self._folder, self._limit)
        return False

    def has_full_file(self) -> bool:
        """Return whether a file has reached its largest size, at which the kernel refused more."""
        return any(status.st_size >= self._limit for status in self._changed())

    def _written(self) -> int:
        return sum(status.st_blocks * BLOCK for status in self._changed())

    def _changed(self) -> Iterator[os.stat_result]:
        """Yield the status of each file that changed since the run began."""
        for folder, _, names in os.walk(self._folder):
            for name in names:
                try:
                    status = os.lstat(f"{folder}{os.sep}{name}")
                except OSError:
                    continue
                if status.st_ctime >= self._began:
                    yield status


def now_of(folder: Path) -> float:
    """Return the time by the clock that stamps the files of a folder, in seconds.

    It is a server's where the folder is on one, and may differ from this machine's by minutes.
    """
    with suppress(OSError), TemporaryFile(dir=folder) as file:
        return os.fstat(file.fileno()).st_ctime
    return time.time()


def reserve_of(limit: int) -> int:
    """Return the bytes that stay free: enough for one run to reach its limit."""
    return max(SMALLEST_RESERVE, limit)


def check_reserve(folder: Path, limit: int) -> None:
    """Raise Paused where the disk of a folder has less free room than the reserve.

    Args:
        folder: A folder that may not exist yet.
        limit: The bytes that one run may write.

    """
    free, reserve = free_bytes(folder), reserve_of(limit)
    if free < reserve:
        raise Paused(
            f"the disk of {folder} has {free >> 20} MB left; {reserve >> 20} MB stay free for runs",
            "Make room on it, or lower `disk` under [trials]; then run the same command again.",
        )


def free_bytes(folder: Path) -> int:
    """Return the bytes that this user can write to the disk of a folder."""
    existing = next(path for path in (folder, *folder.parents) if path.is_dir())
    status = os.statvfs(existing)
    return status.f_bavail * status.f_frsize
