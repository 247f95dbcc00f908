"""Counts evaluations of the mutated code: the first ones as events, all others at C speed."""

import builtins
from itertools import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

HIT = "__trainwreck_hit__"
PLACE = "__trainwreck_place_%d__"
PHASE = "__trainwreck_phase__"
REPORTED = 8
FAST = 1024


class Counter:
    """The builtin that mutated code calls before it evaluates the edit; its value is true.

    The first ``REPORTED`` hits, then every doubling up to ``FAST``, are reported at once. So the
    record of a killed process shows whether it reached the edit. Later hits are only counted.
    """

    def __init__(self, report: "Callable[[], None]") -> None:
        self._report = report
        self._names = [HIT]
        self.restart()

    def restart(self) -> None:
        """Return to zero, as in a forked child."""
        self._count = count(1)
        self._next = self._count.__next__
        self._call(self._hit)

    def watch(self, number: int, reached: "Callable[[int], None]") -> None:
        """Add a place of several: a builtin that counts, too, and says once that it was reached."""
        name = PLACE % number

        def first() -> bool:
            self._names.append(name)
            setattr(builtins, name, getattr(builtins, HIT))
            reached(number)
            return bool(getattr(builtins, HIT)())

        setattr(builtins, name, first)

    def _call(self, counting: "Callable[[], object]") -> None:
        for name in self._names:
            setattr(builtins, name, counting)

    @property
    def value(self) -> int:
        """Return the number of hits; only ``repr`` shows it without counting one more."""
        return int(repr(self._count)[len("count(") : -1]) - 1

    def is_own(self, value: object) -> bool:
        """Return whether an object is the one that counts."""
        return value is self._count

    def _hit(self) -> bool:
        number = self._next()
        if number <= REPORTED or not number & (number - 1):
            self._report()
        if number >= FAST:
            self._call(self._next)
        return True
