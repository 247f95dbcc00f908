"""Calls a framework's handler right after the import of the framework's module."""

import importlib
import sys

from trainwreck_agent.frameworks import HANDLERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from trainwreck_agent.guest import Guest


def watch_imports(guest: "Guest") -> None:
    """Call each handler after its module's import, before other code can use the module."""
    sys.meta_path.insert(0, _Finder(guest))


class _Finder:
    """A finder that asks the other finders, and wraps the loader that they return."""

    def __init__(self, guest: "Guest") -> None:
        self._guest = guest
        self._handlers = dict(HANDLERS)

    def find_spec(
        self, name: str, path: "Any" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        handler = self._handlers.pop(name, None)
        if handler is None:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    loader = _Loader(spec.loader, handler, self._guest)
                    spec.loader = loader  # type: ignore[assignment]
                return spec
        return None


class _Loader:
    """The real loader of a module, with a call of the handler after the module has run."""

    def __init__(self, loader: "Any", handler: str, guest: "Guest") -> None:
        self._loader = loader
        self._handler = handler
        self._guest = guest

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._loader, name)

    def exec_module(self, module: "Any") -> None:
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        try:
            handler = importlib.import_module("trainwreck_agent.frameworks." + self._handler)
            handler.after_import(module, self._guest)
        except Exception as error:
            self._guest.trouble("after import of " + module.__name__, error)
