"""Runs a child process: watches it and its descendants, and stops them at their limits."""

import os
import selectors
import time
from collections.abc import Callable
from dataclasses import replace

from trainwreck.model import Ending, Stuck
from trainwreck.run.beside import Beside
from trainwreck.run.clock import GAP_SECONDS, Clock
from trainwreck.run.ended import Circumstances, Ended
from trainwreck.run.hang_watch import HangWatch, Moment
from trainwreck.run.keeper.processes import kill
from trainwreck.run.keeper_link import KeeperLink
from trainwreck.run.keepers import wake_keepers
from trainwreck.run.last_counts import ask_for_last_counts
from trainwreck.run.program_start import ProgramStart
from trainwreck.run.room import Room
from trainwreck.run.shared_memory import SharedMemory, journal_of
from trainwreck.run.standstill import Standstill
from trainwreck.run.streams import Streams
from trainwreck.run.tree import Tree, end_marked, kills_for_memory

POLL_SECONDS = 0.1
CLEAR_SECONDS = 30.0
"""Time for a keeper to end all processes of its trial."""
READ_SECONDS = 1.0
"""Time to read what is left in the pipes after the end."""


class Stopped(Exception):
    """The run was stopped from outside; it proves nothing about the mutant."""


def run_child(
    start: ProgramStart,
    feed: Callable[[bytes], None],
    takes_signals: Callable[[int], bool],
    must_stop: Callable[[], bool],
    feed_errors: Callable[[bytes], None] | None = None,
    beside: Beside | None = None,
    hang_watch: HangWatch | None = None,
) -> Ended:
    """Run a program to its end or to a limit; afterwards no process of its tree is left.

    Args:
        start: The program, and what it is started with.
        feed: Called with each chunk of the output.
        takes_signals: Return whether the agent of a process handles its signals by now; they
            would end a process without it. The process id is the one that the process sees.
        must_stop: Return whether to give up; called every ``POLL_SECONDS``.
        feed_errors: Called with each chunk of standard error; None sends both streams through one
            pipe, which keeps their order.
        beside: Work to do while the program runs, or waits for it.
        hang_watch: Finds that the run is stuck, which ends it; None to wait for its limits.

    Raises:
        Stopped: ``must_stop`` returned true.
        Paused: The disk has less free room than the reserve.
        OSError: The program cannot be started.

    """
    child = Child(start, feed, feed_errors, hang_watch)
    try:
        child.watch(takes_signals, must_stop, beside)
    finally:
        child.clear(start.marker)
    return child.end()


