"""Theano and PyTensor: counts calls of compiled functions."""

from trainwreck_agent.frameworks import before_call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Count where the class is defined, which differs between versions."""
    kind = getattr(module, "Function", None)
    if kind is not None and kind.__module__ == module.__name__:
        before_call(kind, "__call__", lambda *_: guest.work.count("function calls"))
