"""Says why a fork at this moment would not be what a cold run is there."""

import _thread
import os
import signal
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
"""Devices below /dev that keep nothing for those who have them open."""
_listdir, _readlink, _fstat = os.listdir, os.readlink, os.fstat
_open_text = open
_waitid = getattr(os, "waitid", None)
WRITING = os.O_WRONLY | os.O_RDWR
DELETED = " (deleted)"
MOST_COPIED = 1 << 24
"""Bytes of an unlinked file that a child may get a copy of."""


class Descriptor:
    """An open descriptor: its number, the name and size of its file, position, flags, and locks."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = _readlink("/proc/self/fd/%d" % number)
        status = _fstat(number)
        self.mode, self.size = status.st_mode, status.st_size
        self.inode, self.file = status.st_ino, (status.st_dev, status.st_ino)
        self.is_locked = False
        self.position = self.flags = 0
        with _open_text("/proc/self/fdinfo/%d" % number) as file:
            for line in file:
                key, _, value = line.partition(":")
                if key == "pos":
                    self.position = int(value)
                elif key == "flags":
                    self.flags = int(value, 8)
                elif key == "lock":
                    self.is_locked = True

    @property
    def is_regular(self) -> bool:
        """Return whether it is a file with a position that a forked child would share."""
        return stat.S_ISREG(self.mode)

    @property
    def is_unlinked(self) -> bool:
        """Return whether it is a file without a name that the program may still write to."""
        is_gone = self.name.endswith(DELETED) or self.name.startswith("/memfd:")
        return is_gone and bool(self.flags & WRITING)


def descriptors(apart_from: "Container[int]" = ()) -> "list[Descriptor]":
    """Return the open descriptors of this process but those that the agent uses."""
    found = []
    for name in _listdir("/proc/self/fd"):
        number = int(name)
        if number in apart_from:
            continue
        try:
            found.append(Descriptor(number))
        except OSError:
            continue  # It was that of the folder itself.
    return found


def unsafe(own: "Container[int]", pipes: "Container[int]", main_thread: int) -> str:
    """Return the first reason why a fork is not safe now, or nothing.

    Args:
        own: The descriptors of the agent.
        pipes: The inodes of the pipes to which the program's output goes.
        main_thread: The identity of the main thread.
    """
    try:
        for reason in _reasons(own, pipes, main_thread):
            return reason
    except (OSError, ValueError, AttributeError) as error:
        return "it cannot be read whether a fork is safe: %s" % type(error).__name__
    return ""


def _reasons(own: "Container[int]", pipes: "Container[int]", main_thread: int) -> "Iterator[str]":
    if _thread.get_ident() != main_thread:
        yield "another thread evaluates it"
    if len(_listdir("/proc/self/task")) != 1:
        yield "there are several native threads"
    if _has_child():
        yield "a child process is there"
    if _is_shared():
        yield "memory is mapped shared and writable"
    if _has_timer():
        yield "a timer is set"
    if signal.getsignal(signal.SIGCHLD) is not signal.SIG_DFL:
        yield "the end of child processes is watched"
    if _has_wakeup():
        yield "signals wake up a descriptor"
    for descriptor in descriptors(own):
        reason = _reason_of(descriptor, pipes)
        if reason:
            yield reason


def _reason_of(descriptor: "Descriptor", pipes: "Container[int]") -> str:
    name, mode = descriptor.name, descriptor.mode
    if descriptor.is_locked:
        return "a lock of a file is held"
    if stat.S_ISREG(mode):
        can_be_copied = descriptor.size <= MOST_COPIED and not name.startswith("/memfd:")
        if descriptor.is_unlinked and not can_be_copied:
            return "an unlinked file is open for writing"
        return ""
    if stat.S_ISCHR(mode):
        is_plain = os.path.dirname(name) == "/dev" and os.path.basename(name) in DEVICES
        return "" if is_plain or name.startswith("/dev/pts/") else "a device is open"
    if stat.S_ISFIFO(mode):
        return "" if descriptor.inode in pipes else "a pipe is open"
    if stat.S_ISSOCK(mode):
        return "a socket is open"
    return "a folder is open" if stat.S_ISDIR(mode) else "another kind of descriptor is open"


def _has_child() -> bool:
    if _waitid is None:
        return True
    try:
        _waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _is_shared() -> bool:
    with _open_text("/proc/self/maps") as file:
        return any(words[1][1] == "w" and words[1][3] == "s" for words in map(str.split, file))


def _has_timer() -> bool:
    kinds = signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF
    if any(any(signal.getitimer(kind)) for kind in kinds):
        return True
    try:
        with _open_text("/proc/self/timers") as file:  # Not every kernel has it.
            return bool(file.read())
    except FileNotFoundError:
        return False


def _has_wakeup() -> bool:
    before = signal.set_wakeup_fd(-1)
    if before != -1:
        signal.set_wakeup_fd(before)
    return before != -1
