"""Defaults that calls take or do not take.

A line's comment tells of all mutants of an operator on it: how far they get, and which rule
decides (or their own run).
"""

import functools
import inspect
import types

import helpers


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


def sized(value, size=(2, 3)):  # fate: NVR masked unused-default
    return value * sum(size)


def sized_by_default(value, size=(2, 3)):  # fate: NVR propagated run
    return value * sum(size)


def sized_for_nothing(value, size=(100, 200)):  # fate: NVR masked run
    return min(value, *size)


def measured(value, size=(2, (3, -4))):  # fate: NVR propagated run
    return value * sum(size)


def measured_by_name(value, size=(2, 3)):  # fate: NVR propagated run
    return value * sum(size)


def filled(value, sizes=[2, 3]):  # noqa: B006  # fate: NVR masked unused-default
    return value * sum(sizes)


def filled_later(value, sizes=[2, 3]):  # noqa: B006  # fate: NVR propagated run
    sizes.append(value)
    return sum(sizes)


def computed(value, size=(helpers.TWO, [1])):  # fate: NVR masked run
    return value * len(size)


class Never:
    def __init__(self, s=((2,), 2)):  # fate: NVR masked unused-default
        self.size = s


class Base:
    def __init__(self, size=(2, 3)):  # fate: NVR propagated run
        self.size = size


class Derived(Base):
    def __init__(self, size=(4, 5)):  # fate: NVR masked unused-default
        super().__init__()


class Shape:
    corners = 3  # fate: NVR propagated run

    def grown(self, by=1):  # fate: NVR masked unused-default
        return self.corners * by


def results():
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
    yield sized(two, (two, two))
    yield sized_by_default(two)
    yield sized_for_nothing(two)
    number, (other, last) = inspect.signature(measured).parameters["size"].default
    yield measured(two, (number, other, last))
    yield measured_by_name(two, (two, *measured_by_name.__defaults__[helpers.ZERO]))
    yield filled(two, [two])
    yield filled_later(two)
    yield computed(two, (two, two))
    yield sum(Derived((two, two)).size)
