"""Asks the processes of a run again and again what they hold, and keeps their answers."""

import signal
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import kill
from pathlib import Path

from trainwreck.run.activity import Activity, activity_of
from trainwreck.run.agent_events import Event, HeldAnswer
from trainwreck.run.circles import MOST_ANSWERS, Answer
from trainwreck.run.tree import inner_pid
from trainwreck.run.waits import known_waits, may_be_woken

SHORTEST_INTERVAL = 0.2
PATIENCE = 24
"""Questions after which they come half as often: a slow program must not become much slower."""
QUESTIONS_PER_PHASE = 16
SETTLE_SECONDS = 0.1
"""The time after a question, in which an answer is no activity of the program."""
WORKING_SHARE = 0.3
"""The share of time from which on a thread works rather than sleeps."""
QUESTION = signal.SIGRTMIN + 11
FEWEST_WAKES = 3
SMALL_SHARE = 0.05
"""The share of time up to which a thread that wakes again and again does no work."""
PIPE_BYTES = 256 << 10
"""Bytes that may have been printed, and that trainwreck has not read yet."""


@dataclass(frozen=True, slots=True)
class Known:
    """Bytes that the run has ``printed``, and that its agents have ``written``."""

    printed: int
    written: int


@dataclass
class Asked:
    """One process that is asked, with its answers, and its activity around the questions."""

    inner: int
    first: Activity
    before: Activity
    after: Activity | None
    answers: list[Answer]
    is_known: bool = False
    heard: HeldAnswer | None = None
    hits: int = 0


