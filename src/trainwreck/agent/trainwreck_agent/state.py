"""Digests a program's whole Python state, so that it can be compared with another run's."""

import hashlib
import os
import sys
from types import FunctionType, MemberDescriptorType

from trainwreck_agent.state_frames import running
from trainwreck_agent.state_kinds import (
    NO_MODULES,
    NO_NAMES,
    NO_VALUES,
    STEADY,
    VALUES,
    Space,
    Unreadable,
    dict_of,
    encode,
    is_agents,
    mro_of,
    names_of,
    read_field,
    reader_of,
    title_of,
    written,
)

MOST_OBJECTS = 250000
"""A program with more is not looked into: reading it would take longer than it saves."""


class State:
    """Everything that modules and running functions reach.

    ``readers`` are pairs of a predicate on a type and a function that makes of such an object
    something to walk instead; they come before every rule of this file. ``beside`` is walked too.
    """

    def __init__(self, readers=(), beside=()):
        self._readers = tuple(readers)
        self._beside = list(beside)

    def read(self):
        """``digest`` (hexadecimal, or None), ``objects`` (how many), ``opaque`` (sorted kinds)."""
        try:
            return Walk(self._readers).of_program(self._beside)
        except Exception as error:
            return {"digest": None, "objects": 0, "opaque": [type(error).__name__]}


