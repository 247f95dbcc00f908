"""Names that C code reads, or whose value is more than the name that it gets."""

import ctypes
from enum import Enum

__revision__ = 3  # fate: NVR masked run
LENGTH = 2  # fate: NVR masked run (a module with ctypes can read anything)


class Kind(Enum):
    SMALL = 1  # fate: NVR propagated run (two names of one member)
    LARGE = 2  # fate: NVR propagated run


class Pair(ctypes.Structure):
    _pack_ = 1  # fate: NVR propagated run
    _fields_ = [("small", ctypes.c_int8), ("large", ctypes.c_int16)]


class Told(type):
    def __getattribute__(cls, name):
        raise AttributeError(name)


class Box(metaclass=Told):
    __slots__ = ("x", "y")
    rate = 5  # fate: NVR propagated run (no metaclass sees how an instance reads it)


def results():
    yield len(list(Kind))
    yield Kind.LARGE.value
    yield ctypes.sizeof(Pair)
    yield Box().rate
