"""Makes a worker that is ended by SIGTERM write its records first.

A handler in Python alone may never run. The signal may come between the interpreter's last check
for signals and a system call that waits, for a pool's lock or for a pipe. Then nothing interrupts
the wait, and the process that joins the worker waits forever. The wakeup descriptor is written
to at once. A thread that reads it sends the signal again until the handler has begun.
"""

import _thread
import os
import signal
import time
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol

    class Finishing(Protocol):
        """The part of a guest that is needed here."""

        @property
        def finished(self) -> bool: ...
        def finish(self) -> None: ...


SECONDS_BETWEEN_SIGNALS = 0.01


@contextmanager
def termination_held_back() -> "Iterator[None]":
    """Hold SIGTERM back: a process that ends within this block would leave incomplete records."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def finish_when_terminated(guest: "Finishing") -> None:
    """Finish the guest on SIGTERM, then die of the signal, unless the program handles SIGTERM.

    Every new process must call this: a forked one needs a descriptor of its own.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if isinstance(handler, Finisher):
        signal.set_wakeup_fd(-1)  # It is the parent's, which must not get this process's signals.
    elif handler is not signal.SIG_DFL:
        return
    signal.signal(signal.SIGTERM, Finisher(guest))
    _repeat_until_begun(guest)


class Finisher:
    """The handler of SIGTERM; its type shows a forked child that the agent installed it."""

    def __init__(self, guest: "Finishing") -> None:
        self._guest = guest

    def __call__(self, number: int, _frame: "Any") -> None:
        if self._guest.finished:
            return  # The process is ending already, and its records must be complete.
        self._guest.finish()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _repeat_until_begun(guest: "Finishing") -> None:
    if not hasattr(signal, "pthread_kill"):
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing)
    if before != -1:  # The program's own event loop uses the descriptor.
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)
        return
    # `threading` would show the thread to the program, and wait for it at the end.
    _thread.start_new_thread(_listen, (guest, reading, _thread.get_ident()))


def _listen(guest: "Finishing", reading: int, main: int) -> None:
    try:
        while signal.SIGTERM not in os.read(reading, 64):
            pass
        while not guest.finished:
            signal.pthread_kill(main, signal.SIGTERM)
            time.sleep(SECONDS_BETWEEN_SIGNALS)
    except (OSError, TypeError):
        return  # The interpreter is being torn down, or the program closed the descriptor.
