"""A module whose attributes are a class's to give, or change before they are read."""

import sys
import types

RATE = 3  # fate: NVR propagated run
SPARE = 4  # fate: NVR masked run


class Doubled(types.ModuleType):
    @property
    def twice(self):
        return vars(self)["RATE"] + vars(self)["RATE"]


sys.modules[__name__].__class__ = Doubled


def given():
    return sys.modules[__name__].twice
