"""Theano and PyTensor: calls of compiled functions."""

from trainwreck_agent.frameworks import before_call


def after_import(module, guest):
    """Count where the class is defined: it has moved between versions."""
    kind = getattr(module, "Function", None)
    if kind is not None and kind.__module__ == module.__name__:
        before_call(kind, "__call__", lambda *_: guest.work.count("function calls"))
