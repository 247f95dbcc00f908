"""One child of a stem at work: its pipes, its limits, and its end."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from trainwreck.model import Ending, Exit, Stuck
from trainwreck.run.child import POLL_SECONDS, READ_SECONDS, Child
from trainwreck.run.ended import Ended
from trainwreck.run.hang_watch import Moment
from trainwreck.run.last_counts import ask_for_last_counts
from trainwreck.run.launcher import Run
from trainwreck.run.limits import Limits
from trainwreck.run.stem.pipes import Asked, Waited, open_pipe
from trainwreck.run.stem.plan import Member
from trainwreck.run.stem.printed import Printed
from trainwreck.run.stem.processes import descendants_of
from trainwreck.run.streams import Streams
from trainwreck.run.tree import Tree

LONG_SHARE = 0.6
"""The share of a run's time after which a child that mostly waits is given up: none is believed.

The limit may be only three clean runs long, and a child must be able to take as long as one.
"""
AWAKE_SHARE = 0.5
"""The share of its time from which a child that computes is no longer one that waits."""
UNHEARD_SECONDS = 30.0
"""The longest time for a stem to fork a child, and to report one that is gone."""
KIB = 1024


class ForkTree(Tree):
    """The processes of a child: all that the stem's trial has, but for the stem itself."""

    def __init__(self, stem: int, holder: int) -> None:
        super().__init__(0, holder)
        self._stem = stem
        self.search()

    def search(self) -> list[psutil.Process]:
        """Search for all processes, and return them."""
        self._read_at = time.monotonic()
        pids = [pid for pid in descendants_of(self._holder) if pid != self._stem]
        self._processes = [process for pid in pids if (process := _process(pid))]
        return self._processes


@dataclass(frozen=True, slots=True)
class Start:
    """The moment of a fork: what the stem has used and printed by then."""

    asked: Asked
    printed: Printed


