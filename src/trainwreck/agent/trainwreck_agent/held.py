"""Compares what a program holds at several moments: values, not places.

Two moments with the same state and the same clock, files and generators of random numbers are one
moment of a loop that does not end. So whatever could hide progress makes the state unknown: an
object that cannot be read, a time that a loop may wait for, more objects than can be read quickly.
No code of the program runs for it.
"""

import _thread
import gc
import itertools
import os
import sys
import time
import types
from collections import OrderedDict, defaultdict, deque

from trainwreck_agent.code_places import for_targets
from trainwreck_agent.held_kinds import (
    ATOMS,
    BUFFERED,
    INERT,
    ITERATORS,
    POSITIONS,
    hidden_states,
    hides_lines,
    is_iterator,
    is_readable,
    last_of,
    marks_of,
)
from trainwreck_agent.motion import Motion
from trainwreck_agent.surroundings import end_that_may_come, is_of_handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any

MOST_OBJECTS = 20000
MOST_SECONDS = 0.05
MOST_TRACKED = 1000000
MOST_FRAMES = 200
MOST_ITEMS = 500
MOST_NUMBERS = 100
OPTIMIZED = 1
INFINITE = 1e15
OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
HOUR = 3600.0
HOURS = 3 * HOUR
KEPT_NAMES = frozenset(["locals", "vars", "exec", "eval", "dir"])
"""Functions that call these may hold the mapping that reading their values would change."""
OWN_REFERENCES = 4 if sys.version_info >= (3, 11) else 5
"""References to the variables of a frame while they are read; a further one is the program's."""
HAS_PROXIES = sys.version_info >= (3, 13)
SETTLED_MODULES = frozenset(
    ["threading", "queue", "selectors", "subprocess", "socket", "runpy", "importlib", "weakref"]
    + ["multiprocessing", "concurrent", "asyncio", "contextlib", "functools", "collections", "os"]
)
CONTAINERS = (list, tuple, set, frozenset, dict, deque, OrderedDict, defaultdict)

_clock = time.process_time
_times = (time.time, time.monotonic)


class Unknown(Exception):
    """The state cannot be compared, for this reason."""


class HeldStates:
    """The readings of one process: what it holds, and which of its numbers stayed."""

    def __init__(self, is_own: "Callable[[object], bool]") -> None:
        """Take a function that recognises the agent's own counter."""
        self._is_own = is_own
        self.restart()

    def restart(self) -> None:
        """Begin again, as in a forked child."""
        self._bounds: "set[float]" = set()
        self._motion = Motion()

    def read(self, frame: "FrameType | None") -> "dict[str, Any]":
        """Return the state as an event carries it; ``frame`` is the main thread's.

        ``steady`` are the lowest and the highest finite number that the last reading had as well.
        """
        reading = _Reading(self._is_own)
        try:
            if frame is None or sys.version_info < (3, 7):
                # Python 3.6 keeps what is read of a function's variables.
                raise Unknown("no frame that could be read without a trace")
            end = end_that_may_come()
            if end:
                raise Unknown(end)
            state = reading.state(frame, _thread.get_ident())
            motion = self._motion.read(_stack(frame))
        except Unknown as error:
            return {"unread": str(error)}
        except Exception as error:
            if is_of_handler(error.__traceback__):
                raise  # It is meant for the program, which another signal has reached meanwhile.
            return {"unread": "%s: %s" % (type(error).__name__, error)}
        steady = [n for n in reading.bounds & self._bounds if abs(n) < INFINITE]
        self._bounds = reading.bounds
        numbers = {name: n for name, n in reading.numbers.items() if abs(n) < INFINITE}
        bounds = [min(steady), max(steady)] if steady else []
        return dict(motion, state=state, numbers=numbers, steady=bounds)


