"""Constants that run together, some of which change the result, end the program or the others.

A line's comment tells of all mutants of an operator on it: how far they get, and which rule decides
(or their own run).
"""

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


def answer(number):
    return min(number * WIDTH / (helpers.TWO - STEP), MOST)
