"""Notices when a program reads its own source, or the defaults of its functions."""

import inspect
import linecache
import os
import sys

from trainwreck_agent.probe import TAKEN

DEFAULTS = ("__defaults__", "__kwdefaults__")


def watch_readers(probes, paths, overlay):
    """Note in ``probes`` which of the files ``paths`` are read, and whose defaults.

    What reads a default without telling the interpreter (before Python 3.8, ``f.__defaults__``)
    is not seen.
    """
    _watch_lines(probes, paths)
    signature = getattr(inspect, "_signature_from_function", None)
    if signature is not None:

        def note_and_sign(cls, func, *rest, **options):
            _note_defaults(probes, func)
            return signature(cls, func, *rest, **options)

        inspect._signature_from_function = note_and_sign
    if hasattr(sys, "addaudithook"):
        sys.addaudithook(_listener(probes, paths, overlay))


def _watch_lines(probes, paths):
    getlines = linecache.getlines

    def note_and_get(filename, *rest):
        if isinstance(filename, str) and os.path.realpath(filename) in paths:
            probes.read.add(os.path.realpath(filename))
        return getlines(filename, *rest)

    linecache.getlines = note_and_get


def _listener(probes, paths, overlay):
    names = frozenset(os.path.basename(path) for path in paths)
    realpath, basename = os.path.realpath, os.path.basename

    def listen(event, values):
        if event == "object.__getattr__":
            if values[1] in DEFAULTS:
                _note_defaults(probes, values[0])
        elif event == "open" and not overlay.reading:
            path = values[0]
            if isinstance(path, (bytes, os.PathLike)):
                path = os.fsdecode(path)
            if isinstance(path, str) and basename(path) in names and realpath(path) in paths:
                probes.read.add(realpath(path))

    return listen


def _note_defaults(probes, function):
    """The groups of a function: the numbers among the constants of its code."""
    code = getattr(function, "__code__", None)
    if code is not None and TAKEN in code.co_names:
        probes.introspected.update(value for value in code.co_consts if type(value) is int)
