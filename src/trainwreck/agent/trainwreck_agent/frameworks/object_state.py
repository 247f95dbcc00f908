"""Turns objects of Python into bytes and arrays that depend on their content alone."""

import re
import types

from trainwreck_agent.digest import hash_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Read = Callable[[str], str]

MOST_OBJECTS = 1000000
NO_CONTENT = re.compile(r"(^|_)times?_?$|^_.*_id$")
"""Names of attributes and entries that hold seconds or addresses: ``fit_time``, ``_words_id``."""
NUMBERS = (bool, int, float, complex, type(None), type(Ellipsis))
NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
OWN_FORMATS = ("save_raw", "model_to_string")
"""Methods of boosters of XGBoost and LightGBM, which are models of their own."""


class ObjectState:
    """One walk through objects; ``plain`` takes out of texts what differs between folders.

    Addresses, the order of sets and of dictionaries, and times are no content. Of an object in C
    that cannot be pickled only the class counts. RuntimeError where there are too many objects.
    """

    def __init__(self, plain: "Read") -> None:
        self._plain = plain
        self._numbers: "dict[int, int]" = {}
        self._kept: "list[Any]" = []
        self._count = 0

    def of(self, value: "Any") -> "Iterator[Any]":
        """Yield the content of a value, as bytes and arrays."""
        if isinstance(value, NUMBERS):
            yield ("%s %r;" % (type(value).__name__, value)).encode()
        elif isinstance(value, str):
            yield ("str %s;" % self._plain(value)).encode("utf-8", "backslashreplace")
        elif isinstance(value, (bytes, bytearray)):
            yield b"bytes %d;" % len(value)
            yield bytes(value)
        elif isinstance(value, NAMED):
            yield _name(value)
        elif id(value) in self._numbers:
            yield b"again %d;" % self._numbers[id(value)]
        else:
            self._note(value)
            for part in self._of_object(value):
                yield part

    def _note(self, value: "Any") -> None:
        if self._count >= MOST_OBJECTS:
            raise RuntimeError("more than %d objects" % MOST_OBJECTS)
        self._numbers[id(value)] = self._count
        self._count += 1
        # An id means nothing once another object may have it.
        self._kept.append(value)

    def _forget(self, number: int) -> None:
        """Forget the objects after the first ones, which were made for this walk alone."""
        while len(self._kept) > number:
            self._numbers.pop(id(self._kept.pop()), None)

    def _of_object(self, value: "Any") -> "Iterator[Any]":
        yield ("<%s" % type(value).__qualname__).encode()
        if isinstance(value, dict):
            content = self._of_items(value)
        elif isinstance(value, (list, tuple)):
            content = (part for element in value for part in self.of(element))
        elif isinstance(value, (set, frozenset)):
            content = iter(sorted(map(self._hash, value)))
        elif hasattr(value, "__array__"):
            content = self._of_array(value)
        elif hasattr(value, "get_state") and hasattr(value, "seed"):
            content = self.of(value.get_state())
        elif any(hasattr(value, name) for name in OWN_FORMATS):
            content = iter(())
        elif hasattr(value, "__dict__") or hasattr(type(value), "__slots__"):
            content = self._of_items(_attributes(value))
        else:
            content = self._of_opaque(value)
        for part in content:
            yield part
        yield b">"

    def _of_items(self, items: "dict[Any, Any]") -> "Iterator[Any]":
        keys = list(items)
        if all(isinstance(key, str) for key in keys):
            keys.sort()
        else:
            keys.sort(key=self._hash)
        for key in keys:
            if not (isinstance(key, str) and NO_CONTENT.search(key)):
                for value in (key, items[key]):
                    for part in self.of(value):
                        yield part

    def _of_array(self, value: "Any") -> "Iterator[Any]":
        import numpy

        if hasattr(value, "detach"):
            value = value.detach().cpu()
        array = numpy.asarray(value)
        if array.dtype.hasobject:
            yield ("objects %s" % (array.shape,)).encode()
            for element in array.ravel().tolist():
                for part in self.of(element):
                    yield part
        elif array.dtype.names:
            # The gaps between fields hold whatever was in the memory before.
            for name in array.dtype.names:
                yield ("%s:" % name).encode()
                for part in self._of_array(array[name]):
                    yield part
        else:
            yield array

    def _of_opaque(self, value: "Any") -> "Iterator[Any]":
        """Yield the state of an object in C as it is pickled."""
        try:
            reduced = value.__reduce_ex__(2)
        except Exception:
            return
        kept_before = len(self._kept)
        for part in self.of(list(reduced[1:3]) if isinstance(reduced, tuple) else reduced):
            yield part
        self._forget(kept_before)

    def _hash(self, value: "Any") -> bytes:
        """Return a hash by which values can be ordered that have no order of their own."""
        return bytes(hash_of(ObjectState(self._plain).of(value)).digest())


def _attributes(value: "Any") -> "dict[str, Any]":
    slots = [
        name
        for kind in type(value).__mro__
        for name in _names(vars(kind).get("__slots__", ()))
        if name not in ("__dict__", "__weakref__") and hasattr(value, name)
    ]
    attributes = {name: getattr(value, name) for name in slots}
    attributes.update(getattr(value, "__dict__", {}))
    return attributes


def _names(slots: "Any") -> "list[str]":
    return [slots] if isinstance(slots, str) else list(slots)


def _name(value: "Any") -> bytes:
    name = getattr(value, "__qualname__", getattr(value, "__name__", ""))
    return ("%s.%s;" % (getattr(value, "__module__", ""), name)).encode()
