"""Measures the processes of a running trial from outside."""

import time
from contextlib import suppress
from pathlib import Path

import psutil

from trainwreck.run.gpus import gpu_memory_of
from trainwreck.run.stalls import Stalls, seconds_of_threads

TREE_SECONDS = 1.0
"""Time between two searches for new descendants; a search reads all processes of the machine."""


class Tree:
    """The processes of one trial.

    ``program`` is the process of the command. ``holder`` is the one of trainwreck that adopts
    its orphans, which does not count. ``waited`` are the most seconds in which one of them was
    ready to run, and other processes of the machine had the processor, or in which it waited for
    the disk. ``pids`` are the ids of all that were seen.
    """

    def __init__(self, program: int, holder: int) -> None:
        self.peak = 0
        self.cpu_seconds = 0.0
        self.waited = 0.0
        self.memory = 0
        self.pids = {program}
        self._holder = holder
        self._stalls = Stalls()
        self._read_at = time.monotonic()
        self._gpu_memory, self._gpu_read_at = 0, 0.0
        self._processes: list[psutil.Process] = []
        with suppress(psutil.Error):
            self._processes = [psutil.Process(program)]

    @property
    def size(self) -> int:
        """Return the number of processes at the last search."""
        return len(self._processes)

    @property
    def present(self) -> list[int]:
        """Return the ids of the processes at the last search."""
        return [process.pid for process in self._processes]

    def measure(self) -> bool:
        """Measure memory and processor time; return false where a process ended meanwhile."""
        try:
            tree = self._found()
            memory = sum(process.memory_info().rss for process in tree)
            self.cpu_seconds = max(self.cpu_seconds, sum(map(_cpu_seconds, tree)))
        except psutil.Error:
            return False
        stalls = (self._stalls.seconds_of(process.pid) for process in tree)
        self.waited = max(self.waited, *stalls, 0.0)
        self.memory = memory
        self.peak = max(self.peak, memory)
        return True

    def measure_waits(self) -> None:
        """Measure ``waited`` again, now and of all threads, which takes longer."""
        pids = self.present
        stalls = [*map(self._stalls.seconds_of, pids), *map(seconds_of_threads, pids)]
        self.waited = max(self.waited, *stalls, 0.0)

    def measure_shared(self) -> None:
        """Measure memory again: exactly, which takes longer, if pages may have counted twice."""
        if len(self._processes) > 1:
            with suppress(psutil.Error):
                self.memory = sum(map(_proportional_memory, self._processes))

    def gpu_memory(self) -> int:
        """Return the bytes on GPUs, as measured in the last second."""
        if time.monotonic() - self._gpu_read_at > TREE_SECONDS:
            self._gpu_read_at = time.monotonic()
            self._gpu_memory = gpu_memory_of(set(self.present))
        return self._gpu_memory

    def search(self) -> list[psutil.Process]:
        """Search for all processes, and return them."""
        self._read_at = time.monotonic()
        with suppress(psutil.Error):
            self._processes = psutil.Process(self._holder).children(recursive=True)
        self.pids.update(process.pid for process in self._processes)
        return self._processes

    def living(self) -> set[int]:
        """Return the ids of the processes that there are now, which is quicker than a search."""
        found: set[int] = set()
        waiting = [self._holder]
        try:
            while waiting:
                lists = Path(f"/proc/{waiting.pop()}/task").glob("*/children")
                waiting += (new := {int(pid) for file in lists for pid in file.read_text().split()})
                found |= new
        except OSError:  # One ended meanwhile.
            found |= {process.pid for process in self.search()}
        self.pids |= found
        return found

    def _found(self) -> list[psutil.Process]:
        if time.monotonic() - self._read_at > TREE_SECONDS:
            self.search()
        return [process for process in self._processes if process.is_running()]


def inner_pid(pid: int) -> int:
    """Return the id that a process has for itself, in the innermost of its namespaces."""
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return pid


def kills_for_memory() -> int:
    """Return how many processes this machine has ended since its start for want of memory."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def _cpu_seconds(process: psutil.Process) -> float:
    """Return the processor seconds of a process and of its children that have ended."""
    times = process.cpu_times()
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)


def _proportional_memory(process: psutil.Process) -> int:
    """Return the resident bytes of a process, with its part of the pages that it shares.

    Where the system does not report such parts (PSS), shared pages count fully.
    """
    full = process.memory_full_info()
    return int(getattr(full, "pss", full.rss))


def end_marked(marker: str) -> None:
    """Kill every process whose environment has an entry that starts with ``marker``."""
    name, _, value = marker.partition("=")
    own = psutil.Process().pid
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(name, "").startswith(value) and process.pid != own:
                process.kill()
