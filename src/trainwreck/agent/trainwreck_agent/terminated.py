"""Lets a worker that is ended by SIGTERM write its records first.

A handler in Python alone may never run: where the signal comes between the interpreter's last
look for signals and the system call that then waits (for a pool's lock, for a pipe), nothing
interrupts the wait, and whoever joins the worker waits forever. The wakeup descriptor is written
to at once, so a thread that reads it sends the signal again until the handler has begun.
"""

import _thread
import os
import signal
import time
from contextlib import contextmanager

AGAIN_SECONDS = 0.01


@contextmanager
def termination_held_back():
    """Let SIGTERM wait: a process ended within this time would have told half of what it is."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def finish_when_terminated(guest):
    """On SIGTERM finish, then die of it; only where nobody else handles the signal.

    To be called in every new process: a forked one needs a descriptor of its own.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if isinstance(handler, Finisher):
        signal.set_wakeup_fd(-1)  # The parent's: a signal of this process is none of its.
    elif handler is not signal.SIG_DFL:
        return
    signal.signal(signal.SIGTERM, Finisher(guest))
    _send_again_until_begun(guest)


class Finisher:
    """The handler; a type of its own, by which a forked child knows it."""

    def __init__(self, guest):
        self._guest = guest

    def __call__(self, number, _frame):
        if self._guest.finished:
            return  # It is on its way out, and what it writes must be whole.
        self._guest.finish()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _send_again_until_begun(guest):
    if not hasattr(signal, "pthread_kill"):
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing)
    if before != -1:  # The program's own event loop listens already.
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)
        return
    # Not by `threading`, which would show the thread to the program and wait for it at the end.
    _thread.start_new_thread(_listen, (guest, reading, _thread.get_ident()))


def _listen(guest, reading, main):
    try:
        while signal.SIGTERM not in os.read(reading, 64):
            pass
        while not guest.finished:
            signal.pthread_kill(main, signal.SIGTERM)
            time.sleep(AGAIN_SECONDS)
    except (OSError, TypeError):
        return  # The interpreter is being torn down, or the program closed the descriptor.