class Walk:
    """One visit of everything, each object once."""

    def __init__(self, readers=()):
        self._readers = readers
        self._how = {}
        self._seen = {}
        self._kept = []  # An id must not be given to a second object before the end.
        self._opaque = set()
        self._hash = hashlib.sha256()
        self._waiting = []
        self._length = 0
        self._modules = {id(module) for module in list(sys.modules.values())}
        self._spaces = {id(dict_of(module)) for module in list(sys.modules.values())}
        self._environments = {id(getattr(os.environ, "_data", None))}
        self._environments.add(id(getattr(sys.modules.get("posix"), "environ", None)))
        # The folder of a trial is called differently where several run at once.
        self._folder = os.fsencode(os.path.dirname(os.environ.get("TRAINWRECK_ORDER", "")))

    def of_program(self, beside=()):
        """What lies beside, modules by name, then the functions that are being run."""
        modules = [(name, sys.modules.get(name)) for name in sorted(_walked_modules())]
        roots = [part for name, module in modules for part in (name, _contents(module, name))]
        roots = ["(beside)", list(beside)] + roots
        return self.of(roots + running(sys._getframe(), self._spaces))

    def of(self, root):
        """What ``State.read`` gives, of one object."""
        stack = [iter([root])]
        while stack:
            if len(self._seen) > MOST_OBJECTS:
                return {
                    "digest": None,
                    "objects": len(self._seen),
                    "opaque": ["anything beyond the first %d objects" % MOST_OBJECTS],
                }
            for item in stack[-1]:
                children = self._visit(item)
                if children is not None:
                    stack.append(iter(children))
                    break
            else:
                stack.pop()
        self._hash.update(b"".join(self._waiting))
        opaque = sorted(self._opaque)
        return {"digest": self._hash.hexdigest(), "objects": len(self._seen), "opaque": opaque}

    def _feed(self, token):
        self._waiting.append(token)
        self._length += len(token)
        if self._length > 1 << 16:
            self._hash.update(b"".join(self._waiting))
            self._waiting, self._length = [], 0

    def _visit(self, item):
        """Feed an object's own part and return what it holds."""
        token = self._value(item)
        if token is None and id(item) in self._seen:
            token = b"#%d;" % self._seen[id(item)]
        if token is not None:
            self._feed(token)
            return None
        self._seen[id(item)] = len(self._seen)
        self._kept.append(item)
        kind = type(item)
        try:
            children = self._reader(kind)(self, item)
        except Unreadable as problem:
            self._opaque.add(title_of(kind) if len(problem.args) < 2 else problem.args[1])
            children = problem.args[0]
        except Exception:
            self._opaque.add(title_of(kind))
            children = []
        self._feed(b"%s %d;" % (encode(title_of(kind)), len(children)))
        return children

    def _value(self, item):
        """The token of a value that has no identity of its own, or None."""
        kind = type(item)
        if kind is str:
            return written(b"s", self._placed(encode(item)))
        if kind is bytes:
            return written(b"b", self._placed(item))
        if kind is tuple and len(item) < 16:
            # Whether equal constants are one object depends on who compiled them.
            parts = [None if type(part) is tuple and part else self._value(part) for part in item]
            return None if None in parts else b"(%d;%s" % (len(parts), b"".join(parts))
        write = VALUES.get(id(kind))
        return None if write is None else write(item)

    def _placed(self, content):
        if self._folder and self._folder in content:
            return content.replace(self._folder, b"(scratch)")
        return content

    def _reader(self, kind):
        """The function that gives what objects of a type hold; found once for each type."""
        found = self._how.get(id(kind))
        if found is None:
            self._kept.append(kind)
            found = self._how[id(kind)] = self._choose(kind)
        return found

    def _choose(self, kind):
        for matches, read in self._readers:
            if matches(kind):
                return lambda _walk, item: [read(item)]
        return reader_of(kind)

    def attributes(self, item):
        """Fields in slots, then the instance's own dictionary."""
        found = []
        for base in mro_of(type(item)):
            left_out = NO_VALUES.get(title_of(base), frozenset())
            for name, field in names_of(base).items():
                if type(field) is MemberDescriptorType and name not in NO_NAMES | left_out:
                    found += [name, read_field(field, item)]
        own = dict_of(item)
        return found if own is None else found + self.pairs(own)

    def pairs(self, mapping):
        """Keys and values in their order."""
        found = [part for pair in dict.items(mapping) for part in pair]
        if id(mapping) in self._environments:
            ours = [str(key).lstrip("b'").startswith("TRAINWRECK_") for key in found[::2]]
            found = [part for index, part in enumerate(found) if not ours[index // 2]]
        return found

    def elements_in_order(self, items):
        """Members of a set in an order that does not depend on addresses, if there is one."""
        items = list(items)
        if len(items) < 2:
            return items
        labels = [self._label(item) for item in items]
        if None in labels or len(set(labels)) < len(labels):
            raise Unreadable([len(items)], "set of objects")
        if all(id(type(item)) in STEADY for item in items):
            return items  # The order tells how the set was made, and the program can see it.
        pairs = zip(labels, items)
        return [item for _, item in sorted(pairs, key=lambda pair: pair[0])]

    def _label(self, item):
        """What tells a member from others and is the same in every process, or None."""
        token = self._value(item)
        if token is not None:
            return token
        kind = type(item)
        if issubclass(kind, int):
            return encode("%s %s" % (title_of(kind), int.__format__(item, "x")))
        if issubclass(kind, type):
            return encode("class " + title_of(item))
        if kind is FunctionType:
            line = item.__code__.co_firstlineno
            return encode("function %s.%s %d" % (item.__module__, item.__qualname__, line))
        if title_of(kind) == "builtins.builtin_function_or_method":
            return encode("builtin %s.%s" % (item.__module__, item.__qualname__))
        if title_of(kind) == "numpy._ArrayFunctionDispatcher":
            return encode("function %(__module__)s.%(__qualname__)s" % dict_of(item))
        if any(title_of(base) == "enum.Enum" for base in mro_of(kind)):
            return encode("member %s.%s" % (title_of(kind), dict_of(item)["_name_"]))
        return None

    def space(self, names, title=""):
        """The names and values of a module or class, without what is left out."""
        left_out = NO_VALUES.get(title, ())
        found = []
        for name, value in list(names.items()):
            if type(name) is not str or not (
                name in NO_NAMES or name in left_out or is_agents(value)
            ):
                found += [name, value]
        return found

    def globals_of(self, function):
        """A function's globals where no module shows them, as after ``exec``."""
        names = function.__globals__
        return [] if id(names) in self._spaces else [Space(names, "")]

    def is_loaded(self, module):
        """Whether a module is visited by its name anyway."""
        return id(module) in self._modules


def _walked_modules():
    for name in list(sys.modules):
        if type(name) is str and name.split(".")[0] not in NO_MODULES:
            yield name


def _contents(module, name):
    """Some libraries put other objects than modules among the modules."""
    names = dict_of(module)
    return module if names is None else Space(names, name)
