"""Watches changed expressions in a clean run: would the bug have given another value here?

The text of a probed file has the calls below around its expressions; they give back what they are
given. A group is one expression with all mutants of it. Nothing is evaluated twice: operators are
applied again to operands that were seen, and only where those are immutable built-ins; whatever
else happens counts as a difference.
"""

import json
import os
import sys
import types
from itertools import count
from operator import is_

from trainwreck_agent.again import Unknown, evaluate, is_plain, is_plain_truth, same, spaces

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
        self._made = [0 for _ in groups]
        self._operands = [{} for _ in groups]
        self.restart()

    def restart(self):
        """Begin again, as in a forked child; defaults stay known.

        So do the operands of expressions that are being evaluated: the child ends those as well.
        """
        groups = self._groups
        self._counts = [count(1 + len(pending)) for pending in self._operands]
        self._next = [counter.__next__ for counter in self._counts]
        self._ended = [count(1) for _ in groups]
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
            self._defined = list(self._made)
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
            if group["truth"] and is_plain_truth(value) and is_plain_truth(other):
                alike = bool(value) == bool(other)
            else:
                alike = value is other if group["kind"] == "logic" else same(value, other)
        except Exception as error:
            self._differ(mutant, value, type(error).__name__)
            return
        if not alike:
            self._differ(mutant, value, shown(other))

    def _differ(self, mutant, value, other):
        if mutant not in self._examples:
            self._examples[mutant] = "%s instead of %s" % (other, shown(value))
        self._differing[mutant] = self._differing.get(mutant, 0) + 1

    def _assign(self, index, left_value, before, right, after):
        """``x += right``: what ``x -= right`` and ``x = right`` would have left there.

        ``before`` and ``after`` are what the names in the target meant before and after ``right``
        was evaluated: ``+=`` stores where they meant before, ``=`` where they mean after.
        """
        next(self._ended[index])
        group = self._groups[index]
        for mutant, operators in group["mutants"].items():
            try:
                if operators == ["="] and not all(map(is_, before, after)):
                    raise Unknown("another target")
                if left_value is UNKNOWN or not (is_plain(left_value) and is_plain(right)):
                    raise Unknown("not an immutable built-in")
                value = evaluate("binary", group["operators"], [left_value, right], ())
            except Exception as error:
                self._differ(mutant, right, type(error).__name__)
                continue
            self._compare(mutant, group, operators, [left_value, right], value)
        return right

    def _default(self, index, value):
        self._made[index] += 1
        if not any(value is default for default in self._defaults[index]):
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
    known = spaces(kind)
    if _first(known, "__getattribute__") is not object.__dict__["__getattribute__"]:
        return UNKNOWN
    if any(name in space and _is_data(space[name]) for space in known):
        return UNKNOWN
    own = _first(known, "__dict__")
    if type(own) is not types.GetSetDescriptorType:
        return UNKNOWN
    return dict.get(own.__get__(owner), name, UNKNOWN)


def _first(known, name):
    return next((space[name] for space in known if name in space), None)


def _is_data(value):
    return any("__set__" in space or "__delete__" in space for space in spaces(type(value)))


def shown(value):
    """A short text of an immutable built-in, the type of anything else."""
    try:
        text = repr(value) if is_plain(value) else type(value).__name__
    except (ValueError, RecursionError):  # A number of more digits than Python will convert.
        return type(value).__name__
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
