"""Watches the names of modules: does anything read them as attributes, or a whole namespace?

A watched module gets a class that notes what is read of it, in Python and in C. A function reads
the globals of its own module without it; probes in the module's own text see those.
"""

import sys
import types
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Names = dict[str, set[int]]

WHOLE = ("__dict__", "__dir__", "__reduce__", "__getattribute__", "__setattr__", "__delattr__")
"""Attributes through which all others can be read."""
_read = types.ModuleType.__getattribute__


class Modules:
    """The watched modules of a process; ``note`` is called with the group of a name that is read.

    Each module has a class of its own, which holds no reference to it.
    """

    def __init__(self, note: "Callable[[int], object]") -> None:
        self._note = note
        self._names: "dict[type, Names]" = {}
        self._spaces: "dict[int, Names]" = {}

    def watch(self, space: "dict[str, Any]", name: str, group: int) -> bool:
        """Watch a name that the module with this namespace is about to store.

        False where that is not possible: the namespace is no module's, or belongs to one that is
        not being imported, as one that is run by path and whose names are copied.
        """
        module: "Any" = sys.modules.get(space["__name__"])
        kind = type(module)
        if kind is not types.ModuleType and kind not in self._names:
            return False
        is_importing = getattr(space.get("__spec__"), "_initializing", False) is True
        if not is_importing or _read(module, "__dict__") is not space:
            return False
        if kind is types.ModuleType:
            names: "Names" = {}
            watched = self._class_of(names)
            self._names[watched] = self._spaces[id(space)] = names
            module.__class__ = watched
        self._names[type(module)].setdefault(name, set()).add(group)
        return True

    def note_function(self, function: "Any") -> None:
        """Note that the code of a function is read: that names the globals to be copied with it."""
        names = self._spaces.get(id(getattr(function, "__globals__", None)))
        if names:
            self._note_names(names, "__dict__")

    def _class_of(self, names: "Names") -> "type[types.ModuleType]":
        """Return a class of modules that notes the reading of these names."""
        note_names = self._note_names

        class Watched(types.ModuleType):
            """A module, to all that a program can see of it."""

            def __getattribute__(self, name: str) -> "Any":
                if name in names or name in WHOLE:
                    note_names(names, name)
                return _read(self, name)

            def __setattr__(self, name: str, value: "Any") -> None:
                if name == "__class__":
                    note_names(names, "__dict__")
                types.ModuleType.__setattr__(self, name, value)

            def __reduce_ex__(self, _protocol: "Any") -> "Any":
                # What pickles modules by name asks for their exact class.
                return import_module, (self.__name__,)

        Watched.__name__ = Watched.__qualname__ = "module"
        Watched.__module__ = "builtins"
        return Watched

    def _note_names(self, names: "Names", read: str) -> None:
        """Note that a name is read, or all of them; it need not be noted again."""
        for name in list(names) if read in WHOLE else [read]:
            for group in names.pop(name, ()):
                self._note(group)
