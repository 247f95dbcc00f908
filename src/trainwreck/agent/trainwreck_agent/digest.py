"""Hashes the final parameters of the models that the program made."""

import hashlib

MOST_MODELS = 64


class Digest:
    """Models in the order in which they were made, each with the function that reads it."""

    def __init__(self):
        self._models = []
        self._dropped = 0

    def remember(self, model, read):
        """``read(model)`` gives the parameters as NumPy arrays; it is called at the very end."""
        if len(self._models) < MOST_MODELS:
            self._models.append((model, read))
        else:
            self._dropped += 1

    def read(self):
        """The values of the event ``digest``."""
        whole = hashlib.sha256()
        unread = ["model beyond the first %d" % MOST_MODELS] * self._dropped
        for model, read in self._models:
            try:
                for array in read(model):
                    whole.update(("%s %s;" % (array.dtype, array.shape)).encode())
                    whole.update(array.tobytes())
            except Exception as error:
                unread.append("%s: %s" % (type(error).__name__, error))
        found = bool(self._models) and len(unread) < len(self._models)
        return {
            "parameters": whole.hexdigest() if found else None,
            "models": len(self._models),
            "unread": unread,
        }
