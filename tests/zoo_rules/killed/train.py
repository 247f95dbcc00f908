"""Loses a worker to SIGKILL, but not what its probes saw."""

import helpers

first = 1  # fate: NVR propagated run
kept = helpers.ONE + helpers.ZERO  # fate: ArOR uninfected probe
folded = 4 + 0  # fate: ArOR uninfected same-code, NVR masked run
gone = 3  # fate: NVR masked run
gone = None


def never_called(size=3):  # fate: NVR masked unused-default
    return size


def helped(number):
    helpers.work(helpers.TWO - helpers.ZERO)  # fate: ArOR uninfected probe
    helpers.work(helpers.TWO - number)  # fate: ArOR masked run


helped(helpers.ZERO)
helpers.lose_a_worker(helped, helpers.ONE)
print("loss:", first)
