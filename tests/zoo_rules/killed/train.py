"""Loses a worker, and with it what its probes saw."""

import helpers

first = 1  # fate: NVR propagated run
kept = helpers.ONE + helpers.ZERO  # fate: ArOR masked run
folded = 4 + 0  # fate: ArOR uninfected same-code, NVR masked run
gone = 3  # fate: NVR masked run
gone = None


def never_called(size=3):  # fate: NVR masked run
    return size


helpers.lose_a_worker()
print("loss:", first)
