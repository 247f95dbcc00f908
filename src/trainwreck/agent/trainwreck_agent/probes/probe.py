"""Watches mutable expressions in a clean run: would a mutant have had another value here?

The text of a probed file has the calls below around its expressions. Each call returns what it is
given. A group is one expression with all mutants of it. Nothing is evaluated twice: operators are
applied to recorded operands, and only where those are immutable built-ins. Everything else counts
as a difference.
"""

import json
import os
import sys
import time
import types
from itertools import count
from operator import is_

from trainwreck_agent.probes import (
    ASSIGN,
    BEGIN,
    DEFAULT,
    LEFT,
    MOST_DIFFERING,
    OPERAND,
    PART,
    READ,
    SEEN,
    STORED,
    TAKEN,
    VALUE,
    WHOLE,
)
from trainwreck_agent.probes.journal import open_journal
from trainwreck_agent.probes.modules import Modules
from trainwreck_agent.probes.reevaluate import (
    Unknown,
    evaluate,
    is_plain,
    is_plain_truth,
    namespaces,
    same,
)
from trainwreck_agent.probes.whole import wholes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol

    from trainwreck_agent.probes.whole import Whole
    from trainwreck_agent.protocol import Group

    class Files(Protocol):
        """The part of the events that is needed here."""

        def create(self, stem: str, suffix: str) -> "tuple[int, str]": ...
        def write(self, event: str, **values: Any) -> None: ...


LONGEST = 60
TASKS = "/proc/self/task"
_listdir = os.listdir  # The program may replace it.


