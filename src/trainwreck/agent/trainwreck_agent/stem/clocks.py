"""Gives the program clocks in which the waiting of its stem has not passed."""

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

OF_WALL = ("time", "monotonic", "perf_counter")
OF_PROCESSOR = ("process_time", "thread_time")
_names = [name for name in OF_WALL + OF_PROCESSOR if hasattr(time, name)]


class Clock:
    """A clock of module ``time``, as far as a program sees it; it is bound to no object."""

    def __init__(self, name: str, read: "Callable[[], Any]") -> None:
        self._read = read
        self._passed: "Any" = 0
        self.__name__ = self.__qualname__ = name
        self.__module__ = time.__name__
        self.__doc__ = read.__doc__
        self.__self__ = time

    def __call__(self) -> "Any":
        """Return what the clock shows, without what has not passed for the program."""
        return self._read() - self._passed

    def leave_out(self, passed: "Any") -> None:
        """Show less from now on."""
        self._passed += passed

    def __repr__(self) -> str:
        """Return the text of the function in whose place it is."""
        return repr(self._read)

    def __reduce__(self) -> str:
        """Let it be copied and pickled as functions are: by its name."""
        return self.__name__


class Clocks:
    """The clocks of a stem, and of the children that have them from it."""

    def __init__(self) -> None:
        self._clocks: "list[tuple[bool, Clock, Clock | None]]" = []
        for name in _names:
            in_nanoseconds = self._replace(name + "_ns") if hasattr(time, name + "_ns") else None
            self._clocks.append((name in OF_WALL, self._replace(name), in_nanoseconds))

    def leave_out(self, wall: float, cpu: float) -> None:
        """Leave out seconds of the wall that the program must not see.

        Processor time is only added, where a child's clock went back: what a stem's waiting takes
        is little, and a process that it forks later begins at 0.
        """
        for is_of_wall, clock, in_nanoseconds in self._clocks:
            passed = wall if is_of_wall else min(0.0, cpu)
            clock.leave_out(passed)
            if in_nanoseconds is not None:
                in_nanoseconds.leave_out(int(passed * 1e9))

    @staticmethod
    def _replace(name: str) -> Clock:
        clock = Clock(name, getattr(time, name))
        setattr(time, name, clock)
        return clock
