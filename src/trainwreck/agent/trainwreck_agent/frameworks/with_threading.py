"""Python's threads: records where they start, for the doctor."""

import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Record each start with what the thread runs."""
    sources = guest.sources
    if sources is None:
        return
    kind = module.Thread
    start = kind.start

    @functools.wraps(start)
    def note_and_start(self: "Any") -> None:
        sources.note("thread", _work_of(self, kind))
        start(self)

    kind.start = note_and_start


def _work_of(thread: "Any", kind: "Any") -> str:
    target = getattr(thread, "_target", None) if type(thread).run is kind.run else type(thread)
    name = getattr(target, "__qualname__", type(target).__name__)
    return "%s.%s" % (getattr(target, "__module__", "?"), name)
