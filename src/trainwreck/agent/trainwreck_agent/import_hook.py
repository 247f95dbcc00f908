"""Calls a framework's handler right after the framework's module has run."""

import importlib
import importlib.machinery
import os
import sys
import types

from trainwreck_agent.frameworks import HANDLERS, with_random
from trainwreck_agent.interpreter_frames import as_part_of_importing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest

IMPORTED_AGAIN = ("ast", "linecache", "random", "runpy")
"""Modules that the agent has changed, and that the program may import as others (`shadows`)."""


def watch_imports(guest: "Guest") -> None:
    """Call each handler after its module has run, before other code can use the module.

    The loader that runs source files does it. So finders, specs and loaders are those that the
    program would see without the agent, and asking for a spec has no effect.
    """
    handled: "set[str]" = set()
    for name in HANDLERS:
        module = sys.modules.get(name)
        if module is not None:
            _handle(module, guest, handled)
    for loader in (
        importlib.machinery.SourceFileLoader,
        importlib.machinery.SourcelessFileLoader,
        importlib.machinery.ExtensionFileLoader,
    ):
        _after_execution(loader, guest, handled)


def _after_execution(loader: "Any", guest: "Guest", handled: "set[str]") -> None:
    execute = loader.exec_module

    @as_part_of_importing
    def exec_module(self: "Any", module: "Any") -> None:
        execute(self, module)
        name = module.__name__
        if name in HANDLERS:
            _handle(module, guest, handled)
        elif name in IMPORTED_AGAIN and _is_of_library(module):
            guest.overlay.follow(module)
            if name == "random":
                with_random.after_import(module, guest)

    loader.exec_module = exec_module


def _is_of_library(module: "Any") -> bool:
    return bool(os.path.dirname(module.__file__) == os.path.dirname(os.__file__))


def _handle(module: "Any", guest: "Guest", handled: "set[str]") -> None:
    """Call the handler of a module.

    A module that is loaded again has new classes, which need their hooks. A package is not handled
    again: the program would lose the state of its generators.
    """
    name = module.__name__
    if name in handled and hasattr(module, "__path__"):
        return
    handled.add(name)
    if type(module).__name__ == "_LazyModule" and type(module).__module__ == "importlib.util":
        module.__class__ = types.ModuleType  # It would run again when the handler reads it.
    try:
        handler = importlib.import_module("trainwreck_agent.frameworks." + HANDLERS[name])
        handler.after_import(module, guest)
    except Exception as error:
        guest.trouble("after import of " + name, error)