class Questions:
    """The questions to the processes of one run, every ``interval`` seconds of its own time."""

    def __init__(self, interval: float, takes_signals: Callable[[int], bool]) -> None:
        self._interval = max(SHORTEST_INTERVAL, interval)
        self._takes_signals = takes_signals
        self._asked: dict[int, Asked] = {}
        self._next = 0.0
        self._number = 0
        self._asked_at = 0.0
        self._is_open = False
        self._began = 0.0
        self._pids: set[int] = set()
        self._first = self._last = Known(0, 0)

    def restart(self) -> None:
        """Forget all answers, as the run has shown progress."""
        self._asked.clear()

    @property
    def answers(self) -> Sequence[Sequence[Answer]]:
        """Return the answers of each process that is asked."""
        return [asked.answers for asked in self._asked.values()]

    def hear(self, events: Collection[tuple[int, Event]]) -> None:
        """Take the answers out of the events that are new; only the last one counts."""
        answers = {pid: event for pid, event in events if isinstance(event, HeldAnswer)}
        for asked in self._asked.values():
            asked.heard = answers.get(asked.inner, asked.heard)

    def ask(self, pids: Collection[int], seconds: float, left: float, known: Known) -> None:
        """Ask the processes that do not just sleep, when it is time to; see what they did since.

        Args:
            pids: All processes of the run.
            seconds: The run's own time.
            left: What is left of it until the limit.
            known: The bytes that are known of the run.

        """
        if self._is_open and seconds >= self._asked_at + SETTLE_SECONDS:
            self._settle()
            return
        if seconds < self._next:
            return
        self._number += 1
        if self._number % PATIENCE == 0:
            self._interval *= 2
        self._asked_at, self._is_open = seconds, True
        self._next = seconds + self._interval
        awake = [pid for pid in pids if not _sleeps_on(pid, seconds, left)]
        if set(awake) != set(self._asked) or self._pids != set(pids):
            self._begin(awake, seconds)
            self._pids, self._first = set(pids), known
        self._last = known
        for pid, asked in self._asked.items():
            self._note(pid, asked)
            if asked.is_known and can_answer(pid):
                with suppress(ProcessLookupError, PermissionError):
                    kill(pid, QUESTION)
            asked.is_known = True

    def _begin(self, awake: Sequence[int], seconds: float) -> None:
        """Begin with other processes, if all of them can be asked."""
        self._began = seconds
        inner = {pid: inner_pid(pid) for pid in awake}
        can_ask = all(self._takes_signals(number) for number in inner.values())
        self._asked = {
            pid: Asked(number, now := activity_of(pid), now, None, [])
            for pid, number in inner.items()
            if can_ask
        }

    def _settle(self) -> None:
        """See what the processes have done up to their answers."""
        self._is_open = False
        for pid, asked in self._asked.items():
            if asked.after is None:
                asked.after = activity_of(pid)

    def _note(self, pid: int, asked: Asked) -> None:
        """Keep the answer to the last question, if the process has gone on by itself after it.

        Otherwise the next answer would be of the same moment: of one long sleep, for example.
        """
        now = activity_of(pid)
        heard = asked.heard
        if asked.after is not None and heard is None:
            asked.answers.clear()  # It is in a call that does not return.
        elif asked.after is not None and heard is not None:
            if _went_on(pid, asked.after, now, heard, heard.hits > asked.hits):
                answer = Answer(heard.state, heard.hits, heard.work, heard.numbers, heard.steady)
                asked.answers = [*asked.answers, answer][-MOST_ANSWERS:]
            asked.hits = heard.hits
        asked.before, asked.after, asked.heard = now, None, None

    def cover(self, pids: Collection[int], seconds: float, left: float) -> bool:
        """Return whether the answers are about all that works in these processes.

        All other processes and threads sleep on until the limit, or only poll.
        """
        return self._pids == set(pids) and all(
            self._is_quiet(pid, asked, seconds, left) for pid, asked in self._asked.items()
        )

    def _is_quiet(self, pid: int, asked: Asked, seconds: float, left: float) -> bool:
        now, waits = activity_of(pid), known_waits(pid, seconds)
        if now.threads.keys() != asked.first.threads.keys() or may_be_woken(pid):
            return False
        for thread in now.threads.keys() - {pid}:
            wait = waits.get(thread)
            if wait is not None and wait.remaining >= left:
                continue
            before, after = asked.first.threads[thread], now.threads[thread]
            cpu_seconds = after.cpu_seconds - before.cpu_seconds
            wakes = after.switches - before.switches
            if wakes < FEWEST_WAKES or cpu_seconds > SMALL_SHARE * (seconds - self._began):
                return False
        return True

    def show_progress(self) -> bool:
        """Return whether the processes did work, or read or wrote what was not only printed."""
        asked = self._asked.values()
        has_worked = any(a.answers and a.answers[0].work != a.answers[-1].work for a in asked)
        transferred = sum(a.before.transferred - a.first.transferred for a in asked)
        printed = self._last.printed - self._first.printed
        written = self._last.written - self._first.written
        slack = PIPE_BYTES if printed else 0
        return has_worked or transferred - printed - written > slack


def _sleeps_on(pid: int, age: float, left: float) -> bool:
    """Return whether no thread of a process wakes by itself before the limit."""
    waits, threads = known_waits(pid, age), activity_of(pid).threads
    return threads.keys() == waits.keys() and all(wait.remaining >= left for wait in waits.values())


def can_answer(pid: int) -> bool:
    """Return whether a process handles the question; it would end one that does not."""
    with suppress(OSError, ValueError, IndexError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        caught = int(status.split("\nSigCgt:", 1)[1].split(None, 1)[0], 16)
        return bool(caught >> (QUESTION - 1) & 1)
    return False


def _went_on(pid: int, before: Activity, after: Activity, heard: HeldAnswer, has_hit: bool) -> bool:
    """Return whether the main thread of a process went on by itself between two moments.

    One that works may be in one long call in C, which handles signals as well: some frame must have
    moved, or evaluated the changed code without such a call. One that sleeps must have woken.
    """
    if pid not in before.threads or pid not in after.threads:
        return False
    earlier, later = before.threads[pid], after.threads[pid]
    used = later.cpu_seconds - earlier.cpu_seconds
    own = after.at - before.at - (later.queued - earlier.queued)
    if used > WORKING_SHARE * own:
        return heard.moved or (heard.direct and has_hit)
    return (heard.moved or heard.direct) and later.switches > earlier.switches
