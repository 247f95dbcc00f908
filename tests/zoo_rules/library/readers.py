"""Reads names of modules in ways that are easy to overlook. It is no target: nothing is changed."""

import runpy
import sys

ONE, TWO = 1, 2


def computed(module, *parts):
    return getattr(module, "".join(parts))


def total(space):
    return sum(value for value in space.values() if type(value) is int)


def run_by_path(module, name):
    return runpy.run_path(module.__file__)[name]


def with_globals(function):
    """What a function needs, as those find it who pickle it by value."""
    space, names = function.__globals__, function.__code__.co_names
    return {name: space[name] for name in names if name in space}


def of_caller():
    return total(sys._getframe(1).f_globals)
