"""Python's own child processes: an exception that ends one is its failure."""

import functools
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Record the exception that ``_bootstrap`` is about to print.

    It catches the exception and ends the process without `sys.excepthook`. Its name is read for
    the line above the traceback. A wrapper of ``run`` would stand in that traceback.
    """
    kind = module.BaseProcess
    name = kind.name
    bootstrap = kind._bootstrap.__code__

    def name_of(self: "Any") -> "Any":
        _, error, trace = sys.exc_info()
        if error is not None and sys._getframe(1).f_code is bootstrap and not guest.failed:
            guest.fail(type(error), error, trace)
        return name.fget(self)

    kind.name = name.getter(functools.wraps(name.fget)(name_of))
