"""Tells framework files when their module has been imported."""

import importlib
import sys

from trainwreck_agent.frameworks import HANDLERS


def watch_imports(guest):
    """Call each handler right after its module's import, before anybody uses the module."""
    sys.meta_path.insert(0, _Watcher(guest))


class _Watcher:
    """Finds nothing itself: asks the other finders and listens to the loader they give."""

    def __init__(self, guest):
        self._guest = guest
        self._waiting = dict(HANDLERS)

    def find_spec(self, name, path=None, target=None):
        handler = self._waiting.pop(name, None)
        if handler is None:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Listener(spec.loader, handler, self._guest)
                return spec
        return None


class _Listener:
    """The real loader, and a call after the module has run."""

    def __init__(self, loader, handler, guest):
        self._loader = loader
        self._handler = handler
        self._guest = guest

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        try:
            handler = importlib.import_module("trainwreck_agent.frameworks." + self._handler)
            handler.after_import(module, self._guest)
        except Exception as error:
            self._guest.trouble("after import of " + module.__name__, error)
