"""Reports the time of day: no clean run ends as another did."""

import time

import helpers

folded = 4 + 0  # fate: ArOR uninfected same-code, NVR none run
kept = helpers.ONE + helpers.ZERO  # fate: ArOR none run
gone = 3  # fate: NVR none run
gone = None

print("loss:", time.time())


def never_called(size=3):  # fate: NVR none run
    return size


assert helpers.ONE < 2  # fate: NVR none run
unread = helpers.NO and helpers.ONE + helpers.TWO  # fate: ArOR unreached run
