"""Constants that run together, some of which change the result, end the program or the others.

A line's comment tells of all mutants of an operator on it: how far they get, and which rule decides
(or their own run).
"""

import ctypes
from enum import Enum

import helpers

SIZES = {"small": 3, "large": 7}  # fate: NVR any any
LOUD = True  # fate: BVR any any
UNUSED = 12.5  # fate: NVR any any
MOST = 900  # fate: NVR any any
WIDTH = 4  # fate: NVR propagated run
STEP = 1  # fate: NVR crash run
TIMES = 1  # fate: NVR any any
for _ in range(TIMES):
    LIMIT = 9  # fate: NVR any any


class Kind(Enum):
    SMALL = 1  # fate: NVR propagated run (two names of one member)
    LARGE = 2  # fate: NVR any any


class Pair(ctypes.Structure):
    _fields_ = [("both", ctypes.c_int8 * 2)]  # fate: NVR propagated run


class Box:
    __slots__ = ("x", "y")[:1]  # fate: NVR propagated run
    HEIGHT = 40  # fate: NVR any any


def answer(number):
    seen = len(Kind) + ctypes.sizeof(Pair) + len(Box.__slots__)
    return min(number * WIDTH / (helpers.TWO - STEP), MOST) + seen
