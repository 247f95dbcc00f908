"""Reads how long a process was held up by the machine, by its processors or its disk (Linux)."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
DISK_SECONDS = 60.0
"""A disk that does not answer for longer is waited for no more."""
READY, ON_DISK = "R", "D"


@dataclass(frozen=True, slots=True)
class _Seen:
    """The work of a process when it was read: it has not run where ``counts`` are the same.

    ``since`` is when it was seen to have stopped running, ``disk`` the seconds that it has waited
    for the disk by then.
    """

    at: float
    counts: tuple[int, int]
    since: float
    disk: float


class Stalls:
    """The seconds in which processes could have gone on, had the machine let them."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}

    def seconds_of(self, pid: int) -> float:
        """Return how long the main thread of a process was held up; to be called again and again.

        It was ready while others had the processor, as the kernel counts it, or waited for the
        disk from one call to the next. It is 0 where the kernel does not count.
        """
        try:
            ran, waited, slices = _counts(PROC / str(pid))
        except (OSError, ValueError):
            return 0.0
        now, ready = time.monotonic(), 0.0
        seen = self._seen.get(pid)
        since, disk = now, seen.disk if seen else 0.0
        if seen and seen.counts == (ran, slices):
            since = seen.since
            state = _state(pid)
            if state == ON_DISK:
                disk += now - seen.at
            elif state == READY:
                # The kernel adds this wait when it is over.
                ready = now - since
        self._seen[pid] = _Seen(now, (ran, slices), since, disk)
        return waited / 1e9 + ready + min(disk, DISK_SECONDS)


def seconds_of_threads(pid: int) -> float:
    """Return the most seconds that a thread of a process was ready while others ran."""
    found = 0.0
    for task in (PROC / str(pid) / "task").glob("*"):
        with suppress(OSError, ValueError):
            found = max(found, _counts(task)[1] / 1e9)
    return found


def _counts(folder: Path) -> tuple[int, int, int]:
    """Return nanoseconds on a processor, those of waiting for one, and how often it came to one."""
    ran, waited, slices = (folder / "schedstat").read_text(encoding="ascii").split()
    return int(ran), int(waited), int(slices)


def _state(pid: int) -> str:
    """Return the letter of a process's state; nothing where it has ended."""
    with suppress(OSError, IndexError):
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        return text.rpartition(")")[2].split()[0]
    return ""
