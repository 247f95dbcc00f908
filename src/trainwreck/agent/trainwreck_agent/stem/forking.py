"""Forks without any of the functions that Python, libraries or the program call at a fork.

A cold run does not fork here, so nothing may notice. Python's own work after a fork is for what
other threads leave behind, and there are none: the one thread keeps its identity, its locks and
its imports.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_wait4 = getattr(os, "wait4", None)


def fork_of_system() -> "Callable[[], int] | None":
    """Return the C library's own ``fork``, which keeps the interpreter's lock; None without it."""
    try:
        import ctypes

        fork = ctypes.PyDLL(None).fork
    except (ImportError, OSError, AttributeError, TypeError):
        return None
    fork.argtypes, fork.restype = [], ctypes.c_int

    def fork_or_fail() -> int:
        child = int(fork())
        if child < 0:
            raise OSError("no process can be forked")
        return child

    return fork_or_fail


def wait_for(child: int) -> "tuple[int, float, int]":
    """Return a child's raw status, its processor seconds, and its largest memory in KiB."""
    assert _wait4 is not None
    _, status, usage = _wait4(child, 0)
    return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss
