"""Measures how long a program ran, without the time in which it stood still."""

import time

GAP_SECONDS = 2.0
"""The longest time between two messages of a keeper; after more, one side or both stood still."""


class Clock:
    """The time of one run: of each interval between messages that is no gap.

    A frozen machine and a stopped process make gaps: the program may not have run, or its output
    was not read. ``gap`` is the sum of them in seconds.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.gap = 0.0
        self._last = time.monotonic()
        self._asleep = _seconds_asleep()

    def tick(self) -> None:
        """Count the time since the last message."""
        now = time.monotonic()
        passed, self._last = now - self._last, now
        if passed > GAP_SECONDS:
            self.gap += passed
        else:
            self.seconds += passed
        asleep = _seconds_asleep()
        if asleep - self._asleep > GAP_SECONDS:
            self.gap += asleep - self._asleep
            self._asleep = asleep

    @property
    def since_tick(self) -> float:
        """Return the seconds since the last message."""
        return time.monotonic() - self._last


def _seconds_asleep() -> float:
    """Return how long this machine has slept since it started; 0 where it does not say."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
