"""Hashes the final parameters of the models that the program created."""

import hashlib
import os
import random
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Read = Callable[[Any], Iterable[Any]]
    Cover = dict[str, Any]

MOST_MODELS = 64
MOST_COVERS = 64
LARGEST_COPY = 1 << 20
"""Bytes of an array that are copied at a time."""


class Digest:
    """The models of one process, in order of creation, with the functions that read them.

    A framework's file remembers what has values: one model, or all models of the framework as one
    (``frameworks.remembered.Remembered``, which keeps no model alive). A value is a NumPy array,
    bytes, or a hash that was made when the values were still there.
    """

    def __init__(self) -> None:
        self._models: "list[tuple[Any, Read, Read, Callable[[], list[Cover]] | None]]" = []
        self._decides = False
        self._generators: "list[Callable[[], Iterable[Any]]]" = []
        self._dropped = 0
        self._restarts: "list[Callable[[], None]]" = []
        self._process = os.getpid()
        self._is_read = False
        self._is_forked = False

    def remember(
        self,
        model: "Any",
        read: "Read",
        read_all: "Read | None" = None,
        covers: "Callable[[], list[Cover]] | None" = None,
        decides: bool = True,
    ) -> None:
        """Keep a model, or a list of weakly held ones, to be read at the end.

        The model lives as long as the process. So pass only what the program keeps to its end, or
        an object of the agent's own that holds the program's models weakly.

        Args:
            model: The object that ``read`` and ``read_all`` are called with.
            read: Returns the model's final values: arrays, bytes, or hashes of ``hashlib``.
            read_all: Returns everything that decides how training continues; default: ``read``.
            covers: Returns what was read, for reports, as in the event ``digest``; default: one
                entry with the name of the model's class and the number of values.
            decides: Whether the values decide how training continues, if there are no others.
        """
        self._decides = self._decides or decides
        if len(self._models) < MOST_MODELS:
            self._models.append((model, read, read_all or read, covers))
        else:
            self._dropped += 1

    def allow_checkpoint(self) -> None:
        """Take what is remembered by now for all that decides how training continues."""
        self._decides = True

    def surround(self, read: "Callable[[], Iterable[Any]]") -> None:
        """Keep a function that returns the state of a random generator, as arrays or bytes."""
        self._generators.append(read)

    def when_forked(self, forget: "Callable[[], None]") -> None:
        """Call ``forget`` in each forked child: the parent's objects are not the child's."""
        self._restarts.append(forget)

    def restart(self) -> None:
        """Forget the models of the parent process, which digests them itself."""
        self._is_forked = True
        self._process = os.getpid()
        self._models = []
        self._dropped = 0
        for forget in self._restarts:
            forget()

    def go_on(self) -> None:
        """Take the models of the parent over, in the child of a stem."""
        self._process = os.getpid()

    @property
    def is_empty(self) -> bool:
        """Return whether no model is remembered."""
        return not self._models

    @property
    def is_open(self) -> bool:
        """Return whether values still count: false after the end, and in a child not followed."""
        return not self._is_read and os.getpid() == self._process

    def read(self) -> "dict[str, Any]":
        """Return the values of the event ``digest``."""
        self._is_read = True
        total = hashlib.sha256()
        unread = ["model beyond the first %d" % MOST_MODELS] * self._dropped
        covered: "list[Cover]" = []
        for model, read, _, covers in self._models:
            number = 0
            longer = total.copy()
            try:
                for value in read(model):
                    longer = _extended(longer, value)
                    number += 1
                total = longer  # A model that is read in part does not count.
                covered += covers() if covers else [cover(type(model).__name__, number)]
            except Exception as error:
                unread.append("%s: %s" % (type(error).__name__, error))
        is_complete = bool(self._models) and len(unread) < len(self._models)
        return {
            "parameters": total.hexdigest() if is_complete else None,
            "models": len(self._models),
            "unread": unread,
            "covers": together(covered)[:MOST_COVERS],
        }

    def checkpoint(self, report: str) -> "str | None":
        """Return the hash of everything that decides how training continues.

        None where there is no model, where something cannot be read, and in a forked child.
        ``report`` is the text of the report at which the checkpoint is taken.
        """
        if self._is_forked:  # What the parent has made may be used here too.
            return None
        total = hashlib.sha256(report.encode("utf-8", "backslashreplace"))
        try:
            for model, _, read_all, _ in self._models:
                for value in read_all(model):
                    total = _extended(total, value)
            for read in self._generators:
                for value in read():
                    total = _extended(total, value)
        except Exception:
            return None
        total.update(repr(_state_of_random()).encode())
        return total.hexdigest() if self._decides and not self._dropped else None


def cover(what: str, arrays: int, kind: str = "parameters") -> "Cover":
    """Return one entry of ``covers``: a model with a number of arrays, all of them read."""
    return {"kind": kind, "what": what, "arrays": arrays}


def together(covers: "Iterable[Cover]") -> "list[Cover]":
    """Return one entry for all models that are alike, with their number as ``models``."""
    counts: "dict[tuple[Any, ...], int]" = {}
    for entry in covers:
        key = (entry["kind"], entry["what"], entry["arrays"])
        counts[key] = counts.get(key, 0) + entry.get("models", 1)
    return [dict(cover(what, arrays, kind), models=n) for (kind, what, arrays), n in counts.items()]


def hash_of(values: "Iterable[Any]") -> "Any":
    """Return the hash of values as ``Digest.read`` makes it; it can stand for them later."""
    total = hashlib.sha256()
    for value in values:
        total = _extended(total, value)
    return total


def _state_of_random() -> object:
    """Return the state of the program's generator; it may have a `random` of its own."""
    module = sys.modules.get("random", random)
    return module.getstate() if hasattr(module, "_inst") else None


EMPTY = hashlib.sha256().digest()


def _extended(total: "Any", value: "Any") -> "Any":
    """Return the hash with one more value.

    A hash that stands for the first values of all gives what these values themselves would give.
    """
    if hasattr(value, "hexdigest"):
        if total.digest() == EMPTY:
            return value.copy()
        value = value.digest()
    if isinstance(value, (bytes, bytearray)):
        total.update(value)
        return total
    total.update(("%s %s;" % (value.dtype, value.shape)).encode())
    for piece in _memory(value):
        total.update(piece)
    return total


def _memory(array: "Any") -> "Iterable[Any]":
    """Return the bytes of an array: as they are where they lie side by side, or copied in slices.

    A copy of a whole array would count as the program's memory.
    """
    flags = getattr(array, "flags", None)
    if flags is None or not array.shape:
        return [array.tobytes()]
    if flags.c_contiguous and array.dtype.kind in ("b", "i", "u", "f", "c"):
        return [array.data]
    rows = max(1, LARGEST_COPY * len(array) // max(1, array.nbytes))
    return (array[at : at + rows].tobytes() for at in range(0, len(array), rows))