class Fork:
    """One child of a stem, from the message that starts it to its end.

    ``printed`` are the bytes that the stem has printed before. ``stopped`` is the limit at which
    it is ended, or that it is stuck.
    """

    def __init__(self, member: Member, run: Run, start: Start, child: Child) -> None:
        self.member = member
        self.run = run
        self.start = start
        self.printed = start.printed.size
        self.stopped: Ending | None = None
        limits = run.request.limits
        self._limits: Limits = replace(limits, gpu_memory=run.context.gpu_memory)
        self._child = child
        self._streams = Streams(limits.output, start.printed.size)
        self._paths: list[Path] = []
        self._tree = ForkTree(child.program, child.holder)
        self._measured_at = time.monotonic()
        child.clock.tick()
        self._began = child.clock.seconds
        self._stuck: Stuck | None = None
        self._is_asked = False
        self._seen_at = self.seconds
        self._hang_watch = run.hang_watch(start.asked.wall)
        if self._hang_watch:
            self._streams.listen(self._hang_watch.feed)
        start.printed.repeat(run.output)

    def open(self, folder: Path) -> dict[str, Any]:
        """Make the pipes for its output; return the message by which the stem forks it."""
        output = self.run.output
        names: dict[str, Callable[[bytes], None]] = {"output": output.feed}
        if output.apart:
            names["errors"] = output.feed_errors
        paths: dict[str, str | None] = {"output": None, "errors": None}
        for name, feed in names.items():
            path = folder / f"{name}-{self.member.number}"
            descriptor = open_pipe(path)
            self._streams.add(descriptor, feed)
            self._child.wake_by(descriptor)
            self._paths.append(path)
            paths[name] = str(path)
        order = str(self.run.sandbox.order)
        return {"fork": self.member.number, "on": self.member.on, "order": order, **paths}

    def read(self) -> None:
        """Read what has been printed."""
        for descriptor in self._streams.descriptors:
            self._streams.take(descriptor)

    def look(self) -> None:
        """Stop the child once it has exceeded a limit, or is stuck. Raises Paused."""
        self.stopped = self.stopped or self._limit_reached()
        if self._tree.memory and not self.stopped:
            self._seen_at = self.seconds
        if self.stopped in (Ending.STUCK, Ending.CPU) and not self._is_asked:
            self._is_asked = True
            pids = [process.pid for process in self._tree.search()]
            ask_for_last_counts(pids, self.run.takes_signals)

    @property
    def is_overdue(self) -> bool:
        """Return whether nothing of it is there, and its stem has not said so for too long.

        It may have stopped its stem, or have taken the pipe away by which that reports.
        """
        return self.seconds - self._seen_at > UNHEARD_SECONDS

    def _limit_reached(self) -> Ending | None:
        """Return the limit that the child has exceeded, if any. Raises Paused."""
        limits = self._limits
        if self._streams.size > limits.output:
            return Ending.OUTPUT
        if self._is_long:
            self._tree.measure_waits()
        if self._is_long:
            return Ending.TIME
        now = time.monotonic()
        if now - self._measured_at < (self._hang_watch.pause if self._hang_watch else POLL_SECONDS):
            return None
        self._measured_at = now
        if self._child.room.is_exceeded():
            return Ending.DISK
        return self._measured_limit(limits) if self._tree.measure() else None

    @property
    def _is_long(self) -> bool:
        """Return whether it has taken too long, waits for the machine left out."""
        seconds = self.seconds - self._tree.waited
        share = 1.0 if self._used > AWAKE_SHARE * seconds else LONG_SHARE
        return seconds > share * self._limits.seconds

    def _measured_limit(self, limits: Limits) -> Ending | None:
        if self._tree.memory > limits.memory:
            self._tree.measure_shared()
        if self._tree.memory > limits.memory:
            return Ending.MEMORY
        if limits.gpu_memory and self._tree.gpu_memory() > limits.gpu_memory:
            return Ending.MEMORY
        if self._tree.size > limits.processes:
            return Ending.PROCESSES
        if self._used > limits.cpu_seconds:
            return Ending.CPU
        return Ending.STUCK if self._is_stuck() else None

    def _is_stuck(self) -> bool:
        if self._hang_watch:
            seconds = self.seconds - self._tree.waited
            # What sleeps beyond a share of the limit could still wake before a cold run's limit.
            left = self.run.request.limits.seconds - seconds
            moment = Moment(seconds, self._child.clock.gap, left)
            self._stuck = self._hang_watch.look(self._tree, moment)
        return self._stuck is not None

    @property
    def _used(self) -> float:
        """Return its processor seconds with those of the stem before the fork."""
        return self.start.asked.cpu + self._tree.cpu_seconds

    @property
    def seconds(self) -> float:
        """Return how long the run has taken, with the time of the stem before the fork."""
        return self.start.asked.wall + self._child.clock.seconds - self._began

    def measure(self) -> None:
        """Measure what the child has used, before it is ended without a report of its stem."""
        self._tree.search()
        self._tree.measure()

    @property
    def cpu_seconds(self) -> float:
        """Return the processor seconds of the child alone, as they were measured last."""
        return self._tree.cpu_seconds

    def end(self, waited: Waited) -> Ended:
        """Return how the child ended, and with what resources, those before the fork included."""
        self._child.clock.tick()
        end = self._exit(waited)
        return Ended(
            exit=end,
            seconds=self.seconds,
            cpu_seconds=self.start.asked.cpu + waited.cpu,
            peak_rss=max(self._tree.peak, waited.peak * KIB),
            stuck=self._stuck if end.ending is Ending.STUCK else None,
        )

    def close(self) -> None:
        """Read the rest of its output, and close its pipes."""
        self._streams.drain(READ_SECONDS)
        for descriptor in self._streams.descriptors:
            self._child.sleep_by(descriptor)
        self._streams.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def _exit(self, waited: Waited) -> Exit:
        code = os.waitstatus_to_exitcode(waited.status)
        # What ends by itself while it is asked for its stacks was not stuck.
        if self.stopped and (self.stopped is not Ending.STUCK or code == -signal.SIGKILL):
            return Exit(self.stopped, abs(code))
        if self._streams.size > self._limits.output:
            return Exit(Ending.OUTPUT, abs(code))
        if code > 0 and self._child.room.has_full_file():
            return Exit(Ending.DISK, code)
        return Exit(Ending.SIGNAL if code < 0 else Ending.EXITED, abs(code))


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None
