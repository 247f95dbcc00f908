"""Runs a child process: watches it and its descendants, and stops them at their limits."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import psutil

from trainwreck.model import Ending, Exit
from trainwreck.run.limits import Limits

POLL_SECONDS = 0.1
TREE_SECONDS = 1.0
"""Time between two searches for new descendants; a search reads all processes of the machine."""
GRACE_SECONDS = 1.0
"""Time for the agent to write its last counts and stacks before the tree is killed."""
CHUNK = 1 << 18


class Stopped(Exception):
    """The run was stopped from outside; it proves nothing about the mutant."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a child process, and the resources that it used.

    ``cpu_seconds`` are those of the child and of descendants that it waited for, ``peak_rss`` the
    largest number of resident bytes of the whole tree.
    """

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
    takes_signals: Callable[[int], bool],
    must_stop: Callable[[], bool],
    marker: str,
    feed_errors: Callable[[bytes], None] | None = None,
) -> Ended:
    """Run a command to its end or to a limit; afterwards no process of its tree is left.

    Args:
        command: The program and its arguments.
        folder: The working directory.
        environment: All of the environment variables.
        limits: The limits at which the tree is stopped.
        feed: Called with each chunk of the output.
        takes_signals: Return whether the agent of a process id handles its signals by now; they
            would end a process without it.
        must_stop: Return whether to give up; called every ``POLL_SECONDS``.
        marker: An environment entry ``NAME=value`` that only this tree has.
        feed_errors: Called with each chunk of standard error; None sends both streams through one
            pipe, which keeps their order.

    Raises:
        Stopped: ``must_stop`` returned true.

    """
    child = _Child(command, folder, environment, limits, feed, feed_errors)
    try:
        return child.watch(takes_signals, must_stop)
    finally:
        child.clear(marker)


class _Child:
    """A running child process, with what has been measured of its tree."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
        feed: Callable[[bytes], None],
        feed_errors: Callable[[bytes], None] | None,
    ) -> None:
        self._limits = limits
        self._size = 0
        self._peak = 0
        self._tree_read_at = 0.0
        self._usage_read_at = 0.0
        self._descendants: list[psutil.Process] = []
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if feed_errors else subprocess.STDOUT,
            # A process group of its own, so that one signal ends the tree, and Ctrl-C none of it.
            start_new_session=True,
        )
        self._pipes = {
            pipe: feed_one
            for pipe, feed_one in (
                (self._process.stdout, feed),
                (self._process.stderr, feed_errors),
            )
            if pipe and feed_one
        }
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)

    def watch(self, takes_signals: Callable[[int], bool], must_stop: Callable[[], bool]) -> Ended:
        """Read the output until the child ends; stop it once at the first limit."""
        pid = self._process.pid
        handle = psutil.Process(pid)
        stopped: Ending | None = None
        with selectors.DefaultSelector() as selector:
            for pipe in self._pipes:
                selector.register(pipe, selectors.EVENT_READ)
            while True:
                if not self._read(selector):
                    time.sleep(POLL_SECONDS / 10)
                # Only `wait4` returns the resources of this child without those of other trials.
                ended, status, usage = os.wait4(pid, os.WNOHANG)
                if ended:
                    break
                if must_stop():
                    raise Stopped
                if stopped is None and (stopped := self._limit_reached(handle)):
                    self._stop(handle, takes_signals)
        seconds = time.monotonic() - self._started
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(
            exit=_exit(stopped, self._process.returncode),
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_rss=max(self._peak, usage.ru_maxrss * 1024),  # Linux counts in KiB.
        )

    def clear(self, marker: str) -> None:
        """End the rest of the tree, then read the rest of the pipes."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        # Daemons have left the process group; their environment still shows the marker.
        end_marked(marker)
        if self._process.returncode is None:
            self._process.wait()
        for pipe in self._pipes:
            with suppress(BlockingIOError):
                while chunk := os.read(pipe.fileno(), CHUNK):
                    self._take(pipe, chunk)
            pipe.close()

    def _read(self, selector: selectors.BaseSelector) -> bool:
        """Wait a moment for output; return false once every writer has closed the pipes."""
        for key, _ in selector.select(POLL_SECONDS) if selector.get_map() else ():
            pipe = cast("IO[bytes]", key.fileobj)
            with suppress(BlockingIOError):
                if chunk := os.read(pipe.fileno(), CHUNK):
                    self._take(pipe, chunk)
                else:
                    selector.unregister(pipe)
        return bool(selector.get_map())

    def _take(self, pipe: IO[bytes], chunk: bytes) -> None:
        """Count a chunk, and pass it on up to the limit of the output."""
        self._size += len(chunk)
        if self._size <= self._limits.output:
            self._pipes[pipe](chunk)

    def _limit_reached(self, handle: psutil.Process) -> Ending | None:
        """Return the limit that the tree has exceeded, if any."""
        if self._size > self._limits.output:
            return Ending.OUTPUT
        elapsed = time.monotonic() - self._started
        if elapsed > self._limits.seconds:
            return Ending.TIME
        # Not after every line: measuring takes longer than a program takes to print one.
        if elapsed - self._usage_read_at < POLL_SECONDS:
            return None
        self._usage_read_at = elapsed
        try:
            tree = [handle, *self._tree(handle, elapsed)]
            memory = sum(process.memory_info().rss for process in tree)
            # The slower exact figure is read only where shared pages may have been counted twice.
            if memory > self._limits.memory and len(tree) > 1:
                memory = sum(map(_proportional_memory, tree))
            cpu_seconds = sum(map(_cpu_seconds, tree))
        except psutil.Error:  # A process ended while it was measured.
            return None
        self._peak = max(self._peak, memory)
        if memory > self._limits.memory:
            return Ending.MEMORY
        return Ending.CPU if cpu_seconds > self._limits.cpu_seconds else None

    def _tree(self, handle: psutil.Process, elapsed: float) -> list[psutil.Process]:
        """Return the child's descendants; new ones are searched for every ``TREE_SECONDS``."""
        if elapsed - self._tree_read_at > TREE_SECONDS:
            self._tree_read_at = elapsed
            self._descendants = handle.children(recursive=True)
        return [process for process in self._descendants if process.is_running()]

    def _stop(self, handle: psutil.Process, takes_signals: Callable[[int], bool]) -> None:
        """Ask the agents for their last counts and stacks, wait for them, and end the tree."""
        descendants: list[psutil.Process] = []
        with suppress(psutil.Error):
            descendants = handle.children(recursive=True)
        pids = [self._process.pid, *(process.pid for process in descendants)]
        listening = [pid for pid in pids if takes_signals(pid)]
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            for pid in listening:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
        if listening:
            time.sleep(GRACE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


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
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(name, "").startswith(value) and process.pid != os.getpid():
                process.kill()


def _exit(stopped: Ending | None, code: int) -> Exit:
    """Return how the child ended; ``code`` is negative where a signal ended it."""
    if stopped is not None:
        return Exit(stopped, -code if code < 0 else code)
    return Exit(Ending.SIGNAL, -code) if code < 0 else Exit(Ending.EXITED, code)
