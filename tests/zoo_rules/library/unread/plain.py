"""Constants that nothing reads, and others that the functions of their own module read."""

NEVER = 3  # fate: NVR masked unread; exact: masked run
SIZES = {"small": [8, 1.5], "large": (-2, None)}  # fate: NVR masked unread; exact: masked run
FLAGS = [True]  # fate: BVR masked unread; exact: masked run
LIMIT = 40  # fate: NVR masked unread; exact: masked run
SCALE = 2  # fate: NVR propagated run
FOUND = {1: "one"}  # fate: NVR propagated run (a changed key answers a lookup that had missed)
QUIET = 7  # fate: NVR masked run
DEFAULT = 5  # fate: NVR propagated run
AGAIN = 1  # fate: NVR masked run (its second value is read)
AGAIN = SCALE
if SCALE:
    INNER = 9  # fate: NVR masked unread; exact: masked run


def beyond(number):
    return number > LIMIT


def scaled(by=DEFAULT):
    return SCALE * by + AGAIN + len(str(QUIET))


def found(key):
    return len(FOUND.get(key, ""))
