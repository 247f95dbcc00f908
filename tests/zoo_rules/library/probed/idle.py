"""Lines that run, with operations in them that never do; no other probe of this file counts."""

import helpers

UNCALLED = [lambda number: number + helpers.ZERO]  # fate: ArOR unreached probe


def guarded(number):
    return number - helpers.ONE if number else number  # fate: ArOR unreached probe
