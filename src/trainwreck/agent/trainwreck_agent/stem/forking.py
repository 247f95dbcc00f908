"""Forks without any of the functions that Python, libraries or the program call at a fork.

A cold run does not fork here, so nothing may notice. Python's own work after a fork is for what
other threads leave behind, and there are none: the one thread keeps its identity, its locks and
its imports.
"""

import _imp
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_version: "tuple[int, ...]" = sys.version_info[:2]
_wait4 = getattr(os, "wait4", None)


def fork_of_system() -> "Callable[[], int] | None":
    """Return the C library's own ``fork``, which keeps the interpreter's lock; None without it."""
    try:
        import ctypes

        fork = ctypes.PyDLL(None).fork
    except (ImportError, OSError, AttributeError, TypeError):
        return None
    fork.argtypes, fork.restype = [], ctypes.c_int
    after = _after_fork()
    lock, release = _lock_of_imports()

    def fork_or_fail() -> int:
        lock()
        child = int(fork())
        if child == 0:
            after()
        else:
            release()
        if child < 0:
            raise OSError("no process can be forked")
        return child

    return fork_or_fail


def _after_fork() -> "Callable[[], object]":
    """Return what makes signals reach the child of a Python that compares its process id."""
    import ctypes

    if _version >= (3, 9):
        return _nothing
    name = "PyOS_AfterFork" if _version < (3, 7) else "_PySignal_AfterFork"
    function: "Callable[[], object]" = getattr(ctypes.pythonapi, name)
    return function


def _lock_of_imports() -> "tuple[Callable[[], object], Callable[[], object]]":
    """Return what takes the lock of imports, and what gives it back in the parent.

    What Python 3.6 calls in the child gives it back there.
    """
    if _version >= (3, 7):
        return _nothing, _nothing
    return _imp.acquire_lock, _imp.release_lock


def _nothing() -> None:
    """Stand where other versions of Python have something to do."""


def wait_for(child: int) -> "tuple[int, float, int]":
    """Return a child's raw status, its processor seconds, and its largest memory in KiB."""
    assert _wait4 is not None
    _, status, usage = _wait4(child, 0)
    return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss
