"""Finds that no thread of a trial wakes before its time limit."""

from dataclasses import dataclass

from trainwreck.run.waits import Wait

STILL_SECONDS = 3.0
"""The time for which every thread must have slept on; two moments would prove it."""
LOOK_SECONDS = 0.5
"""The time between two moments, in seconds of the program's own time."""


@dataclass(frozen=True, slots=True)
class Look:
    """The threads at one moment; ``waits`` is None where some thread was awake or is not known.

    ``seconds`` is the program's own time, ``left`` what is left of it until the limit.
    """

    seconds: float
    left: float
    waits: tuple[Wait, ...] | None


class Stillness:
    """The question whether all threads of one trial sleep on, from one moment to the next."""

    def __init__(self) -> None:
        self._since: Look | None = None

    def restart(self) -> None:
        """Forget what was seen: trainwreck or the machine stood still between them."""
        self._since = None

    def holds(self, look: Look) -> bool:
        """Return whether all threads have slept on for long enough, and sleep until the limit.

        Where the number of switches of every thread is that of an earlier look, there was a moment
        at which all of them slept: nothing was there that could have woken one.
        """
        if not look.waits or min(wait.remaining for wait in look.waits) < look.left:
            self._since = None
            return False
        if self._since is None or _threads(self._since) != _threads(look):
            self._since = look
        return look.seconds - self._since.seconds >= STILL_SECONDS


def _threads(look: Look) -> frozenset[tuple[int, int, int]]:
    return frozenset((wait.pid, wait.tid, wait.switches) for wait in look.waits or ())