class _Reading:
    """One reading of all that the threads of this process hold."""

    def __init__(self, is_own: "Callable[[object], bool]") -> None:
        self._is_own = is_own
        self._endless: "set[float]" = set()
        self._marks: "list[Any]" = []
        self._visited: "dict[int, int]" = {}
        self._until = 0.0
        self._now = [clock() for clock in _times]
        self.numbers: "dict[str, float]" = {}
        self.bounds: "set[float]" = set()

    def state(self, main: "FrameType", thread: int) -> str:
        """Return the state of all threads. Raises Unknown.

        Args:
            main: The frame at which the main thread was interrupted.
            thread: The main thread's number.
        """
        self._read_iterators()
        frames = dict(sys._current_frames())
        frames[thread] = main
        for number in sorted(frames, key=lambda number: number != thread):
            self._read_thread(frames[number], number == thread)
        self._marks.extend(hidden_states(sys.modules))
        return "%08x" % (hash(tuple(self._marks)) & 0xFFFFFFFF)

    def _read_thread(self, frame: "FrameType | None", is_main: bool) -> None:
        frames = _stack(frame)
        if len(frames) > MOST_FRAMES:
            raise Unknown("more frames than can be read")
        for depth, one in enumerate(reversed(frames), 1):
            self._read_frame(one, "%d" % depth if is_main else "")

    def _read_frame(self, frame: "FrameType", name: str) -> None:
        code = frame.f_code
        self._marks.append(code.co_name)
        self._read_globals(frame.f_globals, code)
        if not code.co_flags & OPTIMIZED:
            self._note_numbers(code, frame.f_locals if name else {}, name)
            return
        if not KEPT_NAMES.isdisjoint(code.co_names):
            raise Unknown("a function that reads its own variables")
        held = frame.f_locals
        try:
            self._note_numbers(code, held, name)
            for key in sorted(held):
                self._read(held[key])
        finally:
            _release(held, code)

    def _note_numbers(self, code: "CodeType", held: "Any", name: str) -> None:
        """Keep the numbers of a frame, to see later which of them move, and toward what."""
        self.bounds.update(v for v in code.co_consts if type(v) in (int, float) and v == v)
        if not name:
            return
        for key in list(held):
            value = held[key]
            number = len(value) if type(value) in CONTAINERS else value
            if type(number) in (int, float) and len(self.numbers) < MOST_NUMBERS:
                is_of_loop = key in for_targets(code) and number not in self._endless
                label = "%s for %s" if is_of_loop else "%s %s"
                self.numbers[label % (name, key)] = _shortened(number)

    def _read_globals(self, names: "dict[str, Any]", code: "CodeType") -> None:
        """Read what a code may use of its module, and the numbers and lengths of all the rest."""
        if not self._is_known(names):
            self._numbers_in(names)
        if _is_settled(names):
            return
        for key in code.co_names:
            if key in names:
                self._read(names[key])

    def _read_iterators(self) -> None:
        """Read how far all iterators are: those of `for` loops are in no variable."""
        found = _iterators_and_files()
        self._until = _clock() + MOST_SECONDS
        counts = [value for value in found if type(value) is itertools.count]
        self._endless.update(last_of(value) for value in counts if not self._is_own(value))
        for value in found:
            if type(value) is types.GeneratorType:
                self._read_generator(value)
            elif type(value) in BUFFERED:
                if hides_lines(value):
                    raise Unknown("a file with lines that were read ahead")
            elif type(value) in POSITIONS or is_readable(type(value)):
                self._read(value)
            elif type(value) is not itertools.count:
                raise Unknown("a %s, which hides its position" % type(value).__name__)

    def _read_generator(self, value: "Any") -> None:
        """Read where a generator is, and its numbers; all of them may belong to loops."""
        frame = value.gi_frame
        held = gc.get_referents(value) if frame is not None else []
        if frame in held:  # Before Python 3.11, its variables are those of a frame.
            held = held + gc.get_referents(frame)
        self._marks.append(frame.f_lasti if frame is not None else None)
        self._marks.extend(repr(item) for item in held if type(item) in (int, float))
        for item in held:
            if type(item) in ITERATORS:
                self._read(item)

    def _is_known(self, value: "Any") -> bool:
        known = self._visited.get(id(value))
        if known is not None:
            self._marks.append(known)
            return True
        if len(self._visited) > MOST_OBJECTS or _clock() > self._until:
            raise Unknown("more objects than can be read")
        self._visited[id(value)] = len(self._visited)
        return False

    def _read(self, start: "Any") -> None:
        """Read a value and all that it leads to, without recursion."""
        waiting = [start]
        while waiting:
            value = waiting.pop()
            kind = type(value)
            if kind in ATOMS:
                self._read_atom(value)
            elif not issubclass(kind, INERT) and not self._is_known(value):
                self._marks.append(kind.__name__)
                waiting.extend(self._children(value, kind))

    def _read_atom(self, value: "Any") -> None:
        if type(value) in (int, float):
            self._check_clock(float(value) if abs(value) < 1e300 else 0.0)
            self.bounds.add(_shortened(value))
        elif type(value) is range:
            self.bounds.update((_shortened(value.start), _shortened(value.stop)))
        self._marks.append(repr(value) if type(value) is float else value)

    def _check_clock(self, number: float) -> None:
        """Raise Unknown for a number that may be a time, some hours before or after now."""
        wall, monotonic = self._now
        is_time = any(abs(number / unit - wall) < HOURS for unit in (1.0, 1e3, 1e9))
        # Seconds since the machine started may be any number, but are hardly ever whole.
        units = (1.0, 1e9) if number % 1 else (1e9,)
        if is_time or (number > HOUR and any(abs(number / u - monotonic) < HOURS for u in units)):
            raise Unknown("a time that it may wait for")

    def _children(self, value: "Any", kind: type) -> "list[Any]":
        if kind in CONTAINERS:
            self._marks.append(len(value))
            self.bounds.add(len(value))
        if kind in (dict, OrderedDict, defaultdict):
            return [item for pair in _some(value.items()) for item in pair]
        if kind in (list, tuple, deque, set, frozenset):
            return _some(value)
        if kind is types.FunctionType:
            return self._of_function(value)
        if kind in (types.MethodType, types.BuiltinMethodType):
            return [value.__self__]
        if issubclass(kind, types.ModuleType):
            return self._numbers_in(types.ModuleType.__getattribute__(value, "__dict__"))
        if issubclass(kind, type):
            return self._numbers_in(type.__dict__["__dict__"].__get__(value))
        if kind in (types.GeneratorType, types.CoroutineType):
            return self._of_generator(value)
        return self._of_object(value, kind)

    def _of_function(self, value: "Any") -> "list[Any]":
        names, code = value.__globals__, value.__code__
        used = [] if _is_settled(names) else [names[k] for k in code.co_names if k in names]
        return [value.__closure__, value.__defaults__, value.__kwdefaults__] + used

    def _numbers_in(self, names: "Any") -> "list[Any]":
        """Return what counts in a module or class: numbers, and containers as their lengths."""
        held = [names[key] for key in list(names) if key[:2] != "__"]
        self._marks.extend(len(value) for value in held if type(value) in CONTAINERS)
        self._marks.extend(repr(value) for value in held if type(value) in (int, float))
        return []

    def _of_generator(self, value: "Any") -> "list[Any]":
        frame = getattr(value, "gi_frame", None) or getattr(value, "cr_frame", None)
        if frame is None:
            return []
        self._marks.append(frame.f_lasti)
        return gc.get_referents(value)

    def _of_object(self, value: "Any", kind: type) -> "list[Any]":
        try:
            content = marks_of(value, kind)
        except ValueError as error:
            raise Unknown(str(error))
        if content is not None:
            self._marks.append(content)
            return []
        if kind in ITERATORS:
            self._marks.append(kind.__length_hint__(value))  # type: ignore[attr-defined]
        elif not is_readable(kind):
            raise Unknown("a %s.%s" % (kind.__module__, kind.__name__))
        return [child for child in gc.get_referents(value) if child is not kind]