class Probes:
    """The record of every group, and the builtins through which the program writes it."""

    def __init__(self, groups: "Sequence[Group]", files: "Files | None" = None) -> None:
        self._groups = groups
        self._mutants = {
            mutant: number
            for number, mutant in enumerate(m for g in groups for m in g.get("mutants", ()))
        }
        self._files = files
        self._defaults: "list[list[Any]]" = [[] for _ in groups]
        self._created = [0 for _ in groups]
        self._operands: "list[dict[int, Any]]" = [{} for _ in groups]
        self._wholes = wholes_of(groups)
        self.modules = Modules(self._read)
        self.restart()

    def restart(self) -> None:
        """Return to zero, as in a forked child; the defaults stay recorded.

        The operands of unfinished expressions stay as well: the child finishes those too.
        """
        groups = self._groups
        self._counts = [count(1 + len(pending)) for pending in self._operands]
        self._next = [counter.__next__ for counter in self._counts]
        self._ended = [count(1) for _ in groups]
        self._differing: "dict[str, int]" = {}
        self._settled = [False for _ in groups]
        self._examples: "dict[str, str]" = {}
        self._snapshots: "list[list[int]]" = []
        self._defined: "list[int]" = []
        self._firsts: "list[tuple[int, int, float]]" = []
        self.read: "set[str]" = set()
        self.lines: "set[tuple[str, int]]" = set()
        self.introspected: "set[int]" = set()
        self._keep_numbers()

    def _keep_numbers(self) -> None:
        """Give this process a journal, so that its numbers outlive even a SIGKILL."""
        size, mutants = len(self._groups), len(self._mutants)
        numbers, self._journal = open_journal(self._files, 2 * size + mutants)
        self._begun = numbers[:size]
        self._finished = numbers[size : 2 * size]
        self._differed = numbers[2 * size :]
        for index, pending in enumerate(self._operands):
            self._begun[index] = len(pending)

    def note_read(self, path: str) -> None:
        """Record, at once, that the program reads the source of a probed file."""
        if path not in self.read:
            self.read.add(path)
            if self._files is not None:
                self._files.write("source_read", path=path)

    def note_line(self, path: str, line: int) -> None:
        """Record one line of a file that the program reads, as for a traceback."""
        if (path, line) not in self.lines:
            self.lines.add((path, line))
            if self._files is not None:
                self._files.write("line_read", path=path, line=line)

    def note_defaults(self, numbers: "set[int]") -> None:
        """Record, at once, that the program reads the defaults of the groups with these numbers.

        Other numbers are constants of the program's own.
        """
        size = len(self._groups)
        groups = {n for n in numbers if 0 <= n < size and self._groups[n]["kind"] == "default"}
        if not groups <= self.introspected:
            self.introspected |= groups
            if self._files is not None:
                self._files.write("defaults_read", groups=sorted(groups))

    def builtins(self) -> "dict[str, Callable[..., Any]]":
        """Return the functions that probed texts call, by name."""
        return {
            SEEN: self._seen,
            OPERAND: self._operand,
            VALUE: self._value,
            LEFT: left,
            ASSIGN: self._assign,
            DEFAULT: self._default,
            TAKEN: self._taken,
            BEGIN: self._begin,
            PART: self._part,
            WHOLE: self._whole,
            STORED: self._stored,
            READ: self._read,
        }

    def snapshot(self) -> None:
        """Keep the number of evaluations up to now, as at a report."""
        if not self._snapshots:
            self._defined = list(self._created)
        self._snapshots.append(list(map(_number, self._counts)))

    def write(self, events: "Files") -> None:
        """Write the record as JSON, completely or not at all."""
        descriptor, partial = events.create("probe", ".partial")
        record = {
            "counts": list(map(_number, self._counts)),
            "ended": list(map(_number, self._ended)),
            "defined": self._defined or list(self._created),
            "differing": self._differing,
            "examples": self._examples,
            "snapshots": self._snapshots,
            "read": sorted(self.read),
            "introspected": sorted(self.introspected),
            "mutants": list(self._mutants),
            "journal": os.path.basename(self._journal),
            "firsts": self._firsts,
        }
        with os.fdopen(descriptor, "w") as file:
            json.dump(record, file)
        os.rename(partial, partial[: -len(".partial")] + ".json")

    def _note_first(self, index: int) -> None:
        """Note when an expression is evaluated for the first time, and by how many threads."""
        self._firsts.append((index, native_threads(), round(time.process_time(), 3)))

    def _seen(self, index: int) -> bool:
        number = self._begun[index] = self._next[index]()
        if number == 1:
            self._note_first(index)
        return True

    def _operand(self, index: int, position: int, value: "Any") -> "Any":
        if position == 0:
            number = self._begun[index] = self._next[index]()
            if number == 1:
                self._note_first(index)
        if self._settled[index]:
            return value
        # Frames of other threads and of recursive calls may be in the same expression.
        frame = id(sys._getframe(1))
        if position == 0:
            self._operands[index][frame] = [value]
        elif frame in self._operands[index]:
            self._operands[index][frame].append(value)
        return value

    def _value(self, index: int, value: "Any") -> "Any":
        self._finished[index] = next(self._ended[index])
        if self._settled[index] and not self._operands[index]:
            return value
        operands = self._operands[index].pop(id(sys._getframe(1)), [])
        group = self._groups[index]
        for mutant, operators in self._unsettled(index):
            self._compare(mutant, group, operators, operands, value)
        return value

    def _unsettled(self, index: int) -> "Sequence[tuple[str, Sequence[str]]]":
        """Return the mutants of a group that are still compared; note where there is none."""
        counts, mutants = self._differing, self._groups[index]["mutants"].items()
        left = [each for each in mutants if counts.get(each[0], 0) < MOST_DIFFERING]
        self._settled[index] = not left
        return left

    def _begin(self, index: int) -> None:
        self._begun[index] = self._next[index]()
        if not self._settled[index]:
            self._operands[index][id(sys._getframe(1))] = {}

    def _part(self, index: int, number: int, value: "Any") -> "Any":
        parts = self._operands[index]
        if parts:
            frame = id(sys._getframe(1))
            if frame in parts:
                parts[frame][number] = value
        return value

    def _whole(self, index: int, _begun: None, value: "Any") -> "Any":
        """Compare a whole expression with each mutant's, up to the first difference."""
        self._finished[index] = next(self._ended[index])
        if self._settled[index] and not self._operands[index]:
            return value
        parts = self._operands[index].pop(id(sys._getframe(1)), {})
        left = [each for each in self._wholes[index].items() if each[0] not in self._differing]
        for mutant, whole in left:
            if not _gives(whole, value, parts):
                self._differ(mutant, value, Unknown("another value, or none that is known"))
        self._settled[index] = not left
        return value

    def _stored(self, index: int, name: str) -> bool:
        """Watch the name under which a module is about to store a constant."""
        self._begun[index] = self._next[index]()
        try:
            is_watched = self.modules.watch(sys._getframe(1).f_globals, name, index)
        except Exception:  # The program may do anything to its modules.
            is_watched = False
        return is_watched or self._read(index)

    def _read(self, index: int) -> bool:
        """Note that something reads a constant, or may; of each mutant once is enough."""
        for mutant in self._groups[index]["mutants"]:
            if mutant not in self._differing:
                self._differ(mutant, None, Unknown("it is read"))
        return True

    def _compare(
        self,
        mutant: str,
        group: "Group",
        operators: "Sequence[str]",
        operands: "Sequence[Any]",
        value: "Any",
    ) -> None:
        try:
            other = evaluate(group["kind"], operators, operands, group["pure"])
            if group["truth"] and is_plain_truth(value) and is_plain_truth(other):
                is_same = bool(value) == bool(other)
            else:
                is_same = value is other if group["kind"] == "logic" else same(value, other)
        except Exception as error:
            self._differ(mutant, value, error)
            return
        if not is_same:
            self._differ(mutant, value, other)

    def _differ(self, mutant: str, value: object, other: "Any") -> None:
        """Count a difference; an example is one whose value, or exception, is known."""
        if mutant not in self._examples and not isinstance(other, Unknown):
            text = type(other).__name__ if isinstance(other, Exception) else shown(other)
            self._examples[mutant] = "%s instead of %s" % (text, shown(value))
        self._differing[mutant] = self._differing.get(mutant, 0) + 1
        self._differed[self._mutants[mutant]] = self._differing[mutant]

    def _assign(
        self,
        index: int,
        left_value: "Any",
        before: "Sequence[Any]",
        right: "Any",
        after: "Sequence[Any]",
    ) -> "Any":
        """Compare ``x += right`` with what ``x -= right`` and ``x = right`` would have stored.

        ``before`` and ``after`` are the values of the target's names before and after ``right``
        was evaluated. ``+=`` stores where the names pointed before, ``=`` where they point after.
        """
        self._finished[index] = next(self._ended[index])
        if self._settled[index]:
            return right
        group = self._groups[index]
        for mutant, operators in self._unsettled(index):
            try:
                if operators == ["="] and not all(map(is_, before, after)):
                    raise Unknown("another target")
                if left_value is UNKNOWN or not (is_plain(left_value) and is_plain(right)):
                    raise Unknown("not an immutable built-in")
                value = evaluate("binary", group["operators"], [left_value, right], ())
            except Exception as error:
                self._differ(mutant, right, error)
                continue
            self._compare(mutant, group, operators, [left_value, right], value)
        return right

    def _default(self, index: int, value: "Any") -> "Any":
        self._created[index] += 1
        if self._created[index] == 1:
            self._note_first(index)
        if not any(value is default for default in self._defaults[index]):
            self._defaults[index].append(value)
        return value

    def _taken(self, group: "tuple[int]", value: "Any") -> bool:
        """Count, at the start of a call, a parameter that is bound to its default.

        A caller may have passed the same object: `True`, `None` and small numbers exist once.
        """
        (index,) = group
        self._finished[index] = next(self._ended[index])
        if any(value is default for default in self._defaults[index]):
            self._begun[index] = self._next[index]()
        return True


