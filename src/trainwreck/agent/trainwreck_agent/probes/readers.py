"""Notices when a program reads its own source, or the defaults of its functions."""

import inspect
import linecache
import os
import sys

from trainwreck_agent.probes import TAKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from trainwreck_agent.probes.probe import Probes

    class Reading(Protocol):
        """The part of an overlay that is needed here."""

        @property
        def reading(self) -> bool: ...


DEFAULTS = ("__defaults__", "__kwdefaults__")


def watch_readers(probes: "Probes", paths: "frozenset[str]", overlay: "Reading") -> None:
    """Record in ``probes`` which of the files are read, and which functions' defaults.

    Before Python 3.8 the interpreter does not announce a read of ``f.__defaults__``.
    """
    _watch_lines(probes, paths)
    signature = getattr(inspect, "_signature_from_function", None)
    if signature is not None:

        def note_and_sign(cls: "Any", func: "Any", *rest: "Any", **options: "Any") -> "Any":
            _note_defaults(probes, func)
            return signature(cls, func, *rest, **options)

        inspect._signature_from_function = note_and_sign  # type: ignore[attr-defined]
    if hasattr(sys, "addaudithook"):
        sys.addaudithook(_listener(probes, paths, overlay))


def _watch_lines(probes: "Probes", paths: "frozenset[str]") -> None:
    getlines = linecache.getlines

    def note_and_get(filename: str, *rest: "Any") -> "list[str]":
        if isinstance(filename, str) and os.path.realpath(filename) in paths:
            probes.note_read(os.path.realpath(filename))
        return getlines(filename, *rest)

    linecache.getlines = note_and_get  # type: ignore[assignment]


def _listener(
    probes: "Probes", paths: "frozenset[str]", overlay: "Reading"
) -> "Callable[[str, tuple[Any, ...]], None]":
    names = frozenset(os.path.basename(path) for path in paths)
    # The program may replace the functions of `os.path`.
    realpath, basename = os.path.realpath, os.path.basename

    def listen(event: str, values: "tuple[Any, ...]") -> None:
        if event == "object.__getattr__":
            if values[1] in DEFAULTS:
                _note_defaults(probes, values[0])
        elif event == "open" and not overlay.reading:
            path = values[0]
            if isinstance(path, (bytes, os.PathLike)):
                path = os.fsdecode(path)
            if isinstance(path, str) and basename(path) in names and realpath(path) in paths:
                probes.note_read(realpath(path))

    return listen


def _note_defaults(probes: "Probes", function: object) -> None:
    """Record the groups of a function: the numbers among the constants of its code."""
    code = getattr(function, "__code__", None)
    if code is not None and TAKEN in code.co_names:
        probes.note_defaults({value for value in code.co_consts if type(value) is int})
