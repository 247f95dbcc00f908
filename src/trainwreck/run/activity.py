"""Measures what the threads and files of a process did, from outside (Linux, proc(5))."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ThreadActivity:
    """The activity of a thread so far: its waits, in ``switches``, and its processor time.

    In ``queued`` seconds it was ready to run, and others had the processor.
    """

    switches: int
    cpu_seconds: float
    queued: float = 0.0


@dataclass(frozen=True, slots=True)
class Activity:
    """The activity of a process so far; ``transferred`` are the bytes that it read and wrote.

    It was measured ``at`` a time of the monotonic clock.
    """

    threads: Mapping[int, ThreadActivity] = field(default_factory=dict)
    transferred: int = 0
    at: float = 0.0


def activity_of(pid: int) -> Activity:
    """Return what a process did so far; nothing where that cannot be read."""
    threads = {}
    with suppress(OSError):
        for folder in (PROC / str(pid) / "task").iterdir():
            with suppress(OSError, ValueError, LookupError):
                threads[int(folder.name)] = _of_thread(folder)
    return Activity(threads, _transferred(pid), time.monotonic())


def _of_thread(folder: Path) -> ThreadActivity:
    status = (folder / "status").read_text(encoding="utf-8", errors="replace")
    switches = int(status.split("\nvoluntary_ctxt_switches:", 1)[1].split(None, 1)[0])
    times = (folder / "schedstat").read_text(encoding="ascii").split()
    return ThreadActivity(switches, int(times[0]) / 1e9, int(times[1]) / 1e9)


def _transferred(pid: int) -> int:
    with suppress(OSError, ValueError, LookupError):
        lines = (PROC / str(pid) / "io").read_text(encoding="ascii").splitlines()
        values = dict(line.split(": ") for line in lines)
        return int(values["rchar"]) + int(values["wchar"])
    return 0
