"""A function that goes elsewhere, with the globals that it needs."""

RATE = 3  # fate: NVR propagated run


def rate():
    return RATE
