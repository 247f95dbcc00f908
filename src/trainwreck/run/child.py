"""Runs a child process: watches it and its descendants, and stops them at their limits."""

import json
import os
import selectors
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trainwreck.model import Ending, Exit, Means, Stuck
from trainwreck.run.beside import Beside
from trainwreck.run.clock import GAP_SECONDS, Clock
from trainwreck.run.containment import Containment
from trainwreck.run.hang_watch import HangWatch, Moment
from trainwreck.run.keeper.messages import KILL, VIEWS, encode
from trainwreck.run.keeper.processes import kill
from trainwreck.run.keepers import borrow_keeper, wake_keepers
from trainwreck.run.limits import Limits
from trainwreck.run.room import Room
from trainwreck.run.shared_memory import SharedMemory
from trainwreck.run.standstill import Standstill
from trainwreck.run.streams import Streams
from trainwreck.run.tree import Tree, end_marked, inner_pid, kills_for_memory

POLL_SECONDS = 0.1
GRACE_SECONDS = 1.0
"""Time for the agent to write its last counts and stacks before the tree is killed."""
CLEAR_SECONDS = 30.0
"""Time for a keeper to end all processes of its trial."""
READ_SECONDS = 1.0
"""Time to read what is left in the pipes after the end."""
CHUNK = 1 << 18


class Stopped(Exception):
    """The run was stopped from outside; it proves nothing about the mutant."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a child process, and the resources that it used.

    ``seconds`` leaves out the gaps of its `Clock`. ``cpu_seconds`` are those of the child and
    of descendants that it waited for, ``peak_rss`` the largest number of resident bytes of the
    whole tree. ``reason`` says why the end proves nothing, where it does not. ``left`` are files in
    shared memory that may be the program's, or those of others. ``stuck`` is what showed that it
    was stuck, of a run that was stopped for it.
    """

    exit: Exit
    seconds: float
    cpu_seconds: float
    peak_rss: int
    reason: str = ""
    left: tuple[str, ...] = ()
    stuck: Stuck | None = None


KILLED = Exit(Ending.LOST, signal.SIGKILL)
"""The end by a SIGKILL that trainwreck did not send. If it comes twice, it is the program's."""


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
    containment: Containment | None = None,
    room: Path | None = None,
    beside: Beside | None = None,
    hang_watch: HangWatch | None = None,
) -> Ended:
    """Run a command to its end or to a limit; afterwards no process of its tree is left.

    Args:
        command: The program and its arguments.
        folder: The working directory.
        environment: All of the environment variables.
        limits: The limits at which the tree is stopped.
        feed: Called with each chunk of the output.
        takes_signals: Return whether the agent of a process handles its signals by now; they
            would end a process without it. The process id is the one that the process sees.
        must_stop: Return whether to give up; called every ``POLL_SECONDS``.
        marker: An environment entry ``NAME=value`` that only this tree has.
        feed_errors: Called with each chunk of standard error; None sends both streams through one
            pipe, which keeps their order.
        containment: What the program cannot write or reach; None for no such limits.
        room: The folder in which the program may write up to the limit of the disk.
        beside: Work to do while the program runs, or waits for it.
        hang_watch: Finds that the run is stuck, which ends it; None to wait for its limits.

    Raises:
        Stopped: ``must_stop`` returned true.
        Paused: The disk has less free room than the reserve.
        OSError: The program cannot be started.

    """
    request = {
        "command": list(command),
        "folder": str(folder),
        "environment": dict(environment),
        "limits": limits.as_json(),
        "containment": containment.as_json() if containment else None,
    }
    child = Child(request, limits, feed, feed_errors, Room(room or folder, limits.disk))
    if hang_watch:
        child.watch_for_hangs(hang_watch)
    try:
        child.watch(takes_signals, must_stop, beside)
    finally:
        child.clear(marker)
    return child.end()


