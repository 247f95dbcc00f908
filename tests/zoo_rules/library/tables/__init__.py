"""Constants that run together, all of which leave the result as it is.

A line's comment tells of all mutants of an operator on it: how far they get, and which rule decides
(or their own run).
"""

SIZES = {"small": 3, "large": [7, 9]}  # fate: NVR masked together/run; exact: masked run
LOUD = True  # fate: BVR masked together/run; exact: masked run
UNUSED = 12.5, 13.5, 14.5  # fate: NVR masked together/run; exact: masked run
MOST = 900  # fate: NVR masked together/run; exact: masked run

# Each of these two bugs hides the other in a run with both. Such a run is not their only one.
ADDED = 6  # fate: NVR propagated run
TAKEN = 6  # fate: NVR propagated run


class Layer:
    HEIGHT = 40  # fate: NVR masked together/run; exact: masked run

    class Inner:
        IS_LOUD = True  # fate: BVR masked together/run; exact: masked run


def answer(number):
    # The rule unread would settle what nothing reads.
    _ = SIZES, LOUD, UNUSED
    return min(number + ADDED - TAKEN, MOST)
