"""Reads what the threads of a process wait for, and until when (Linux, proc(5)).

A thread is known to sleep on only where its system call says so: a lock, a child, a pipe or a
socket whose other end is in the same trial, or a clock. Whatever else could wake it (a device, an
alarm, a socket to the outside) makes the wait unknown.
"""

import platform
import stat
import struct
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from math import inf
from pathlib import Path
from signal import SIGALRM

PROC = Path("/proc")


class Call(Enum):
    """The system calls in which a thread may be known to wait."""

    FUTEX = auto()
    WAIT = auto()
    FILE = auto()
    NANOSLEEP = auto()
    CLOCK_NANOSLEEP = auto()
    POLL = auto()
    PPOLL = auto()
    SELECT = auto()
    PSELECT = auto()
    EPOLL = auto()


_OF_X86_64 = {
    Call.FUTEX: (202,),
    Call.WAIT: (61, 247),
    Call.FILE: (0, 1, 19, 20, 42, 43, 44, 45, 46, 47, 288),
    Call.NANOSLEEP: (35,),
    Call.CLOCK_NANOSLEEP: (230,),
    Call.POLL: (7,),
    Call.PPOLL: (271,),
    Call.SELECT: (23,),
    Call.PSELECT: (270,),
    Call.EPOLL: (232, 281),
}
_OF_AARCH64 = {
    Call.FUTEX: (98,),
    Call.WAIT: (95, 260),
    Call.FILE: (63, 64, 65, 66, 202, 203, 206, 207, 211, 212, 242),
    Call.NANOSLEEP: (101,),
    Call.CLOCK_NANOSLEEP: (115,),
    Call.PPOLL: (73,),
    Call.PSELECT: (72,),
    Call.EPOLL: (22,),
}
_TABLES = {"x86_64": _OF_X86_64, "aarch64": _OF_AARCH64}
CALLS: Mapping[int, Call] = {
    number: call
    for call, numbers in _TABLES.get(platform.machine(), {}).items()
    for number in numbers
}
"""The calls by their numbers on this machine; none where the numbers are not known here."""
FUTEX_WAIT, FUTEX_WAIT_BITSET = 0, 9
FUTEX_FLAGS, FUTEX_REALTIME = 0x7F, 256
TIMER_ABSTIME = 1
CLOCKS = (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC)
HARMLESS_DEVICES = frozenset(["null", "zero", "full", "random", "urandom"])
HARMLESS_INODES = ("pipe:", "anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[pidfd]")
LONGEST = 1 << 31


@dataclass(frozen=True, slots=True)
class Wait:
    """A thread that sleeps, and for how many seconds at least unless another one wakes it.

    ``switches`` is how often it has left a processor: it has slept on where the number is the same.
    """

    pid: int
    tid: int
    switches: int
    remaining: float


def waits_of(pids: Iterable[int], age: float) -> list[Wait] | None:
    """Return the waits of all threads of some processes; None where one is awake or not known.

    Args:
        pids: The processes.
        age: The seconds that they have run at most, which a wait may have lasted.

    """
    waits: list[Wait] = []
    try:
        for pid in pids:
            waits += _Process(pid, age).waits()
    except (OSError, ValueError, LookupError, struct.error):
        return None
    return waits