class Child:
    """A running child process, with what has been measured of its tree.

    ``clock`` and ``room`` are its own. ``program`` is its process, ``holder`` the one of
    trainwreck that adopts its orphans; both are 0 before it has started.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        limits: Limits,
        feed: Callable[[bytes], None],
        feed_errors: Callable[[bytes], None] | None,
        room: Room,
    ) -> None:
        self._hang_watch: HangWatch | None = None
        self._stuck: Stuck | None = None
        self._limits = limits
        self.room = room
        self._kills_before = kills_for_memory()
        self._is_walled = bool(request["containment"] and request["containment"]["means"])
        self._shared = None if _has_own_memory(request["containment"]) else SharedMemory()
        self._left: tuple[str, ...] = ()
        self.clock = Clock()
        self._standstill = Standstill()
        self._tree: Tree | None = None
        self._stopped: Ending | None = None
        self._is_given_up = False
        self._messages: dict[str, Any] = {}
        self._has_keeper = True
        self._measured_at = 0.0
        self._buffer = bytearray()
        self._selector = selectors.DefaultSelector()
        self._streams = Streams(limits.output)
        output = self._pipe(feed)
        errors = self._pipe(feed_errors) if feed_errors else os.dup(output)
        try:
            self._keeper = borrow_keeper(output, errors)
        finally:
            os.close(output)
            os.close(errors)
        self._control = self._keeper.control
        with suppress(OSError):  # Where there is no keeper, that is read soon.
            self._control.sendall(encode(dict(request)))

    def watch_for_hangs(self, hang_watch: HangWatch) -> None:
        """End the program where it is stuck."""
        self._hang_watch = hang_watch
        self._streams.listen(hang_watch.feed)

    def watch(
        self,
        takes_signals: Callable[[int], bool],
        must_stop: Callable[[], bool],
        beside: Beside | None = None,
    ) -> None:
        """Read the output until the child ends; stop it once at the first limit."""
        with self._selector:
            shared = self._shared.descriptor if self._shared else -1
            for descriptor in (self._control.fileno(), *self._streams.descriptors, shared):
                if descriptor >= 0:
                    self.wake_by(descriptor)
            while self._has_keeper and not self._has_ended and not self._is_keeper_stopped():
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
        return int(self._messages.get("started", 0))

    @property
    def holder(self) -> int:
        """Return the process id of the one that adopts the program's orphans."""
        return int(self._messages.get("holder", 0))

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
        self._messages.pop("views", None)
        with suppress(OSError):
            self._control.send(VIEWS)
        until = time.monotonic() + CLEAR_SECONDS
        while "views" not in self._messages and self._has_keeper and time.monotonic() < until:
            self._read()
        state = self._messages.get("views")
        return str(state) if state is not None else None

    def give_up(self) -> None:
        """Ask for the end of every process, whatever it is at."""
        self._is_given_up = True
        self._end_all()

    def excuse(self, seconds: float, cpu_seconds: float) -> None:
        """Add to the limits what the program did not use itself, but others for it."""
        limits = self._limits
        self._limits = replace(
            limits,
            seconds=limits.seconds + seconds,
            cpu_seconds=limits.cpu_seconds + cpu_seconds,
        )

    @property
    def _has_ended(self) -> bool:
        return not self._messages.keys().isdisjoint(["ended", "failed", "gone"])

    def _is_keeper_stopped(self) -> bool:
        """Return whether somebody has stopped the keeper, and has not let it go on."""
        if self.clock.since_tick < GAP_SECONDS:
            self._standstill = Standstill()
        elif "keeper" in self._messages:
            return self._standstill.has_lasted(self._messages["keeper"])
        else:
            wake_keepers()
        return False

    def _end_keeper(self) -> None:
        """End a keeper that does not answer with all that it keeps; its server ends the rest."""
        if self._tree:
            for pid in (*self._tree.living(), self._messages["keeper"]):
                kill(pid)
        wake_keepers()

    def clear(self, marker: str) -> None:
        """End the rest of the tree, then read the rest of the pipes."""
        if self._is_keeper_stopped():
            self._end_keeper()
        self._end_all()
        until = time.monotonic() + CLEAR_SECONDS
        while self._has_keeper and "cleared" not in self._messages and time.monotonic() < until:
            self._control.settimeout(max(0.01, until - time.monotonic()))
            self._listen()
        if self._has_keeper and "cleared" not in self._messages:
            self._end_keeper()
        has_left = bool(self._messages.get("left", 1))
        self._keeper.give_back(is_sound=not has_left)
        if has_left:
            # Its keeper is gone, or could not end all; their environment still shows the marker.
            end_marked(marker)
        if self._shared:
            self._left = tuple(self._shared.clear(self._tree.pids if self._tree else ()))
        self._streams.drain(READ_SECONDS)
        self._streams.close()

    def end(self) -> Ended:
        """Return how the child ended. Raises OSError where it did not start."""
        if "failed" in (messages := self._messages):
            raise OSError(messages["errno"], messages["failed"], messages.get("file"))
        peak, cpu_seconds = (self._tree.peak, self._tree.cpu_seconds) if self._tree else (0, 0.0)
        end, reason = self._exit()
        return Ended(
            exit=end,
            seconds=self.clock.seconds,
            cpu_seconds=messages.get("cpu_seconds", cpu_seconds),
            # Linux counts in KiB.
            peak_rss=max(peak, messages.get("peak", 0) * 1024),
            reason=reason,
            left=self._left,
            stuck=self._stuck if end.ending is Ending.STUCK else None,
        )

    def _exit(self) -> tuple[Exit, str]:
        """Return how the child ended; with a reason where that proves nothing."""
        code = self._messages.get("ended", -signal.SIGKILL)
        number = abs(code)
        if self._stopped is Ending.TIME and self.clock.gap:
            return Exit(Ending.LOST, number), f"it stood still for {self.clock.gap:.0f} s"
        # What ends by itself while it is asked for its stacks was not stuck.
        if self._stopped and (self._stopped is not Ending.STUCK or code == -signal.SIGKILL):
            return Exit(self._stopped, number), ""
        if "started" not in self._messages:
            return Exit(Ending.LOST, 0), "there was no room for another process"
        if "ended" not in self._messages:
            # Behind walls the program cannot reach its keeper.
            ending = Ending.LOST if self._is_walled else Ending.BROKEN
            return Exit(ending, number), "its keeper was stopped or killed"
        if self._messages.get("memory"):
            return Exit(Ending.MEMORY, number), ""
        if self._messages.get("processes") or self._messages.get("crowded"):
            return Exit(Ending.PROCESSES, number), ""
        if code and kills_for_memory() > self._kills_before:
            return Exit(Ending.LOST, number), "the machine had no memory left"
        if code == -signal.SIGKILL and not self._is_given_up:
            return KILLED, "it got a SIGKILL that trainwreck did not send"
        if code == -signal.SIGXFSZ or (code > 0 and self.room.has_full_file()):
            return Exit(Ending.DISK, number), ""
        return Exit(Ending.SIGNAL if code < 0 else Ending.EXITED, number), ""

    def _limit_reached(self, tree: Tree) -> Ending | None:
        """Return the limit that the tree has exceeded, if any."""
        if self._streams.size > self._limits.output:
            return Ending.OUTPUT
        # A busy machine makes a run longer, and that is no hang of the program.
        seconds = self.clock.seconds - tree.waited
        if seconds > self._limits.seconds:
            return Ending.TIME
        # Not after every line: measuring takes longer than a program takes to print one.
        now = time.monotonic()
        if now - self._measured_at < POLL_SECONDS:
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
        if self._stopped in (Ending.MEMORY, Ending.PROCESSES) and not self._messages["capped"]:
            self._end_all()  # While it is asked, it would use more of what there is not.
            return
        pids = [process.pid for process in tree.search()]
        listening = [pid for pid in pids if takes_signals(inner_pid(pid))]
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            for pid in listening:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
        if listening:
            time.sleep(GRACE_SECONDS)
        self._end_all()

    def _end_all(self) -> None:
        """Ask the keeper to end every process."""
        with suppress(OSError):
            self._control.send(KILL)

    def _pipe(self, feed: Callable[[bytes], None]) -> int:
        """Return the end for writing of a new pipe whose content is passed on."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._streams.add(reading, feed)
        return writing

    def _read(self) -> None:
        """Wait a moment for output, for messages of the keeper, or for what else wakes."""
        for key, _ in self._selector.select(POLL_SECONDS):
            if key.fd == self._control.fileno():
                self._listen()
            elif key.fd in self._streams.descriptors and self._streams.take(key.fd) == b"":
                self._selector.unregister(key.fd)
        if self._shared and self._tree:
            self._shared.look(self._tree.living)

    def _listen(self) -> None:
        """Read messages of the keeper, or that it has gone."""
        try:
            data = self._control.recv(CHUNK)
        except OSError:
            data = b""
        self._has_keeper = bool(data)
        *lines, rest = bytes(self._buffer + data).split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            self._note(json.loads(line))

    def _note(self, message: dict[str, Any]) -> None:
        self._messages |= message
        if "started" in message:
            self.clock = Clock()
            self._tree = Tree(message["started"], message["holder"])
        elif "beat" in message or "ended" in message:
            self.clock.tick()


def _has_own_memory(containment: Mapping[str, Any] | None) -> bool:
    """Return whether a trial shares no memory with other programs of the machine."""
    return bool(containment and containment["means"] == Means.MOUNTS)