def _gives(whole: "Whole | None", value: "Any", parts: "dict[int, Any]") -> bool:
    """Return whether a mutant's whole expression is known to have this value."""
    try:
        return whole is not None and whole.gives(value, parts)
    except Exception:
        return False


UNKNOWN = object()
"""The value of a target that cannot be read without running code of a class."""


def native_threads() -> int:
    """Return the number of threads of this process, those of libraries included; 0 if unknown."""
    try:
        return len(_listdir(TASKS))
    except OSError:
        return 0


def _number(counter: "count[int]") -> int:
    """Return how often a counter was called. Only ``repr`` shows it without counting."""
    return int(repr(counter)[len("count(") : -1]) - 1


def left(owner: "Any", name: "Any", item: bool) -> "Any":
    """Return ``owner[name]`` or ``owner.name``, or UNKNOWN where reading it would run code."""
    kind = type(owner)
    if item:
        try:
            return owner[name] if kind in (dict, list) and is_plain(name) else UNKNOWN
        except (LookupError, TypeError):
            return UNKNOWN
    spaces = namespaces(kind)
    if _first(spaces, "__getattribute__") is not object.__dict__["__getattribute__"]:
        return UNKNOWN
    if any(name in space and _is_data(space[name]) for space in spaces):
        return UNKNOWN
    own: "Any" = _first(spaces, "__dict__")
    if type(own) is not types.GetSetDescriptorType:
        return UNKNOWN
    return dict.get(own.__get__(owner), name, UNKNOWN)


def _first(spaces: "Sequence[Mapping[str, Any]]", name: str) -> "Any":
    return next((space[name] for space in spaces if name in space), None)


def _is_data(value: object) -> bool:
    """Return whether a class attribute is a data descriptor, which attribute access would run."""
    return any("__set__" in space or "__delete__" in space for space in namespaces(type(value)))


def shown(value: object) -> str:
    """Return a short text of an immutable built-in, or the type's name of any other value."""
    try:
        text = repr(value) if is_plain(value) else type(value).__name__
    except (ValueError, RecursionError):  # A number of more digits than Python will convert.
        return type(value).__name__
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
