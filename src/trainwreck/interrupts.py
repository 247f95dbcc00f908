"""Signals that ask for an end: each is noted at once, and raised where nothing is half done.

What a handler raises comes between any two steps: in the middle of a cleanup, or of a function
that SQLite has called. So handlers raise nothing while anything is written (`deferred`), but for
waits that can be cut off anywhere (`interruptible`). Elsewhere `check` raises between two steps.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

ASKING = ("SIGINT", "SIGTERM", "SIGHUP")
PATIENCE_SECONDS = 10.0
"""The time from which on another signal ends this process at once, as a SIGKILL would."""


class Interrupts:
    """The state of this process: whether an end was asked for, and whether work is in progress."""

    def __init__(self) -> None:
        self._is_noted = False
        self._noted_at = 0.0
        self._works = 0
        self._waits = 0

    def listen(self) -> None:
        """Note the signals from now on, but those that this process was started to ignore."""
        self.forget()
        for name in ASKING:
            with suppress(AttributeError, ValueError):  # Not every system and thread has it.
                number = getattr(signal, name)
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._note)

    def forget(self) -> None:
        """Forget a signal that was noted: what it asked for has been done."""
        self._is_noted = False

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Raise nothing out of a signal within the block; `check` raises there instead."""
        self._works += 1
        try:
            yield
        finally:
            self._works -= 1

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Raise out of a signal within the block, also where work is deferred: it only waits."""
        self._waits += 1
        try:
            self.check()
            yield
        finally:
            self._waits -= 1

    def check(self) -> bool:
        """Raise KeyboardInterrupt if an end was asked for; return false."""
        if self._is_noted and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        return False

    def _note(self, number: int, _frame: FrameType | None) -> None:
        """Note a signal. A further one changes nothing, as the end has begun, unless it is late."""
        if self._is_noted:
            if time.monotonic() - self._noted_at > PATIENCE_SECONDS:
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            return
        self._is_noted, self._noted_at = True, time.monotonic()
        if self._waits or not self._works:
            raise KeyboardInterrupt


INTERRUPTS = Interrupts()
"""Signals belong to the process, so there is one for all."""
