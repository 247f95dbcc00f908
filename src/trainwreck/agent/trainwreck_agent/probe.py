"""Watches changed expressions in a clean run: would the bug have given another value here?

The text of a probed file has the calls below around its expressions; they give back what they are
given. A group is one expression with all mutants of it. Nothing is evaluated twice: operators are
applied again to operands that were seen, and only where those are immutable built-ins; whatever
else happens counts as a difference.
"""

import json
import os
import sys
from itertools import count

from trainwreck_agent.again import Unknown, evaluate, is_plain, is_plain_truth, same

SEEN = "__trainwreck_seen__"
OPERAND = "__trainwreck_operand__"
VALUE = "__trainwreck_value__"
LEFT = "__trainwreck_left__"
ASSIGN = "__trainwreck_assign__"
DEFAULT = "__trainwreck_default__"
TAKEN = "__trainwreck_taken__"
LONGEST = 60


class Probes:
    """The record of every group, and the builtins through which the program tells of it."""

    def __init__(self, groups):
        self._groups = groups
        self._defaults = [[] for _ in groups]
        self.restart()

    def restart(self):
        """Begin again, as in a forked child; defaults stay known."""
        groups = self._groups
        self._counts = [count(1) for _ in groups]
        self._next = [counter.__next__ for counter in self._counts]
        self._ended = [count(1) for _ in groups]
        self._operands = [{} for _ in groups]
        self._differing = {}
        self._examples = {}
        self._snapshots = []
        self._defined = []
        self.read = set()
        self.introspected = set()

    def builtins(self):
        """Name to function."""
        return {
            SEEN: self._seen,
            OPERAND: self._operand,
            VALUE: self._value,
            LEFT: left,
            ASSIGN: self._assign,
            DEFAULT: self._default,
            TAKEN: self._taken,
        }

    def snapshot(self):
        """Keep the number of evaluations so far, as at a report."""
        if not self._snapshots:
            self._defined = list(map(len, self._defaults))
        self._snapshots.append(list(map(_number, self._counts)))

    def write(self, events):
        """Everything as JSON, whole or not at all."""
        descriptor, partial = events.create("probe", ".partial")
        record = {
            "counts": list(map(_number, self._counts)),
            "ended": list(map(_number, self._ended)),
            "defined": self._defined,
            "differing": self._differing,
            "examples": self._examples,
            "snapshots": self._snapshots,
            "read": sorted(self.read),
            "introspected": sorted(self.introspected),
        }
        with os.fdopen(descriptor, "w") as file:
            json.dump(record, file)
        os.rename(partial, partial[: -len(".partial")] + ".json")

    def _seen(self, index):
        self._next[index]()
        return True

    def _operand(self, index, place, value):
        frame = id(sys._getframe(1))
        if place == 0:
            self._next[index]()
            self._operands[index][frame] = []
        self._operands[index][frame].append(value)
        return value

    def _value(self, index, value):
        next(self._ended[index])
        operands = self._operands[index].pop(id(sys._getframe(1)), ())
        group = self._groups[index]
        for mutant, operators in group["mutants"].items():
            self._compare(mutant, group, operators, operands, value)
        return value

    def _compare(self, mutant, group, operators, operands, value):
        try:
            other = evaluate(group["kind"], operators, operands, group["pure"])
        except Exception as error:
            self._differ(mutant, value, "%s" % type(error).__name__)
            return
        if group["truth"] and is_plain_truth(value) and is_plain_truth(other):
            alike = bool(value) == bool(other)
        else:
            alike = same(value, other)
        if not alike:
            self._differ(mutant, value, shown(other))

    def _differ(self, mutant, value, other):
        if mutant not in self._examples:
            self._examples[mutant] = "%s instead of %s" % (other, shown(value))
        self._differing[mutant] = self._differing.get(mutant, 0) + 1

    def _assign(self, index, left_value, right):
        """``x += right``: what ``x -= right`` and ``x = right`` would have left there."""
        self._next[index]()
        next(self._ended[index])
        group = self._groups[index]
        for mutant, operators in group["mutants"].items():
            try:
                if left_value is UNKNOWN or not (is_plain(left_value) and is_plain(right)):
                    raise Unknown("not an immutable built-in")
                value = evaluate("binary", group["operators"], [left_value, right], ())
            except Exception as error:
                self._differ(mutant, right, type(error).__name__)
                continue
            self._compare(mutant, group, operators, [left_value, right], value)
        return right

    def _default(self, index, value):
        self._defaults[index].append(value)
        return value

    def _taken(self, index, value):
        """At the start of a call: was the parameter bound to its default?"""
        next(self._ended[index])
        if any(value is default for default in self._defaults[index]):
            self._next[index]()
        return True


UNKNOWN = object()


def _number(counter):
    """How often a counter was asked; ``repr`` is the one way to look that does not count."""
    return int(repr(counter)[len("count(") : -1]) - 1


def left(owner, name, item):
    """``owner[name]`` or ``owner.name``, if reading it runs no code of anybody's."""
    kind = type(owner)
    if item:
        try:
            return owner[name] if kind in (dict, list) and is_plain(name) else UNKNOWN
        except (LookupError, TypeError):
            return UNKNOWN
    if kind.__getattribute__ is not object.__getattribute__:
        return UNKNOWN
    if any(_is_data(base.__dict__[name]) for base in kind.__mro__ if name in base.__dict__):
        return UNKNOWN
    try:
        return object.__getattribute__(owner, "__dict__").get(name, UNKNOWN)
    except AttributeError:
        return UNKNOWN


def _is_data(value):
    return hasattr(type(value), "__set__") or hasattr(type(value), "__delete__")


def shown(value):
    """A short text of an immutable built-in, the type of anything else."""
    if not is_plain(value):
        return type(value).__name__
    text = repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
