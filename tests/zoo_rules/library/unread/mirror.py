"""A module that reads its own names without naming them."""

import readers

LEFT = 4  # fate: NVR propagated run
RIGHT = 5  # fate: NVR propagated run


def total():
    return readers.total(globals())
