"""What the programs lean on. It is no target, so nothing in here is ever changed."""

import contextlib
import os
import signal
import traceback

NO, YES, ALSO = False, True, True
ZERO, ONE, TWO, THREE, FOUR, NINE = 0, 1, 2, 3, 4, 9
HALF, EQUAL_HALF = float("0.5"), float("0.5")
PLUS = "+"
NAN, PLUS_ZERO, MINUS_ZERO = float("nan"), 0.0, -0.0


class Waiting:
    """Hands out 1, 2, 3, …: whoever asks once too often shifts everything that follows."""

    def __init__(self):
        self.given = 0

    def next(self):
        self.given += 1
        return self.given


class Tally:
    """A number with operators of its own, which count how often they are asked."""

    calls = 0

    def __init__(self, number):
        self.number = number

    def __add__(self, other):
        Tally.calls += 1
        return Tally(self.number + other.number)

    __sub__ = __add__

    def told(self):
        return self.number * 100 + Tally.calls


class Rank(int):
    """An integer that counts how often it is asked whether it is smaller or equal."""

    asked = 0

    def __le__(self, other):
        Rank.asked += 1
        return int.__le__(self, other)


class Loud:
    """Counts how often it is asked for its truth."""

    def __init__(self):
        self.asked = 0

    def __bool__(self):
        self.asked += 1
        return True


class Items:
    """Counts how often an item is asked for."""

    def __init__(self):
        self.asked = 0

    def __getitem__(self, key):
        self.asked += 1
        return key


class Names(dict):
    """The namespace of a class, which counts how often `kept` is read."""

    def __getitem__(self, name):
        Told.asked += name == "kept"
        return super().__getitem__(name)


class Told(type):
    asked = 0

    @classmethod
    def __prepare__(cls, *_):
        return Names()


def cleared(row):
    """Change a list before anybody else looks at it again."""
    row[:] = [ZERO, NINE]
    return row


notes = []


def note():
    notes.append(len(notes))
    return True


def explode():
    raise ValueError("evaluated")


def drive_in_turns(make):
    """Two generators of one function, a step of each at a time, up to their ends."""
    running = [make(5), make(7)]
    found = [next(each) for each in running]
    found += [each.send(0) for each in running]
    for each in running:
        with contextlib.suppress(StopIteration):
            next(each)
    return sum(found)


def leave_behind(make):
    """A generator that is dropped in the middle of an expression."""
    return next(make(5))


def in_workers(function, numbers):
    """Each call in a forked process of its own."""
    found = []
    for number in numbers:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.write(writing, repr(function(number)).encode())
            os._exit(0)
        os.close(writing)
        os.waitpid(child, 0)
        found.append(float(os.read(reading, 100)))
        os.close(reading)
    return sum(found)


def work(_number):
    """What a worker does with a number that nobody reads."""


def lose_a_worker(act, number):
    """A forked process that does something, and is killed before it can say so."""
    child = os.fork()
    if not child:
        act(number)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def fill_in_defaults(function):
    """A decorator that reads the defaults and passes them itself."""

    def call(*values):
        missing = function.__code__.co_argcount - len(values)
        return function(*values, *(function.__defaults__[-missing:] if missing else ()))

    return call


def give_everything(function):
    """A decorator that passes something for every parameter."""

    def call(*values):
        return function(*values, len(values))

    return call


def count_up():
    """How often this was called on this machine, by any process."""
    path = os.environ["ZOO_COUNTER"]
    with open(path) as file:
        number = int(file.read())
    with open(path, "w") as file:
        file.write(str(number + 1))
    return number


def add(variable, number):
    """Change a parameter."""
    array = variable.get_value()
    array.values = [value + number for value in array.values]


def line_of_caller():
    """The text of the line that calls."""
    return traceback.extract_stack()[-2].line


def text_of_caller(_):
    """A number for the text of the line that calls, as a traceback would show it."""
    return sum(map(ord, traceback.extract_stack()[-2].line))


def run_again(module, name):
    """A function of a module whose text is read and run, although the module is imported."""
    with open(module.__file__) as file:
        code = compile(file.read(), module.__file__, "exec")
    names = {}
    exec(code, names)
    return names[name]
