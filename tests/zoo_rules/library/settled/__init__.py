"""Defaults that calls take or do not take, and values that are gone, or not, when a phase begins.

A line's comment tells of all mutants of an operator on it: how far they get, and which rule
decides (or their own run).
"""

import functools
import inspect
import os
import random
import types

import helpers

GONE = 4  # fate: NVR masked cut
del GONE
STAYS_FOR_A_WHILE = 4  # fate: NVR masked run
STAYS = 4  # fate: NVR propagated run


def always_given(value, factor=3):  # fate: NVR masked unused-default
    return value * factor


def never_called(value, factor=3):  # fate: NVR masked unused-default
    return value * factor


def taken(value, factor=3):  # fate: NVR propagated run
    return value * factor


def taken_for_nothing(value, most=100):  # fate: NVR masked run
    return min(value, most)


def given_the_same(value, factor=3):  # fate: NVR masked run
    return value * factor


def described(value, factor=3):  # fate: NVR propagated run
    return value * factor


def read_by_name(value, *, factor=3):  # fate: NVR propagated run
    return value * factor


def copied(value, factor=3):  # fate: NVR propagated run
    return value * factor


@helpers.fill_in_defaults
def filled_in(value, factor=3):  # fate: NVR propagated run
    return value * factor


@helpers.give_everything
def given_everything(value, factor=3):  # fate: NVR masked unused-default
    return value * factor


@functools.cache
def remembered(value, loud=False):  # fate: BVR masked unused-default
    return value if loud else -value


def counted(stop=3):  # fate: NVR propagated run
    yield from range(stop)


def makers():
    return [lambda value, factor=3: value * factor for _ in "ab"]  # fate: NVR masked unused-default


class Shape:
    corners = 3  # fate: NVR propagated run

    def grown(self, by=1):  # fate: NVR masked unused-default
        return self.corners * by


def defaults():
    three, two = helpers.THREE, helpers.TWO
    yield always_given(two, two)
    yield taken(two)
    yield taken_for_nothing(two)
    yield given_the_same(two, three)
    yield described(two, two) * inspect.signature(described).parameters["factor"].default
    yield read_by_name(two, factor=two) * read_by_name.__kwdefaults__["factor"]
    yield types.FunctionType(copied.__code__, globals(), "again", copied.__defaults__)(two)
    yield filled_in(two)
    yield given_everything(two)
    yield remembered(two, helpers.YES)
    yield len(list(counted()))
    yield sum(make(two, two) for make in makers())
    yield Shape().grown(two)


class Slotted:
    __slots__ = ("value",)


class Held:
    slotted = Slotted()


def counter_from(number):
    return lambda: number


def prepare():
    """In the first phase; in the second, only what is left of it can be seen."""
    global STAYS_FOR_A_WHILE
    STAYS_FOR_A_WHILE = None
    spare = 3  # fate: NVR masked cut
    rows = sorted(helpers.ROWS, reverse=False)  # fate: BVR propagated run
    helpers.draws(2)  # fate: NVR propagated run
    Held.counter = staticmethod(counter_from(3))  # fate: NVR propagated run
    Held.slotted.value = 3  # fate: NVR propagated run
    Held.rows = rows
    os.environ["ZOO_DEPTH"] = str(3)  # fate: NVR propagated run
    in_both_phases(spare)


def in_both_phases(value):
    """The first phase drops what this gives; the last one does not."""
    return bool(value) * 3  # fate: NVR propagated run


def seen():
    """In the last phase: everything that the first one left behind."""
    yield STAYS
    yield in_both_phases(helpers.ONE)
    yield Held.rows[helpers.ZERO]
    yield random.random()
    yield Held.counter()
    yield Held.slotted.value
    yield os.environ["ZOO_DEPTH"]
