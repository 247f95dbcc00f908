"""Signals that ask for an end: each is noted at once, and raised where nothing is half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

ASKING = ("SIGINT", "SIGTERM", "SIGHUP")


class Interrupts:
    """The state of this process: whether an end was asked for, and whether work is in progress."""

    def __init__(self) -> None:
        self._is_noted = False
        self._works = 0

    def listen(self) -> None:
        """Note the signals from now on, but those that this process was started to ignore."""
        self._is_noted = False
        for name in ASKING:
            with suppress(AttributeError, ValueError):  # Not every system and thread has it.
                number = getattr(signal, name)
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._note)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Raise nothing out of a signal within the block; `check` raises there instead."""
        self._works += 1
        try:
            yield
        finally:
            self._works -= 1

    def check(self) -> None:
        """Raise KeyboardInterrupt if an end was asked for."""
        if self._is_noted and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        """Note a signal. A further one changes nothing: the end has begun."""
        is_first, self._is_noted = not self._is_noted, True
        if is_first and not self._works:
            raise KeyboardInterrupt


INTERRUPTS = Interrupts()
"""Signals belong to the process, so there is one for all."""
