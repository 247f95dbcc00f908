"""What the agent compares of a program: equal moments are equal, and hidden progress is not."""

import os
import signal
import textwrap
from pathlib import Path

import pytest
from test_guest import python, run

from guest import agent_module

__all__ = ["python"]

MOMENTS = 6
HEAD = f"""
import collections, functools, io, itertools, os, random, re, signal, threading, time

def moment():
    os.kill(os.getpid(), signal.SIGRTMIN + 11)

def ended():
    with open("turns", "a") as file:
        file.write("x")
    return os.path.getsize("turns") >= {MOMENTS}
"""


def program(text: str) -> str:
    return textwrap.dedent(HEAD) + textwrap.dedent(text)


def states(interpreter: str, folder: Path, text: str) -> list[str]:
    """Return the state at each moment; empty where it cannot be read."""
    done = run(interpreter, folder, program(text))
    assert (done.code, done.output) == (0, ""), done.output
    return [event.get("state", "") for event in done.of("held")]


CIRCLES = {
    "a loop": """
        def circle():
            low, high, items = 0, 10, {"a": [1.5]}
            while not ended():
                middle = (low + high) // 2
                moment()
        circle()
        """,
    "an object": """
        class Search:
            def __init__(self):
                self.low, self.seen = 1, {"a": [1, 2]}
            def step(self):
                self.low = self.low + 0
                moment()
        search = Search()
        while not ended():
            search.step()
        """,
    "a loop in a loop of equal items": """
        for _ in [0, 0]:
            while not ended():
                moment()
            break
        """,
}


@pytest.mark.parametrize("name", CIRCLES)
def test_held_states_of_a_circle_are_equal(name: str, python: str, tmp_path: Path) -> None:
    found = states(python, tmp_path, CIRCLES[name])
    if "3.6" in python:
        pytest.skip("Python 3.6 keeps what is read, so that nothing is")
    assert len(found) == MOMENTS - 1
    assert len(set(found)) == 1
    assert found[0]


HIDDEN = {
    "repeat": "for _ in itertools.repeat(None, 6): moment()",
    "equal items": "for _ in [0] * 6: moment()",
    "equal letters": "for _ in 'aaaaaa': moment()",
    "zip": "for _ in zip([0] * 6, [0] * 6): moment()",
    "map": "for _ in map(abs, [0] * 6): moment()",
    "a generator": """
        def numbers():
            for number in range(6):
                yield None
        for _ in numbers(): moment()
        """,
    "an islice": "for _ in itertools.islice(itertools.repeat(0), 6): moment()",
    "a closure": """
        def counter():
            left = 6
            def advance():
                nonlocal left
                left -= 1
                moment()
                return left
            return advance
        advance = counter()
        while advance(): pass
        """,
    "a list of a module": """
        counted = [6]
        def step():
            counted[0] -= 1
            return counted[0]
        def circle():
            while step(): moment()
            moment()
        circle()
        """,
    "a class": """
        class Steps:
            left = 6
            @classmethod
            def advance(cls):
                cls.left -= 1
                return cls.left
        while Steps.advance(): moment()
        moment()
        """,
    "a rotating queue": """
        items = collections.deque([0, 0, 0, 0, 0, 0, 1])
        while not items[0]:
            items.rotate(-1)
            moment()
        """,
    "bytes in place": """
        field = bytearray(6)
        while 0 in field:
            field[field.index(0)] = 1
            moment()
        """,
    "a generator of random numbers": """
        source = random.Random(1)
        for _ in itertools.repeat(None, 6):
            source.random()
            moment()
        """,
    "the hidden generator": "while random.random() > 0.3: moment()\nmoment()",
    "matches": "re.sub('a', lambda match: moment() or 'b', 'aaaaaa')",
    "a time": """
        until = time.time() + 0.2
        while time.time() < until:
            moment()
            time.sleep(0.05)
        """,
    "a time since the start": """
        began = time.monotonic()
        while time.monotonic() - began < 0.2:
            moment()
            time.sleep(0.05)
        """,
    "a product": "for _ in itertools.product([0] * 6): moment()",
    "a deque": "for _ in collections.deque([0] * 6): moment()",
    "a tuple from its end": "for _ in reversed((0,) * 6): moment()",
    "equal letters of another alphabet": "for _ in '\u00e4' * 6: moment()",
    "items by their numbers": """
        class Same:
            def __getitem__(self, number):
                if number == 6:
                    raise IndexError
        for _ in Same(): moment()
        """,
    "an iterator of its own": """
        class Same:
            left = 6
            def __iter__(self):
                return self
            def __next__(self):
                self.left -= 1
                if not self.left:
                    raise StopIteration
        for _ in Same(): moment()
        """,
    "an alarm": """
        def ring(*_):
            raise KeyError
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        try:
            while True:
                moment()
                time.sleep(0.05)
        except KeyError:
            pass
        """,
    "a limit of processor time": """
        import resource
        def end(*_):
            raise KeyError
        signal.signal(signal.SIGXCPU, end)
        resource.setrlimit(resource.RLIMIT_CPU, (1, 3))
        try:
            while True:
                moment()
        except KeyError:
            pass
        """,
    "lines in memory": "for _ in io.StringIO('same\\n' * 6): moment()",
    "lines of a file": """
        with open("lines", "w") as file:
            file.write("same\\n" * 6)
        for _ in open("lines"): moment()
        """,
    "slots": """
        class Place:
            __slots__ = ("left",)
        place = Place()
        place.left = 6
        while place.left:
            place.left -= 1
            moment()
        """,
    "a list that is read by its own names": """
        def circle():
            left = 6
            while locals()["left"]:
                left -= 1
                moment()
        circle()
        """,
}


