"""Loses a worker, and with it what its probes saw; keeps a generator that nobody can look into."""

import helpers


def numbers():
    yield 1  # fate: NVR propagated run
    yield helpers.TWO


# phase: preprocessing
waiting = numbers()
first = next(waiting)
kept = helpers.ONE + helpers.ZERO  # fate: ArOR masked run
folded = 4 + 0  # fate: ArOR uninfected same-code, NVR masked run
gone = 3  # fate: NVR masked run
gone = None


def never_called(size=3):  # fate: NVR masked run
    return size


# phase: learning
helpers.lose_a_worker()
print("loss:", first)
print("loss:", next(waiting))
