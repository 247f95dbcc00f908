"""Finds the objects that the program keeps to its end."""

import gc
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

MOST_OBJECTS = 200000
CODE = (type, types.ModuleType, types.CodeType, types.FrameType)


def kept_ids(objects: "Iterable[Any]") -> "set[int]":
    """Return the ids of the objects to which the globals of ``__main__`` lead.

    Unlike being alive, this does not depend on when garbage was collected last. Modules and
    classes lead nowhere, functions to what they enclose. Only the nearest ``MOST_OBJECTS`` are
    visited.
    """
    missing = {id(value) for value in objects}
    ids: "set[int]" = set()
    main = sys.modules.get("__main__")
    level: "list[Any]" = [vars(main)] if main is not None else []
    visited: "set[int]" = set()
    while level and missing and len(visited) < MOST_OBJECTS:
        reached = [value for origin in level for value in _references(origin)]
        level = []
        for value in reached:
            if gc.is_tracked(value) and id(value) not in visited:
                visited.add(id(value))
                level.append(value)
        ids.update(missing & visited)
        missing -= visited
    return ids


def _references(value: "Any") -> "list[Any]":
    if isinstance(value, CODE):
        return []
    if isinstance(value, types.FunctionType):
        return [value.__closure__, value.__defaults__, value.__kwdefaults__]
    return gc.get_referents(value)
