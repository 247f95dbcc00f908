"""Sessions of TensorFlow 1, which Keras 2 uses too: reads their variables, and counts runs."""

import functools

from trainwreck_agent.frameworks import after_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from trainwreck_agent.guest import Guest

MOST_REFUSED = 64


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember each session and count its runs; read a session before the program closes it."""
    kind = module.BaseSession
    run = kind.run
    running: "list[bool]" = []
    last: "dict[int, list[Any]]" = {}

    @functools.wraps(run)
    def count_and_run(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        guest.work.count("session runs")
        running.append(True)
        try:
            return run(self, *args, **kwargs)
        finally:
            running.pop()

    def values(session: "Any") -> "list[Any]":
        return last.get(id(session)) or _trainable(session, run)

    def everything(session: "Any") -> "list[Any]":
        if running:  # Inside a run, as in `py_func`, a second run could wait forever.
            raise RuntimeError("a session is running")
        return last[id(session)] if id(session) in last else _initialised(session, run)

    def keep(session: "Any") -> None:
        try:
            last[id(session)] = _trainable(session, run)
        except Exception as error:
            guest.trouble("reading a session", error)

    after_init(kind, lambda session: guest.digest.remember(session, values, everything))
    kind.run = count_and_run
    _before_close(kind, keep)


def _before_close(kind: "Any", act: "Callable[[Any], None]") -> None:
    close = kind.close

    @functools.wraps(close)
    def act_and_close(self: "Any") -> "Any":
        act(self)
        return close(self)

    kind.close = act_and_close


def _initialised(session: "Any", run: "Callable[..., Any]") -> "list[Any]":
    """Return the values of all global variables, and the names of those that have none.

    One variable without a value fails the whole run, so halves are tried.
    """
    left = [MOST_REFUSED]

    def read(variables: "list[Any]") -> "list[Any]":
        try:
            return [_as_array(value) for value in run(session, variables)]
        except Exception as error:
            left[0] -= 1
            if type(error).__name__ != "FailedPreconditionError" or not left[0]:
                raise
        if len(variables) == 1:
            return [variables[0].name.encode()]
        half = len(variables) // 2
        return read(variables[:half]) + read(variables[half:])

    variables = _variables(session, "variables")
    return read(variables) if variables else []


def _trainable(session: "Any", run: "Callable[..., Any]") -> "list[Any]":
    variables = _variables(session, "trainable_variables")
    return [_as_array(value) for value in run(session, variables)] if variables else []


def _variables(session: "Any", collection: str) -> "list[Any]":
    """Return the variables of a collection by name; this adds nothing to the graph."""
    return sorted(session.graph.get_collection(collection), key=lambda variable: variable.name)


def _as_array(value: "Any") -> "Any":
    import numpy

    return numpy.asarray(value)
