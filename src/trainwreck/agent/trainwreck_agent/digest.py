"""Hashes the final parameters of the models that the program made."""

import hashlib
import random

MOST_MODELS = 64


class Digest:
    """Models in the order in which they were made, each with the functions that read it."""

    def __init__(self):
        self._models = []
        self._surroundings = []
        self._dropped = 0

    def remember(self, model, read, read_all=None):
        """``read(model)`` gives the parameters as NumPy arrays; it is called at the very end.

        ``read_all(model)`` gives everything that decides how training goes on.
        """
        if len(self._models) < MOST_MODELS:
            self._models.append((model, read, read_all or read))
        else:
            self._dropped += 1

    def surround(self, read):
        """``read()`` gives the state of a generator, as arrays or bytes."""
        self._surroundings.append(read)

    def read(self):
        """The values of the event ``digest``."""
        whole = hashlib.sha256()
        unread = ["model beyond the first %d" % MOST_MODELS] * self._dropped
        for model, read, _ in self._models:
            try:
                for array in read(model):
                    _add(whole, array)
            except Exception as error:
                unread.append("%s: %s" % (type(error).__name__, error))
        found = bool(self._models) and len(unread) < len(self._models)
        return {
            "parameters": whole.hexdigest() if found else None,
            "models": len(self._models),
            "unread": unread,
        }

    def checkpoint(self, reported):
        """Hash of everything that decides how training goes on; None where it cannot be read."""
        whole = hashlib.sha256(reported.encode("utf-8", "backslashreplace"))
        try:
            for model, _, read_all in self._models:
                for array in read_all(model):
                    _add(whole, array)
            for read in self._surroundings:
                for value in read():
                    _add(whole, value)
        except Exception:
            return None
        whole.update(repr(random.getstate()).encode())
        return whole.hexdigest() if self._models and not self._dropped else None


def _add(whole, value):
    if isinstance(value, bytes):
        whole.update(value)
        return
    whole.update(("%s %s;" % (value.dtype, value.shape)).encode())
    whole.update(value.tobytes())
