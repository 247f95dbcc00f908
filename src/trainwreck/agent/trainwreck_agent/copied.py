"""Lets a program find its modules in the copy of its folder, though an installation names it.

A package that is installed as editable is found by a path, or by a finder with a table of paths.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INSTALLED = ("site-packages", "dist-packages")
"""Folders with what is no source of the program, though its environment lies in its folder."""


def search_copy(folder: str, copy: str) -> None:
    """Replace the folder by its copy wherever this process searches modules.

    Args:
        folder: The program's folder, with all links resolved.
        copy: The copy that this process works in.
    """
    for index, entry in enumerate(sys.path):
        sys.path[index] = _moved(entry, folder, copy)
    for finder in sys.meta_path:
        module: "Any" = sys.modules.get(str(getattr(finder, "__module__", "")))
        mapping = getattr(module, "MAPPING", None)
        if isinstance(mapping, dict):
            for name, path in mapping.items():
                mapping[name] = _moved(path, folder, copy)


def _moved(path: "Any", folder: str, copy: str) -> "Any":
    """Return the place of a path in the copy; the path itself where it is not below the folder."""
    if not isinstance(path, str) or not os.path.isabs(path):
        return path
    real = os.path.realpath(path)
    if real != folder and not real.startswith(folder + os.sep):
        return path
    inner = os.path.relpath(real, folder)
    if any(name in INSTALLED for name in inner.split(os.sep)):
        return path
    there = os.path.normpath(os.path.join(copy, inner))
    return there if os.path.exists(there) else path
