"""Notes that the program reads an id of its process, which is another one in a forked child."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
AGENT = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
HARMLESS = (
    "_pytest.assertion.rewrite",
    "_pytest.pathlib",
    "execnet.gateway_base",
    "joblib",
    "numpy.testing",
    "psutil._pslinux",
    "pytensor.compile.compilelock",
    "pytensor.configparser",
    "theano.configparser",
    "theano.gof.compilelock",
)
"""Modules and packages that read it for names of temporary files, while imported, or for a lock."""
LOCK = "theano.gof.compilelock"
"""The module of a lock that is a folder, with a file in it that names the process."""
NAMES = ("getpid", "getppid", "getpgrp", "getpgid", "getsid")
_originals = {name: getattr(os, name) for name in NAMES if hasattr(os, name)}


class ProcessId:
    """The functions of ``os`` with such ids, as the program gets them in a stem.

    Python's library may call them freely.
    """

    def __init__(self) -> None:
        self.is_read = False
        for name, original in _originals.items():
            setattr(os, name, self._noting(name, original))

    def _noting(self, name: str, original: "Callable[..., int]") -> "Callable[..., int]":
        def read(*arguments: int) -> int:
            if not _is_of_library(sys._getframe(1)):
                self.is_read = True
            return original(*arguments)

        read.__name__ = read.__qualname__ = name
        return read

    @staticmethod
    def restore() -> None:
        """Give the program the functions that it has in a cold run."""
        for name, original in _originals.items():
            setattr(os, name, original)


def is_in_lock() -> bool:
    """Return whether a lock exists that a forked child could not give back: it names the stem."""
    get_lock = getattr(sys.modules.get(LOCK), "get_lock", None)
    folder = getattr(get_lock, "lock_dir", None)
    return isinstance(folder, str) and os.path.isdir(folder)


def _is_of_library(frame: "Any") -> bool:
    name = frame.f_code.co_filename
    if name.startswith((AGENT, "<frozen")):
        return True
    module = str(frame.f_globals.get("__name__"))
    if any(module == known or module.startswith(known + ".") for known in HARMLESS):
        return True
    return name.startswith(LIBRARY) and "-packages" not in name[len(LIBRARY) :]
