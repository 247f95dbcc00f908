"""Records what can make runs with one seed differ: random numbers, seeds, threads.

Only the doctor asks for this, in runs of their own: the program can see the functions here.
"""

import functools
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

MOST_CALLS = 100
MOST_SEEDS = 3
MOST_LIBRARIES = 500
LONGEST_SEED = 60
AGENT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STANDARD = os.path.dirname(os.path.abspath(os.__file__))
INSTALLED = ("site-packages", "dist-packages")
HARMLESS = ("multiprocessing", "tempfile", "importlib")
"""Packages that draw names and keys, which decide no result; also at their import."""


class Sources:
    """The calls of this process, by what was called and from where."""

    def __init__(self) -> None:
        self._calls: "dict[str, dict[str, Any]]" = {}

    def note(self, kind: str, name: str, seed: "Any" = None) -> None:
        """Record one call.

        Args:
            kind: ``unseeded`` for random numbers of the operating system, ``seed`` for a seed that
                the program gives, ``thread`` for a thread that starts.
            name: What was called; a function of the standard library that called it has priority.
            seed: The seed that was given.
        """
        through, places = _places(sys._getframe(1))
        if not places or any(step.startswith(HARMLESS) for step in through):
            return
        steps = [step for step in through if not step.endswith("__init__")]
        called = steps[-1] if kind == "unseeded" and steps else name
        key = repr((kind, called, places))
        if key not in self._calls and len(self._calls) == MOST_CALLS:
            return
        call = self._calls.setdefault(
            key, {"kind": kind, "call": called, "places": places, "count": 0, "seeds": []}
        )
        call["count"] += 1
        if kind == "seed" and len(call["seeds"]) < MOST_SEEDS:
            call["seeds"].append(_shown(seed))

    def watch(self, owner: "Any", name: str, shown: str, seed: "str | None" = None) -> None:
        """Record the calls of a function, with the seed, where it has one of this name."""
        function = getattr(owner, name, None)
        if function is None:
            return

        @functools.wraps(function)
        def note_and_call(*args: "Any", **kwargs: "Any") -> "Any":
            given = args[0] if args else kwargs.get(seed or "")
            if seed is None or given is not None:
                self.note("unseeded" if seed is None else "seed", shown, given)
            return function(*args, **kwargs)

        setattr(owner, name, note_and_call)

    def read(self) -> "dict[str, Any]":
        """Return the value of the observation ``sources``."""
        tops = {name.partition(".")[0] for name in list(sys.modules)}
        return {
            "calls": list(self._calls.values()),
            "native": _native_threads(),
            "libraries": sorted(filter(_is_library, tops))[:MOST_LIBRARIES],
        }


def _places(frame: "FrameType | None") -> "tuple[list[str], list[list[Any]]]":
    """Return the functions of the standard library that led to a call, and who called them.

    The callers are [file, line, function] of the nearest line that is not of the standard library,
    and, if that is a library's, of the nearest one of the program.
    """
    through: "list[str]" = []
    places: "list[list[Any]]" = []
    for current in _callers(frame):
        code = current.f_code
        is_installed = any(part in code.co_filename for part in INSTALLED)
        if not is_installed and code.co_filename.startswith((STANDARD, "<frozen")):
            if not places:
                through.append(_function(current))
            continue
        if not places or not is_installed:
            places.append([code.co_filename, current.f_lineno, code.co_name])
        if not is_installed:
            break
    return through, places


def _function(frame: "FrameType") -> str:
    names = [str(frame.f_globals.get("__name__")), frame.f_code.co_name]
    if "self" in frame.f_locals:
        names.insert(1, type(frame.f_locals["self"]).__name__)
    return ".".join(names)


def _callers(frame: "FrameType | None") -> "Iterator[FrameType]":
    while frame is not None:
        if not frame.f_code.co_filename.startswith(AGENT):
            yield frame
        frame = frame.f_back


def _shown(seed: "Any") -> str:
    is_plain = isinstance(seed, (int, float, str, bytes)) or hasattr(seed, "__index__")
    return repr(seed)[:LONGEST_SEED] if is_plain else type(seed).__name__


def _native_threads() -> int:
    """Return the number of threads that Python did not start; 0 where it is unknown."""
    threads: "Any" = getattr(sys.modules.get("threading"), "_active", {0: None})
    try:
        return max(0, len(os.listdir("/proc/self/task")) - len(threads))
    except OSError:
        return 0


def _is_library(name: str) -> bool:
    file = getattr(sys.modules.get(name), "__file__", None)
    return isinstance(file, str) and any(part in file for part in INSTALLED)
