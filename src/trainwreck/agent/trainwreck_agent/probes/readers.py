"""Notices when a program reads its own source, or the defaults or code of its functions."""

import _thread
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

    Before Python 3.8 the interpreter does not announce a read of ``f.__defaults__`` or
    ``f.__code__``.
    """
    by_line: "set[int]" = set()
    _watch_lines(probes, paths, by_line)
    signature = getattr(inspect, "_signature_from_function", None)
    if signature is not None:

        def note_and_sign(cls: "Any", func: "Any", *rest: "Any", **options: "Any") -> "Any":
            _note_defaults(probes, func)
            return signature(cls, func, *rest, **options)

        inspect._signature_from_function = note_and_sign  # type: ignore[attr-defined]
    if hasattr(sys, "addaudithook"):
        sys.addaudithook(_listener(probes, paths, overlay, by_line))


def _watch_lines(probes: "Probes", paths: "frozenset[str]", by_line: "set[int]") -> None:
    """Record reads through `linecache`; a traceback or warning reads single lines.

    ``by_line`` gets the threads that read one line now: the whole file, which that opens, goes
    no further.
    """
    getline, getlines = linecache.getline, linecache.getlines

    def path_of(filename: object) -> "str | None":
        path = os.path.realpath(filename) if isinstance(filename, str) else None
        return path if path in paths else None

    def note_and_get_line(filename: str, lineno: int, *rest: "Any", **named: "Any") -> str:
        path, thread = path_of(filename), _thread.get_ident()
        if path is None or thread in by_line:
            return getline(filename, lineno, *rest, **named)
        probes.note_line(path, lineno)
        by_line.add(thread)
        try:
            return getline(filename, lineno, *rest, **named)
        finally:
            by_line.discard(thread)

    def note_and_get(filename: str, *rest: "Any", **named: "Any") -> "list[str]":
        path = path_of(filename)
        if path is not None and _thread.get_ident() not in by_line:
            probes.note_read(path)
        return getlines(filename, *rest, **named)

    linecache.getline = note_and_get_line
    linecache.getlines = note_and_get


def _listener(
    probes: "Probes", paths: "frozenset[str]", overlay: "Reading", by_line: "set[int]"
) -> "Callable[[str, tuple[Any, ...]], None]":
    names = frozenset(os.path.basename(path) for path in paths)
    # The program may replace the functions of `os.path`.
    realpath, basename = os.path.realpath, os.path.basename

    def listen(event: str, values: "tuple[Any, ...]") -> None:
        if event == "object.__getattr__":
            if values[1] in DEFAULTS:
                _note_defaults(probes, values[0])
            elif values[1] == "__code__":
                probes.modules.note_function(values[0])
        elif event == "open" and not overlay.reading and _thread.get_ident() not in by_line:
            path = values[0]
            if isinstance(path, (bytes, os.PathLike)):
                path = os.fsdecode(path)
            if isinstance(path, str) and basename(path) in names and realpath(path) in paths:
                probes.note_read(realpath(path))

    return listen


def _note_defaults(probes: "Probes", function: object) -> None:
    """Record the groups of a function: tuples of one number among the constants of its code.

    Tuples of the program's own, as in ``x.reshape((-1,))``, are among them.
    """
    code = getattr(function, "__code__", None)
    if code is not None and TAKEN in code.co_names:
        alone = [value for value in code.co_consts if type(value) is tuple and len(value) == 1]
        probes.note_defaults({value for (value,) in alone if type(value) is int})