@pytest.mark.parametrize("name", HIDDEN)
def test_held_progress_is_seen_or_unread(name: str, python: str, tmp_path: Path) -> None:
    found = states(python, tmp_path, HIDDEN[name])
    assert found
    read = [state for state in found if state]
    assert len(set(read)) == len(read), read


def test_held_variables_are_let_go(python: str, tmp_path: Path) -> None:
    text = """
        class Tracked:
            def __del__(self):
                print("gone")
        def circle():
            value = Tracked()
            moment()
            value = None
            print("later")
        circle()
        """
    done = run(python, tmp_path, program(text))
    assert done.output == "gone\nlater\n"


def test_held_mapping_of_the_program_stays(python: str, tmp_path: Path) -> None:
    text = """
        def circle():
            value, names = 1, locals()
            kept = dict(names)
            moment()
            print(kept == {"value": 1} or kept, names == kept or sorted(names))
        circle()
        """
    done = run(python, tmp_path, program(text))
    plain = run(python, tmp_path, program(text.replace("moment()", "pass")))
    assert done.output == plain.output


ON = {
    "a loop": "while not ended(): moment()",
    "a loop with another function": """
        def step():
            pass
            moment()
        while not ended(): step()
        """,
    "a loop with a method": """
        class Steps:
            def step(self, number, *, other):
                pass
                moment()
        steps = Steps()
        while not ended(): steps.step(max(1, abs(2)), other=[int('3', base=8)])
        """,
    "a sum of a generator": """
        def numbers():
            while not ended():
                moment()
                yield 1
        sum(numbers())
        """,
    "a loop through a generator": """
        def numbers():
            while not ended():
                moment()
                yield 1
        for _ in numbers():
            pass
        """,
    "a loop with many arguments": """
        def step(*numbers, **others):
            moment()
        numbers = [1, 2]
        while not ended(): step(*numbers, **{})
        """,
}
"""Loops of Python: each goes on by itself."""
CALLED_FROM_C = {
    "a sort with a key": "sorted([0] * 6, key=lambda _: moment() or 0)",
    "a sort in place": """
        def sort_by(_):
            moment()
            return 0
        items = [0] * 6
        items.sort(key=sort_by)
        """,
    "a comparison of lists": """
        class Same:
            def __eq__(self, other):
                moment()
                return True
        [Same()] * 6 == [Same()] * 6
        """,
    "a generator": """
        def numbers():
            left = 6
            while left:
                left -= 1
                moment()
                yield left
        collections.deque(numbers(), maxlen=0)
        """,
    "objects of a sort": """
        class Key:
            def __init__(self, _):
                moment()
            def __lt__(self, other):
                return False
        sorted([0] * 6, key=Key)
        """,
    "a search in a list": """
        class Other:
            def __eq__(self, other):
                moment()
                return False
        Other() in [object() for _ in range(6)]
        """,
}
"""Loops of C: whoever looks at Python alone cannot tell where they are."""


def motions(interpreter: str, folder: Path, text: str) -> list[bool]:
    done = run(interpreter, folder, program(text))
    assert (done.code, done.output) == (0, ""), done.output
    read = [event for event in done.of("held") if "state" in event]
    return [event["moved"] or event["direct"] for event in read]


@pytest.mark.parametrize("name", ON)
def test_held_motion_of_a_loop_is_seen(name: str, python: str, tmp_path: Path) -> None:
    if "3.6" in python:
        pytest.skip("Python 3.6 keeps what is read, so that nothing is")
    first, *later = motions(python, tmp_path, ON[name])
    assert not first
    assert later == [True] * (MOMENTS - 2)


@pytest.mark.parametrize("name", CALLED_FROM_C)
def test_held_motion_within_c_is_none(name: str, python: str, tmp_path: Path) -> None:
    assert not any(motions(python, tmp_path, CALLED_FROM_C[name]))


def test_an_exception_of_a_handler_is_known_by_its_trace() -> None:
    surroundings = agent_module("surroundings")

    def ring(*_: object) -> None:
        raise LookupError

    previous = signal.signal(signal.SIGUSR1, ring)
    try:
        with pytest.raises(LookupError) as rung:
            os.kill(os.getpid(), signal.SIGUSR1)
        with pytest.raises(ValueError, match="abc") as other:
            int("abc")
        assert surroundings.is_of_handler(rung.value.__traceback__)
        assert not surroundings.is_of_handler(other.value.__traceback__)
    finally:
        signal.signal(signal.SIGUSR1, previous)