class Child:
    """A running child process, with what has been measured of its tree.

    ``clock`` and ``room`` are its own. ``program`` is its process, ``holder`` the one of
    trainwreck that adopts its orphans; both are 0 before it has started.
    """

    def __init__(
        self,
        start: ProgramStart,
        feed: Callable[[bytes], None],
        feed_errors: Callable[[bytes], None] | None,
        hang_watch: HangWatch | None,
    ) -> None:
        self._hang_watch = hang_watch
        self._stuck: Stuck | None = None
        self._limits = start.limits
        self.room = Room(start.room or start.folder, start.limits.disk)
        self._kills_before = kills_for_memory()
        self._is_walled = start.is_walled
        journal = journal_of(start.room) if start.room else None
        self._shared = None if start.has_own_memory else SharedMemory(journal=journal)
        self._left: tuple[str, ...] = ()
        self.clock = Clock()
        self._standstill = Standstill()
        self._tree: Tree | None = None
        self._stopped: Ending | None = None
        self._is_given_up = False
        self._measured_at = 0.0
        self._selector = selectors.DefaultSelector()
        self._streams = Streams(start.limits.output)
        if hang_watch:
            self._streams.listen(hang_watch.feed)
        output = self._pipe(feed)
        errors = self._pipe(feed_errors) if feed_errors else os.dup(output)
        try:
            self._keeper = KeeperLink(start.as_json(), output, errors)
        finally:
            os.close(output)
            os.close(errors)

    def watch(
        self,
        takes_signals: Callable[[int], bool],
        must_stop: Callable[[], bool],
        beside: Beside | None = None,
    ) -> None:
        """Read the output until the child ends; stop it once at the first limit."""
        with self._selector:
            shared = self._shared.descriptor if self._shared else -1
            for descriptor in (self._keeper.descriptor, *self._streams.descriptors, shared):
                if descriptor >= 0:
                    self.wake_by(descriptor)
            while self._goes_on():
                self._read()
                if must_stop():
                    raise Stopped
                if beside and beside.look(self):
                    continue
                if self._tree and self._stopped is None:
                    self._stopped = self._limit_reached(self._tree)
                    if self._stopped:
                        self._stop(self._tree, takes_signals)

    @property
    def program(self) -> int:
        """Return the process id of the program."""
        return int(self._keeper.said.get("started", 0))

    @property
    def holder(self) -> int:
        """Return the process id of the one that adopts the program's orphans."""
        return int(self._keeper.said.get("holder", 0))

    def wake_by(self, descriptor: int) -> None:
        """Let work beside be done where a descriptor can be read."""
        self._selector.register(descriptor, selectors.EVENT_READ)

    def sleep_by(self, descriptor: int) -> None:
        """Undo `wake_by`."""
        self._selector.unregister(descriptor)

    def drain(self) -> int:
        """Read all that the program has printed up to now; return its size in bytes."""
        self._streams.drain(READ_SECONDS)
        return self._streams.size

    def state_of_views(self) -> str | None:
        """Return a hash of what was written to private views in memory; None without an answer."""
        self._keeper.ask_for_views()
        until = time.monotonic() + CLEAR_SECONDS
        said = self._keeper.said
        while "views" not in said and self._keeper.is_there and time.monotonic() < until:
            self._read()
        state = said.get("views")
        return str(state) if state is not None else None

    def give_up(self) -> None:
        """Ask for the end of every process, whatever it is at."""
        self._is_given_up = True
        self._keeper.ask_for_end()

    def excuse(self, seconds: float, cpu_seconds: float) -> None:
        """Add to the limits what the program did not use itself, but others for it."""
        limits = self._limits
        self._limits = replace(
            limits,
            seconds=limits.seconds + seconds,
            cpu_seconds=limits.cpu_seconds + cpu_seconds,
        )

    def _goes_on(self) -> bool:
        keeper = self._keeper
        return keeper.is_there and not keeper.has_ended and not self._is_keeper_stopped()

    def _is_keeper_stopped(self) -> bool:
        """Return whether somebody has stopped the keeper, and has not let it go on."""
        if self.clock.since_tick < GAP_SECONDS:
            self._standstill = Standstill()
        elif "keeper" in self._keeper.said:
            return self._standstill.has_lasted(self._keeper.said["keeper"])
        else:
            wake_keepers()
        return False

    def _end_keeper(self) -> None:
        """End a keeper that does not answer with all that it keeps; its server ends the rest."""
        if self._tree:
            for pid in (*self._tree.living(), self._keeper.said["keeper"]):
                kill(pid)
        wake_keepers()

    def clear(self, marker: str) -> None:
        """End the rest of the tree, then read the rest of the pipes."""
        if self._is_keeper_stopped():
            self._end_keeper()
        self._keeper.ask_for_end()
        keeper = self._keeper
        until = time.monotonic() + CLEAR_SECONDS
        while keeper.is_there and "cleared" not in keeper.said and time.monotonic() < until:
            self._listen(max(0.01, until - time.monotonic()))
        if keeper.is_there and "cleared" not in keeper.said:
            self._end_keeper()
        has_left = keeper.close()
        if has_left:
            # Its keeper is gone, or could not end all; their environment still shows the marker.
            end_marked(marker)
        if self._shared:
            self._left = tuple(self._shared.clear(self._tree.pids if self._tree else ()))
        self._streams.drain(READ_SECONDS)
        self._streams.close()

    def end(self) -> Ended:
        """Return how the child ended. Raises OSError where it did not start."""
        if "failed" in (said := self._keeper.said):
            raise OSError(said["errno"], said["failed"], said.get("file"))
        peak, cpu_seconds = (self._tree.peak, self._tree.cpu_seconds) if self._tree else (0, 0.0)
        end, reason = Circumstances(
            self._stopped,
            self.clock.gap,
            self._is_walled,
            self._is_given_up,
            self._kills_before,
            self.room,
        ).exit_of(said)
        return Ended(
            exit=end,
            seconds=self.clock.seconds,
            # A descendant that its parent did not wait for is in the second alone.
            cpu_seconds=max(said.get("cpu_seconds", 0.0), cpu_seconds),
            # Linux counts in KiB.
            peak_rss=max(peak, said.get("peak", 0) * 1024),
            reason=reason,
            left=self._left,
            stuck=self._stuck if end.ending is Ending.STUCK else None,
        )

    def _limit_reached(self, tree: Tree) -> Ending | None:
        """Return the limit that the tree has exceeded, if any."""
        if self._streams.size > self._limits.output:
            return Ending.OUTPUT
        # A busy machine makes a run longer, and that is no hang of the program.
        if self.clock.seconds - tree.waited > self._limits.seconds:
            tree.measure_waits()
            self._read()
        # What has ended by now has reached no other limit, however late it is seen.
        if self._keeper.has_ended:
            return None
        seconds = self.clock.seconds - tree.waited
        if seconds > self._limits.seconds:
            return Ending.TIME
        # Not after every line: measuring takes longer than a program takes to print one.
        now = time.monotonic()
        if now - self._measured_at < (self._hang_watch.pause if self._hang_watch else POLL_SECONDS):
            return None
        self._measured_at = now
        if self.room.is_exceeded():
            return Ending.DISK
        return self._measured_limit(tree, seconds) if tree.measure() else None

    def _measured_limit(self, tree: Tree, seconds: float) -> Ending | None:
        if tree.memory > self._limits.memory:
            tree.measure_shared()
        if tree.memory > self._limits.memory:
            return Ending.MEMORY
        if self._limits.gpu_memory and tree.gpu_memory() > self._limits.gpu_memory:
            return Ending.MEMORY
        if tree.size > self._limits.processes:
            return Ending.PROCESSES
        if tree.cpu_seconds > self._limits.cpu_seconds:
            return Ending.CPU
        return Ending.STUCK if self._is_stuck(tree, seconds) else None

    def _is_stuck(self, tree: Tree, seconds: float) -> bool:
        if self._hang_watch:
            moment = Moment(seconds, self.clock.gap, self._limits.seconds - seconds)
            self._stuck = self._hang_watch.look(tree, moment)
        return self._stuck is not None

    def _stop(self, tree: Tree, takes_signals: Callable[[int], bool]) -> None:
        """Ask the agents for their last counts and stacks, wait for them, and end the tree."""
        if self._stopped in (Ending.MEMORY, Ending.PROCESSES) and not self._keeper.said["capped"]:
            self._keeper.ask_for_end()  # While it is asked, it would use more of what there is not.
            return
        ask_for_last_counts([process.pid for process in tree.search()], takes_signals)
        self._keeper.ask_for_end()

    def _pipe(self, feed: Callable[[bytes], None]) -> int:
        """Return the end for writing of a new pipe whose content is passed on."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._streams.add(reading, feed)
        return writing

    def _read(self) -> None:
        """Wait a moment for output, for messages of the keeper, or for what else wakes."""
        for key, _ in self._selector.select(POLL_SECONDS):
            if key.fd == self._keeper.descriptor:
                self._listen()
            elif key.fd in self._streams.descriptors and self._streams.take(key.fd) == b"":
                self._selector.unregister(key.fd)
        if self._shared and self._tree:
            self._shared.look(self._tree.living)

    def _listen(self, seconds: float | None = None) -> None:
        """Read messages of the keeper, or that it has gone."""
        for message in self._keeper.listen(seconds):
            if "started" in message:
                self.clock = Clock()
                self._tree = Tree(message["started"], message["holder"])
            elif "beat" in message or "ended" in message:
                self.clock.tick()
