"""A module in whose place another object stands, which has its names."""

import sys
import types

RATE = 3  # fate: NVR propagated run


def given():
    return instead.RATE


instead = types.SimpleNamespace(RATE=sys.modules[__name__].RATE)
