"""Counts evaluations of the edit: the first ones on the record, the others at the speed of C."""

import builtins
from itertools import count

HIT = "__trainwreck_hit__"
PHASE = "__trainwreck_phase__"
EACH = 8
FAST = 1024


class Counter:
    """Binds the builtin that buggy code calls before it evaluates the edit; it is true.

    The first ``EACH`` hits, and then every doubling up to ``FAST``, are told at once, so that a
    process that is killed has said whether it was hit; from there on only the number is kept.
    """

    def __init__(self, tell):
        self._tell = tell
        self.restart()

    def restart(self):
        """Begin again at zero, as in a forked child."""
        self._count = count(1)
        self._next = self._count.__next__
        setattr(builtins, HIT, self._hit)

    @property
    def value(self):
        """How many hits there were; ``repr`` is the one way to look that does not count."""
        return int(repr(self._count)[len("count(") : -1]) - 1

    def _hit(self):
        number = self._next()
        if number <= EACH or not number & (number - 1):
            self._tell()
        if number >= FAST:
            setattr(builtins, HIT, self._next)
        return True
