"""Asks at the first evaluation of each armed expression, and forks what trainwreck answers."""

import _thread
import builtins
import contextlib
import os
import sys

from trainwreck_agent import REFUSED
from trainwreck_agent.stem.alternatives import ON
from trainwreck_agent.stem.become import NotPossible, become, read_order
from trainwreck_agent.stem.clocks import Clocks
from trainwreck_agent.stem.conversation import Conversation
from trainwreck_agent.stem.forking import fork_of_system, wait_for
from trainwreck_agent.stem.process_id import ProcessId, is_in_lock
from trainwreck_agent.stem.safety import unsafe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest

_getpid, _fstat, _exit = os.getpid, os.fstat, os._exit
_get_ident = _thread.get_ident
ROOM = 200
"""Further calls that the agent may nest where the program has nested as many as it may."""


class Unasked:
    """An alternative before its first evaluation, which asks whether it is on."""

    __slots__ = ("_number", "_stem")

    def __init__(self, stem: "Stem", number: int) -> None:
        self._stem = stem
        self._number = number

    def __bool__(self) -> bool:
        """Ask, the first time that the program evaluates the expression."""
        return self._stem.is_on(self._number)


class Stem:
    """The alternatives of this process's order, and which of them have been evaluated."""

    def __init__(self, guest: "Guest") -> None:
        order = guest.order["stem"]
        assert order is not None
        self._guest = guest
        self._process = _getpid()
        self._thread = _get_ident()
        self._armed = set(order["armed"])
        self._conversation = Conversation(order["folder"])
        self._fork = fork_of_system() if guest.main else None
        self._outputs = _inode_of(1), _inode_of(2)
        self._reached: "set[int]" = set()
        self._child = False
        self._process_id = ProcessId()
        self._clocks = Clocks()
        self._numbers = {
            entry["number"]
            for file in guest.order["files"]
            for entry in file.get("alternatives") or ()
        }
        for number in self._numbers:
            setattr(builtins, ON % number, Unasked(self, number))

    def is_on(self, number: int) -> bool:
        """Return whether an alternative is on, at its first evaluation in this process."""
        setattr(builtins, ON % number, False)
        limit = sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(limit + ROOM)
            return self._is_on(number)
        except Exception:
            if self._child:
                _exit(REFUSED)
            return False
        finally:
            with contextlib.suppress(RecursionError):  # The program has no call left to nest.
                sys.setrecursionlimit(limit)

    def _is_on(self, number: int) -> bool:
        if not self._guest.main or _getpid() != self._process:
            self._say_unsafe(number, "another process evaluates it")
            return False
        self._reached.add(number)
        if _get_ident() != self._thread:
            self._say_unsafe(number, "another thread evaluates it")
            return False
        if number not in self._armed:
            return False
        return self._ask(number)

    def _say_unsafe(self, number: int, reason: str) -> None:
        times = self._guest.events.times()
        self._conversation.say(at=number, safe=False, reason=reason, **times)

    def _reason(self) -> str:
        """Return why a child that forks now could differ from a cold run, or nothing."""
        if self._fork is None:
            return "this Python cannot call the system's fork"
        if self._process_id.is_read:
            return "the program has read its process id"
        if is_in_lock():
            return "the program holds a lock that names its process"
        if sys.gettrace() is not None or sys.getprofile() is not None:
            return "the program traces itself"
        return unsafe(self._guest.own_descriptors(), self._outputs, self._thread)

    def _ask(self, number: int) -> bool:
        """Fork what trainwreck wants at this expression; true in the child of its own mutant."""
        events = self._guest.events
        pause = events.pause()
        reason = self._reason()
        if reason:
            self._say_unsafe(number, reason)
            return False
        if not self._conversation.say(at=number, safe=True, reason="", **events.times(pause)):
            return False
        while True:
            answer = self._conversation.hear()
            if "end" in answer:
                _exit(0)
            if "fork" not in answer:
                self._clocks.leave_out(*events.resume(pause))
                return False
            assert self._fork is not None
            child = self._fork()
            if child == 0:
                self._child = True
                self._clocks.leave_out(*events.resume(pause))
                return self._go_on(answer, number)
            status, cpu, peak = wait_for(child)
            self._conversation.say(ended=answer["fork"], status=status, cpu=cpu, peak=peak)

    def _go_on(self, answer: "dict[str, Any]", number: int) -> bool:
        """Make this child a full run; return whether the expression at hand is the mutant's."""
        on, path = answer["on"], answer["order"]
        order = read_order(path)
        try:
            if on is not None and (on not in self._numbers or on in self._reached - {number}):
                raise NotPossible("alternative %s has been evaluated before the fork" % on)
            become(self._guest, order, answer, self._process, self._outputs)
        except Exception as error:
            self._guest.events.folder = order["events"]
            self._guest.refuse(path, "%s: %s" % (type(error).__name__, error))
        for other in self._numbers:
            setattr(builtins, ON % other, other == on)
        self._process_id.restore()
        self._guest.stem = None
        self._child = False
        return bool(on == number)


def _inode_of(number: int) -> int:
    """Return the inode of an open descriptor, -1 of one that is closed."""
    try:
        return _fstat(number).st_ino
    except OSError:
        return -1
