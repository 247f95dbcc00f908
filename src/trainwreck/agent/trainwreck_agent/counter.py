"""Counts evaluations of the edit at the speed of C."""

from itertools import count

HIT = "__trainwreck_hit__"
PHASE = "__trainwreck_phase__"


class Counter:
    """``hit()`` is true and counts; ``value`` is read without counting."""

    def __init__(self):
        self.restart()

    def restart(self):
        """Begin again at zero, as in a forked child."""
        self._count = count(1)
        self.hit = self._count.__next__

    @property
    def value(self):
        """How many hits there were; ``repr`` is the one way to look that does not count."""
        return int(repr(self._count)[len("count(") : -1]) - 1
