"""The children of the calling process: listing, reaping and ending them."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from trainwreck.run.keeper.woken import wait_for_child

WAIT_SECONDS = 0.005


def children(parent: int = 0) -> list[int]:
    """Return the ids of the children of a process, by default this one, also of adopted ones."""
    own = parent or os.getpid()
    try:
        with open(f"/proc/{own}/task/{own}/children", "rb", buffering=0) as file:  # noqa: PTH123
            return [int(word) for word in file.readall().split()]
    except OSError:  # Not every kernel keeps this list.
        return [pid for pid, above in _parents() if above == own]


def number_below(top: int) -> int:
    """Return how many processes descend from one."""
    below: dict[int, list[int]] = {}
    for pid, above in _parents():
        below.setdefault(above, []).append(pid)
    found = [top]
    for pid in found:
        found += below.get(pid, [])
    return len(found) - 1


def _parents() -> Iterator[tuple[int, int]]:
    """Yield every process of the machine with its parent."""
    with suppress(OSError):
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError, IndexError):
                text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
                yield int(folder.name), int(text.rpartition(")")[2].split()[1])


def reap() -> Iterator[tuple[int, int]]:
    """Yield process id and status of each child that has ended."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended


def kill(pid: int) -> None:
    """End a process that may have ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def kill_group(group: int) -> None:
    """End a process group, if there is one of this id."""
    with suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(group, signal.SIGKILL)


def end_all(group: int, woken: int, seconds: float) -> int:
    """End a process group and every child; children of ended ones are adopted, and end too.

    Args:
        group: The id of the group.
        woken: The pipe that wakes this process when a child ends.
        seconds: The longest time to wait for processes that the kernel holds.

    Returns:
        The number of processes that had to be ended, and are gone.

    """
    kill_group(group)
    number, until = 0, time.monotonic() + seconds
    while True:
        number += sum(1 for _ in reap())
        left = children()
        if not left or time.monotonic() > until:
            return number
        for pid in left:
            kill(pid)
        wait_for_child(woken, WAIT_SECONDS)
