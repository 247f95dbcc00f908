"""Sessions of TensorFlow 1, which Keras 2 uses too: reads their variables, and counts runs."""

import functools
import weakref

from trainwreck_agent.digest import cover, hash_of
from trainwreck_agent.frameworks import after_init, before_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from trainwreck_agent.guest import Guest

MOST_REFUSED = 64


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember each session and count its runs; read a session before it closes or goes."""
    kind = module.BaseSession
    run = kind.run
    running: "list[bool]" = []

    @functools.wraps(run)
    def count_and_run(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        guest.work.count("session runs")
        running.append(True)
        try:
            return run(self, *args, **kwargs)
        finally:
            running.pop()

    sessions = _Sessions(guest, run, running)
    after_init(kind, sessions.add)
    kind.run = count_and_run
    _before_close(kind, sessions.close)
    before_end(kind, sessions.drop)


class _Session:
    """A session while it is open, then the hash of its values."""

    def __init__(self, session: "Any", number: int) -> None:
        self.session = weakref.ref(session)
        self.address = id(session)
        self.number = number
        self.final: "Any" = None
        self.variables = 0
        self.failure: "Exception | None" = None

    def is_open_as(self, session: "Any") -> bool:
        """Return whether this is about a session that was not read for the last time.

        The collector clears references to a session before the session itself goes.
        """
        is_same = self.address == id(session) and self.session() in (None, session)
        return is_same and self.final is None and self.failure is None


class _Sessions:
    """All sessions; one that is closed or gone leaves only the hash of its trainable variables."""

    def __init__(self, guest: "Guest", run: "Callable[..., Any]", running: "list[bool]") -> None:
        self._guest = guest
        self._run = run
        self._running = running
        self._sessions: "list[_Session]" = []

    def add(self, session: "Any") -> None:
        """Remember a new session, without keeping it alive."""
        kept = _Session(session, len(self._sessions))
        self._sessions.append(kept)
        self._guest.digest.remember(
            kept, self._values, self._everything, lambda: self._covers(kept)
        )

    def close(self, session: "Any") -> None:
        """Read a session that the program is about to close."""
        for kept in self._open_as(session):
            self._finish(kept, session)

    def drop(self, session: "Any") -> None:
        """Read a session that is about to go, unless that could wait forever for another run."""
        for kept in self._open_as(session):
            if self._running:
                kept.failure = RuntimeError("a session went while one was running")
            else:
                self._finish(kept, session)

    def _open_as(self, session: "Any") -> "list[_Session]":
        if not self._guest.digest.is_open:
            return []
        return [kept for kept in self._sessions[::-1] if kept.is_open_as(session)][:1]

    def _finish(self, kept: "_Session", session: "Any") -> None:
        try:
            values = _trainable(session, self._run)
            kept.final, kept.variables = hash_of(values), len(values)
        except Exception as error:
            kept.failure = error
            self._guest.trouble("reading a session", error)

    def _values(self, kept: "_Session") -> "list[Any]":
        """Return a session's values; of later sessions, open or not, only their hash."""
        values = self._final(kept)
        self._count(kept)
        if not kept.variables or not any(map(self._count, self._sessions[: kept.number])):
            return values
        return [hash_of(values).digest()]

    def _final(self, kept: "_Session") -> "list[Any]":
        if kept.final is not None:
            return [kept.final] if kept.variables else []
        if kept.failure is not None:
            raise kept.failure
        return _trainable(kept.session(), self._run)

    def _everything(self, kept: "_Session") -> "list[Any]":
        if self._running:  # Inside a run, as in `py_func`, a second run could wait forever.
            raise RuntimeError("a session is running")
        if kept.final is not None or kept.failure is not None:
            return self._final(kept)
        return _initialised(kept.session(), self._run)

    def _count(self, kept: "_Session") -> int:
        session = kept.session()
        if kept.final is None and session is not None:
            kept.variables = len(_variables(session, "trainable_variables"))
        return kept.variables

    def _covers(self, kept: "_Session") -> "list[dict[str, Any]]":
        return [cover("tensorflow session", kept.variables)] if self._count(kept) else []


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