class _Process:
    """A process whose threads are asked."""

    def __init__(self, pid: int, age: float) -> None:
        self._pid = pid
        self._age = age
        self._folder = PROC / str(pid)

    def waits(self) -> list[Wait]:
        """Return the waits of all threads. Raises ValueError where one is awake or not known."""
        tids = [int(path.name) for path in (self._folder / "task").iterdir()]
        waits = [wait for tid in tids if (wait := self.wait(tid))]
        if waits and may_be_woken(self._pid):
            raise ValueError("a timer may wake it")
        return waits

    def wait(self, tid: int) -> Wait | None:
        """Return the wait of a thread, None where it has ended."""
        folder = self._folder / "task" / str(tid)
        fields = _fields((folder / "status").read_text(encoding="utf-8", errors="replace"))
        state = fields["State"][:1]
        if state in "ZX":
            return None
        if state != "S" or int(fields["SigCgt"], 16) >> (SIGALRM - 1) & 1:
            raise ValueError("awake, or an alarm may wake it")
        number, *words = (folder / "syscall").read_text(encoding="ascii").split()
        arguments = [int(word, 16) for word in words[:6]]
        switches = int(fields["voluntary_ctxt_switches"])
        switches += int(fields["nonvoluntary_ctxt_switches"])
        return Wait(self._pid, tid, switches, self._remaining(CALLS[int(number)], arguments))

    def _remaining(self, call: Call, arguments: list[int]) -> float:
        """Return how many seconds a call still takes at least."""
        first, second, third, fourth, fifth, _ = arguments
        match call:
            case Call.FUTEX:
                return self._of_futex(second, fourth)
            case Call.WAIT:
                return inf
            case Call.FILE:
                self._check_file(first)
                return inf
            case Call.NANOSLEEP:
                return self._span(first)
            case Call.CLOCK_NANOSLEEP:
                return self._until(first, third) if second & TIMER_ABSTIME else self._span(third)
        self._check_files()
        match call:
            case Call.POLL:
                return self._milliseconds(third)
            case Call.PPOLL:
                return self._span(third)
            case Call.EPOLL:
                return self._milliseconds(fourth)
        return self._span(fifth)

    def _of_futex(self, operation: int, timeout: int) -> float:
        match operation & FUTEX_FLAGS:
            case _ if not timeout:
                return inf
            case n if n == FUTEX_WAIT:
                return self._span(timeout)
            case n if n == FUTEX_WAIT_BITSET:
                return self._until(CLOCKS[not operation & FUTEX_REALTIME], timeout)
        raise ValueError("a lock of another kind")

    def _milliseconds(self, number: int) -> float:
        number &= (1 << 32) - 1
        return inf if number >= LONGEST else number / 1000 - self._age

    def _span(self, address: int) -> float:
        """Return what is left at least of a span of time, which may have begun with the process."""
        return self._time_at(address) - self._age if address else inf

    def _until(self, clock: int, address: int) -> float:
        if clock not in CLOCKS:
            raise ValueError("a clock of another kind")
        return self._time_at(address) - time.clock_gettime(clock)

    def _time_at(self, address: int) -> float:
        """Return the whole seconds of a time in the process's memory."""
        with (self._folder / "mem").open("rb", buffering=0) as memory:
            memory.seek(address)
            return float(struct.unpack("q", memory.read(8))[0])

    def _check_files(self) -> None:
        for path in (self._folder / "fd").iterdir():
            self._check_file(int(path.name))

    def _check_file(self, number: int) -> None:
        """Raise ValueError where something outside of the trial may make a file ready."""
        path = self._folder / "fd" / str(number)
        name = str(path.readlink())
        if name.startswith(HARMLESS_INODES):
            return
        if name.startswith("socket:"):
            if (self._folder / "ns/net").readlink() == (PROC / "self/ns/net").readlink():
                raise ValueError("a socket that may lead outside")
            return
        mode = path.stat().st_mode
        is_device = stat.S_ISCHR(mode) and Path(name).name in HARMLESS_DEVICES
        if not (is_device or stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise ValueError(f"{name} may be made ready from outside")


def _fields(status: str) -> dict[str, str]:
    """Return the fields of a thread's status by name."""
    pairs = (line.split(":", 1) for line in status.splitlines() if ":" in line)
    return {name: value.strip() for name, value in pairs}


def may_be_woken(pid: int) -> bool:
    """Return whether a process has timers of POSIX; true where that is not known."""
    with suppress(OSError):
        return bool((PROC / str(pid) / "timers").read_text(encoding="ascii"))
    return True


def known_waits(pid: int, age: float) -> dict[int, Wait]:
    """Return the waits of those threads of a process that are known to sleep, by their ids."""
    process = _Process(pid, age)
    waits = {}
    with suppress(OSError):
        for path in (PROC / str(pid) / "task").iterdir():
            with suppress(OSError, ValueError, LookupError, struct.error):
                if wait := process.wait(int(path.name)):
                    waits[wait.tid] = wait
    return waits
