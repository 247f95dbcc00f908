"""Ends a piece of work that takes too long, as matching a foreign regular expression may."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooLong(Exception):
    """The work took more than its time."""


def can_limit() -> bool:
    """Return whether work can be limited here: signals reach the main thread only."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLong within the block after this much processor time of the process, in seconds.

    It also ends a match of `re`, which asks for signals now and then. An outer limit is restored.
    """

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, give_up)
    timer = signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, *timer)
        signal.signal(signal.SIGVTALRM, before)
