"""Hashes the final parameters of the models that the program created."""

import hashlib
import random

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Read = Callable[[Any], Iterable[Any]]

MOST_MODELS = 64


class Digest:
    """The models of one process, in order of creation, with the functions that read them."""

    def __init__(self) -> None:
        self._models: "list[tuple[Any, Read, Read]]" = []
        self._generators: "list[Callable[[], Iterable[Any]]]" = []
        self._dropped = 0

    def remember(self, model: "Any", read: "Read", read_all: "Read | None" = None) -> None:
        """Keep a model to be read at the end.

        Args:
            model: The object that ``read`` and ``read_all`` are called with.
            read: Returns the model's parameters as NumPy arrays.
            read_all: Returns everything that decides how training continues; default: ``read``.
        """
        if len(self._models) < MOST_MODELS:
            self._models.append((model, read, read_all or read))
        else:
            self._dropped += 1

    def surround(self, read: "Callable[[], Iterable[Any]]") -> None:
        """Keep a function that returns the state of a random generator, as arrays or bytes."""
        self._generators.append(read)

    def read(self) -> "dict[str, Any]":
        """Return the values of the event ``digest``."""
        total = hashlib.sha256()
        unread = ["model beyond the first %d" % MOST_MODELS] * self._dropped
        for model, read, _ in self._models:
            try:
                for array in read(model):
                    _add(total, array)
            except Exception as error:
                unread.append("%s: %s" % (type(error).__name__, error))
        is_complete = bool(self._models) and len(unread) < len(self._models)
        return {
            "parameters": total.hexdigest() if is_complete else None,
            "models": len(self._models),
            "unread": unread,
        }

    def checkpoint(self, report: str) -> "str | None":
        """Return the hash of everything that decides how training continues.

        None where there is no model, or where something cannot be read. ``report`` is the text of
        the report at which the checkpoint is taken.
        """
        total = hashlib.sha256(report.encode("utf-8", "backslashreplace"))
        try:
            for model, _, read_all in self._models:
                for array in read_all(model):
                    _add(total, array)
            for read in self._generators:
                for value in read():
                    _add(total, value)
        except Exception:
            return None
        total.update(repr(random.getstate()).encode())
        return total.hexdigest() if self._models and not self._dropped else None


def _add(total: "Any", value: "Any") -> None:
    if isinstance(value, bytes):
        total.update(value)
        return
    total.update(("%s %s;" % (value.dtype, value.shape)).encode())
    total.update(value.tobytes())