def _iterators_and_files() -> "list[Any]":
    """Return all iterators and buffered files of the process. Raises Unknown if it is too large.

    A process with a framework has hundreds of thousands of objects, so they are gone through once.
    """
    objects = gc.get_objects()
    if len(objects) > MOST_TRACKED:
        raise Unknown("more objects than can be read")
    kinds = {kind for kind in set(map(type, objects)) if kind in BUFFERED or is_iterator(kind)}
    return list(itertools.compress(objects, map(kinds.__contains__, map(type, objects))))


def _stack(frame: "FrameType | None") -> "list[FrameType]":
    """Return the frames of a thread, the outermost first, without the agent's own."""
    frames: "list[FrameType]" = []
    while frame is not None:
        if not frame.f_code.co_filename.startswith(OWN_FOLDER):
            frames.append(frame)
        frame = frame.f_back
    return frames[::-1]


def _some(values: "Any") -> "list[Any]":
    """Return values to read: of very many, some at equal distances where that is quick."""
    if len(values) <= MOST_ITEMS:
        return list(values)
    if type(values) not in (list, tuple):
        return list(itertools.islice(values, MOST_ITEMS))
    return list(values[:: len(values) // MOST_ITEMS]) + list(values[-10:])


def _is_settled(names: "dict[str, Any]") -> bool:
    """Return whether these are the names of a module whose own state goes on for nothing."""
    return str(names.get("__name__")).partition(".")[0] in SETTLED_MODULES


def _shortened(number: "Any") -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def _release(held: "dict[str, Any]", code: "CodeType") -> None:
    """Let go of a function's variables: before Python 3.13 the frame would keep those read."""
    if HAS_PROXIES or sys.getrefcount(held) > OWN_REFERENCES:
        return
    for name in itertools.chain(code.co_varnames, code.co_cellvars, code.co_freevars):
        held.pop(name, None)
