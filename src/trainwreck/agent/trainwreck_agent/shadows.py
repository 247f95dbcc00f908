"""Gives way to modules of the program that are named like modules that the agent needs."""

import os
import sys

from trainwreck_agent.command_line import FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

AGENT = ("sitecustomize", "trainwreck_agent")
INTERPRETERS_OWN = ("runpy", "warnings")
"""Modules that the interpreter itself asks for."""


def give_way(imported: "Iterable[str]", entry: "tuple[str, str]") -> None:
    """Forget the library's modules that the agent has imported, if the program hides one of them.

    The program's own `random.py` or `token.py` lies in a folder that is searched first. Then the
    program imports all of these modules again, as it would without the agent, which keeps its own.

    Args:
        imported: The names of all modules that the agent has imported.
        entry: What the process runs, and its name.
    """
    folders = _searched_first(entry)
    names = [name for name in imported if name.split(".")[0] not in AGENT]
    hidden = {name.split(".")[0] for name in names}
    hidden = {name for name in hidden if any(_has_module(folder, name) for folder in folders)}
    if not hidden:
        return
    for name in names:
        if name in hidden or (_is_source(name) and name not in INTERPRETERS_OWN):
            del sys.modules[name]


def _searched_first(entry: "tuple[str, str]") -> "list[str]":
    """Return the folders that come before the standard library in the search for modules."""
    if sys.flags.isolated:
        return []
    kind, name = entry
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if not getattr(sys.flags, "safe_path", False):
        folders.append(os.path.dirname(os.path.realpath(name)) if kind == FILE else os.getcwd())
    if kind == FILE and os.path.isdir(name):
        folders.append(name)
    return [folder for folder in folders if folder]


def _has_module(folder: str, name: str) -> bool:
    path = os.path.join(folder, name)
    return os.path.isfile(path + ".py") or os.path.isfile(os.path.join(path, "__init__.py"))


def _is_source(name: str) -> bool:
    """Return whether a module is neither built in nor compiled: those are never doubled."""
    return str(getattr(sys.modules[name], "__file__", "")).endswith((".py", ".pyc"))
