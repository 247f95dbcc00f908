"""A child process and everything it starts: watched, stopped at its limits, cleared away."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from trainwreck.model import Ending, Exit
from trainwreck.run.limits import Limits

LOOK_SECONDS = 0.1
TREE_SECONDS = 1.0
GRACE_SECONDS = 1.0
CHUNK = 1 << 18


class Stopped(Exception):
    """The run was told to stop; it proves nothing."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the child ended and what its tree used."""

    exit: Exit
    seconds: float
    cpu_seconds: float
    peak_rss: int


def run_child(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    limits: Limits,
    feed: Callable[[bytes], None],
    listens: Callable[[int], bool],
    must_stop: Callable[[], bool],
    marker: str,
) -> Ended:
    """Run to the end or to a limit; afterwards no process of the tree is left.

    ``feed`` gets the output. ``listens`` tells whether a process id may be sent the agent's
    signals; ``must_stop`` whether to give up (raises Stopped). ``marker`` is an
    environment entry ``NAME=value`` that only this tree carries.
    """
    child = _Child(command, folder, environment, limits, feed)
    try:
        return child.watch(listens, must_stop)
    finally:
        child.clear(marker)


class _Child:
    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
        feed: Callable[[bytes], None],
    ) -> None:
        self._limits = limits
        self._feed = feed
        self._size = 0
        self._peak = 0
        self._tree_looked_at = 0.0
        self._others: list[psutil.Process] = []
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        os.set_blocking(self._pipe, False)

    def watch(self, listens: Callable[[int], bool], must_stop: Callable[[], bool]) -> Ended:
        pid = self._process.pid
        handle = psutil.Process(pid)
        stopped: Ending | None = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            while True:
                open_pipe = self._read(selector)
                if not open_pipe:
                    time.sleep(LOOK_SECONDS / 10)
                ended, status, usage = os.wait4(pid, os.WNOHANG)
                if ended:
                    break
                if must_stop():
                    raise Stopped
                if stopped is None and (stopped := self._limit_reached(handle)):
                    self._stop(listens(pid))
        seconds = time.monotonic() - self._started
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(
            exit=_exit(stopped, self._process.returncode),
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_rss=max(self._peak, usage.ru_maxrss * 1024),
        )

    def clear(self, marker: str) -> None:
        """End whatever is left of the tree, then read what was still in the pipe."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        end_carriers(marker)
        if self._process.returncode is None:
            self._process.wait()
        with suppress(BlockingIOError):
            while chunk := os.read(self._pipe, CHUNK):
                self._take(chunk)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self, selector: selectors.BaseSelector) -> bool:
        """Wait a little for output; false once nobody can write any more."""
        if not selector.get_map():
            return False
        for _ in selector.select(LOOK_SECONDS):
            with suppress(BlockingIOError):
                chunk = os.read(self._pipe, CHUNK)
                if not chunk:
                    selector.unregister(self._pipe)
                    return False
                self._take(chunk)
        return True

    def _take(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size <= self._limits.output:
            self._feed(chunk)

    def _limit_reached(self, handle: psutil.Process) -> Ending | None:
        if self._size > self._limits.output:
            return Ending.OUTPUT
        elapsed = time.monotonic() - self._started
        if elapsed > self._limits.seconds:
            return Ending.TIME
        try:
            tree = [handle, *self._tree(handle, elapsed)]
            memory = sum(process.memory_info().rss for process in tree)
            if memory > self._limits.memory and len(tree) > 1:
                memory = sum(map(_own_memory, tree))
            cpu_seconds = sum(map(_cpu_seconds, tree))
        except psutil.Error:
            return None
        self._peak = max(self._peak, memory)
        if memory > self._limits.memory:
            return Ending.MEMORY
        return Ending.CPU if cpu_seconds > self._limits.cpu_seconds else None

    def _tree(self, handle: psutil.Process, elapsed: float) -> list[psutil.Process]:
        """The child's descendants; looking for new ones costs, so it is done once a second."""
        if elapsed - self._tree_looked_at > TREE_SECONDS:
            self._tree_looked_at = elapsed
            self._others = handle.children(recursive=True)
        return [process for process in self._others if process.is_running()]

    def _stop(self, listening: bool) -> None:
        """Ask where it stands, wait a moment for the answer, end it."""
        if listening:
            for number in (signal.SIGUSR1, signal.SIGUSR2):
                with suppress(ProcessLookupError):
                    os.kill(self._process.pid, number)
            time.sleep(GRACE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _cpu_seconds(process: psutil.Process) -> float:
    """Processor seconds of a process and of its children that have ended."""
    times = process.cpu_times()
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)


def _own_memory(process: psutil.Process) -> int:
    """Resident bytes, pages that forked processes share divided among them where it is known."""
    full = process.memory_full_info()
    return int(getattr(full, "pss", full.rss))


def end_carriers(marker: str) -> None:
    """End every process whose environment has ``NAME=value…``, wherever it moved to."""
    name, _, value = marker.partition("=")
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(name, "").startswith(value) and process.pid != os.getpid():
                process.kill()


def _exit(stopped: Ending | None, code: int) -> Exit:
    if stopped is not None:
        return Exit(stopped, -code if code < 0 else code)
    return Exit(Ending.SIGNAL, -code) if code < 0 else Exit(Ending.EXITED, code)
