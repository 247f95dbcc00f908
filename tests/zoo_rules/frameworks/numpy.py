"""As much of NumPy as the agent asks for when it looks at shared variables."""

import struct
from types import SimpleNamespace


class generic:  # noqa: N801
    """Never made."""


class ndarray:  # noqa: N801
    """Floats in one dimension."""

    dtype = "float64"

    def __init__(self, values):
        self.values = list(values)

    @property
    def shape(self):
        return (len(self.values),)

    def tobytes(self):
        return struct.pack("%dd" % len(self.values), *self.values)


random = SimpleNamespace(seed=lambda seed: None, get_state=lambda: ("none", 0))
