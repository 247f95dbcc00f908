"""Signals of the keepers: a pipe that wakes a waiting process when one of its children ends."""

import os
import select
import signal
from contextlib import suppress


def woken_by_children() -> tuple[int, int]:
    """Return the ends of a pipe; the first can be read after a child of this process has ended."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, _note)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading, writing


def handle_failed_writes() -> None:
    """Let writing to a closed or full end fail, and do what it does by default in programs.

    Python ignores these signals, and what is ignored stays so in a program that is started; what
    is handled does not.
    """
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, _note)


def wait_for_child(reading: int, seconds: float) -> None:
    """Wait until a child has ended, or for some time."""
    select.select([reading], [], [], seconds)
    drain(reading)


def drain(reading: int) -> None:
    """Take all that is in the pipe, so that it wakes again."""
    with suppress(BlockingIOError):
        while os.read(reading, 4096):
            pass


def _note(_number: int, _frame: object) -> None:
    """Take the signal: the wakeup descriptor notes the signal."""
