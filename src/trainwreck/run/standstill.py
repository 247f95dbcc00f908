"""Notices a process that somebody has stopped, and that would say nothing for ever."""

import time
from contextlib import suppress
from pathlib import Path

STOPPED_SECONDS = 10.0
"""The longest time for which a keeper may be stopped; a program can wake it until then."""
LONGEST_STEP = 0.5
"""The longest time between two calls that counts: after more, this process stood still, too."""
STOPPED = ("T", "t")
"""States of a stopped process, as the system names them: by a signal, or by a debugger."""


class Standstill:
    """The time for which a process was stopped, as another one saw that ran meanwhile.

    A machine that stands still as a whole makes none, as no process of it sees that.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._seen_at = time.monotonic()

    def has_lasted(self, pid: int) -> bool:
        """Return whether a process has been stopped for too long, by now."""
        now = time.monotonic()
        passed, self._seen_at = min(now - self._seen_at, LONGEST_STEP), now
        self._seconds = self._seconds + passed if is_stopped(pid) else 0.0
        return self._seconds > STOPPED_SECONDS


def is_stopped(pid: int) -> bool:
    """Return whether a process waits for a signal to go on; false where that is not known."""
    with suppress(OSError, IndexError):
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return text.rpartition(")")[2].split()[0] in STOPPED
    return False
