"""The digest of a program's whole state: what it sees, what it cannot, what it survives."""

import collections
import ctypes
import enum
import functools
import importlib
import itertools
import os
import random
import re
import subprocess
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from test_agent import PYTHONS

AGENT = Path(__file__).parent.parent / "src" / "trainwreck" / "agent"


PROGRAM = """
import collections, decimal, json, logging, random, tempfile
random.seed(1)
LIMIT = 3
class Model:
    rate = 0.5
    def __init__(self, size=4):
        self.layers = [{"weights": [0.0] * size}]
model = Model()
def counter():
    count = []
    def step():
        return count
    return step
step = counter()
def train(epochs=2):
    local = 1
    return State().read()
CHANGE
answer = train()
print(answer["digest"], ",".join(answer["opaque"]))
"""
CHANGES = {
    "a global": "LIMIT = 4",
    "the random state": "random.random()",
    "an attribute of a nested object": "model.layers[0]['weights'][2] = -0.0",
    "a closure cell": "step.__closure__[0].cell_contents.append(1)",
    "a default": "train.__defaults__ = (3,)",
    "a default of a special method": "Model.__init__.__defaults__ = (5,)",
    "a class attribute": "Model.rate = 0.25",
    "a library's global": "json.decoder.NaN = 0",
    "a logger's level": "logging.getLogger('x').setLevel(10)",
}


def child(python: str, text: str, **environment: str) -> list[str]:
    """What a program prints that has ``State`` at hand."""
    start = f"import sys; sys.path.append({str(AGENT)!r})\n"
    start += "from trainwreck_agent.state import State\n"
    ended = subprocess.run(
        [python, "-S", "-B", "-"],
        input=start + text,
        env={**os.environ, "PYTHONHASHSEED": "0", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split()


@pytest.fixture(params=[f"3.{minor}" for minor in range(6, 14)])
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


class TestOnEveryPython:
    def test_two_processes_give_the_same_digest_and_nothing_is_opaque(self, python: str) -> None:
        program = PROGRAM.replace("CHANGE", "")
        first = child(python, program)
        assert len(first) == 1, first
        assert child(python, program, TRAINWRECK_ORDER="/elsewhere/order.json") == first

    def test_every_change_gives_another_digest(self, python: str) -> None:
        digests = {
            name: child(python, PROGRAM.replace("CHANGE", change))[0]
            for name, change in {"none": "", "no-op": "pass", **CHANGES}.items()
        }
        assert digests.pop("no-op") == digests["none"]
        assert len(set(digests.values())) == len(digests), digests

    def test_the_variables_of_running_functions_count(self, python: str) -> None:
        program = PROGRAM.replace("CHANGE", "")
        assert child(python, program) != child(python, program.replace("local = 1", "local = 2"))

    def test_the_place_of_the_scratch_folder_does_not_count(self, python: str) -> None:
        first, second = (
            child(
                python,
                PROGRAM.replace("CHANGE", f"LIMIT = '{slot}/app/data'"),
                TRAINWRECK_ORDER=f"{slot}/order.json",
            )
            for slot in ("/slots/1", "/slots/22")
        )
        assert first == second

    def test_what_a_running_function_keeps_on_its_stack_is_opaque(self, python: str) -> None:
        loop = (
            "def run():\n  for _ in range(3):\n    return State().read()['opaque']\nprint(*run())"
        )
        assert child(python, loop) == ["FOR_ITER", "around", "the", "phase"]
        block = "def run():\n  with open('/dev/null'):\n    return State().read()['opaque']\n"
        assert child(python, block + "print(*run())") == ["SETUP_WITH", "around", "the", "phase"]
        after = (
            "def run():\n  for _ in range(3): pass\n  with open('/dev/null'): pass\n"
            "  answer = State().read()['opaque']\n  return answer\nprint(*run())"
        )
        assert child(python, after) == []

    def test_the_walk_leaves_the_variables_and_their_dictionary_alone(self, python: str) -> None:
        program = (
            "def run():\n  early = locals()\n  late = 1\n  State().read()\n"
            "  print('late' in early, late)\nrun()"
        )
        assert child(python, program) == ["False", "1"]

    def test_the_walk_changes_nothing(self, python: str) -> None:
        program = (
            "import random\nrandom.seed(1)\nbefore = random.getstate(), sorted(sys.modules)\n"
            "one, two = State().read(), State().read()\n"
            "print(before == (random.getstate(), sorted(sys.modules)))"
        )
        assert child(python, program) == ["True"]


def numpy_python() -> str:
    for python in PYTHONS.values():
        tried = subprocess.run([python, "-c", "import numpy"], capture_output=True, timeout=60)
        if tried.returncode == 0:
            return python
    pytest.skip("no interpreter on this machine has NumPy")


def test_numpy_is_seen_to_the_bit() -> None:
    program = """
import glob
sys.path += glob.glob(sys.prefix + "/lib/python*/site-packages")
import numpy as np
from trainwreck_agent.state import Walk
def of(value):
    return Walk().of(value)["digest"]
base = np.zeros(4)
values = [
    base, np.zeros(4, "float32"), np.zeros((2, 2)), np.zeros((3, 2)), np.zeros((3, 2), order="F"),
    np.array([0, 0, 0, -0.0]), np.array([1, None], object), np.array([2, None], object),
    [base, base[:2]], [base, base[2:]], [base, np.zeros(2)],
    np.float32(0), np.float64(0), np.float64(1), np.dtype("int8"), np.dtype([("a", "i1")]),
    np.random.RandomState(1), np.random.RandomState(2), np.mean, np.add,
]
if hasattr(np.random, "default_rng"):
    values += [np.random.default_rng(1), np.random.default_rng(2), np.random.PCG64(3)]
found = [of(value) for value in values]
assert found == [of(value) for value in values] and len(set(found)) == len(found), found
assert Walk().of(values)["opaque"] == [], Walk().of(values)["opaque"]
import random; random.seed(1); np.random.seed(1)
draw = CHANGE
print(State().read()["digest"], State().read()["opaque"] == [])
"""
    python = numpy_python()
    first = child(python, program.replace("CHANGE", "None"))
    assert first == child(python, program.replace("CHANGE", "None"))
    assert first[1] == "True"
    assert first != child(python, program.replace("CHANGE", "np.random.rand() and None"))


def walk(value: object, readers: tuple[Any, ...] = ()) -> dict[str, Any]:
    sys.path.append(str(AGENT))
    try:
        module = importlib.import_module("trainwreck_agent.state")
    finally:
        sys.path.remove(str(AGENT))
    answer: dict[str, Any] = module.Walk(readers).of(value)
    return answer


class Plain:
    kind = "plain"

    def __init__(self, value: object = 1) -> None:
        self.value = value


class Slotted:
    __slots__ = ("slot",)

    def __init__(self, value: object) -> None:
        self.slot = value


class Level(enum.IntEnum):
    LOW, HIGH = 1, 2


class Colour(enum.Enum):
    RED, BLUE = 1, 2


def function_with(default: object = 0, **options: object) -> Callable[..., object]:
    def named(value: object = default) -> object:
        return value

    named.__dict__.update(options)
    return named


def generate_with_cell(cell: types.CellType) -> types.FunctionType:
    def outer(value: object) -> Callable[[], object]:
        return lambda: value

    return types.FunctionType(outer(0).__code__, globals(), "named", None, (cell,))


def moved() -> collections.OrderedDict[str, int]:
    ordered = collections.OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    return ordered


def drawn() -> random.Random:
    (generator := random.Random(1)).random()
    return generator


ALL_DIFFERENT: list[object] = [
    None, True, False, 0, 1, -1, 1 << 20000, 0.0, -0.0, float("nan"), float("inf"), 0j, -0j, "a",
    "b", "", b"a", b"", bytearray(b"a"), bytearray(b"b"), ..., NotImplemented, range(3), range(4),
    slice(1), slice(2), Level(1), Level(2), "\udcff",
    [], [1], [1, 2], [2, 1], [[1], 2], [[1, 2]], (), (1,), (1, 2), ((1,), 2), {}, {"a": 1},
    {"a": 2}, {1: "a"}, {"a": 1, "b": 2}, {"b": 2, "a": 1},
    set(), {1}, {1, 2}, {"a", "b"}, frozenset({1}), {int}, {int, str}, {Colour.RED}, {Colour.BLUE},
    collections.deque([1]), collections.deque([1], 3), collections.OrderedDict(a=1, b=2), moved(),
    collections.defaultdict(int), collections.defaultdict(list), collections.Counter("a"),
    collections.Counter("b"), types.MappingProxyType({1: 2}), types.MappingProxyType({1: 3}),
    Plain(), Plain(2), Slotted(1), Slotted(2), Plain, Slotted, type("T", (), {"a": 1}),
    type("T", (), {"a": 2}), type("T", (Plain,), {"a": 1}), Colour.RED, Colour.BLUE,
    function_with(), function_with(1), function_with(note=1), function_with(note=2),
    lambda: 0, lambda: 1, Plain().__init__, Plain(3).__init__,  # type: ignore[misc]
    functools.partial(int, 1), functools.partial(int, 2), property(len), property(abs),
    staticmethod(len), staticmethod(abs), classmethod(repr), random, re, re.compile("a"),
    re.compile("b"), re.compile("a", re.IGNORECASE), random.Random(1), random.Random(2), drawn(),
    itertools.count(1), itertools.count(2), types.SimpleNamespace(a=1), types.SimpleNamespace(a=2),
    weakref.ref(Plain), weakref.ref(Slotted), ValueError(1), ValueError(2), KeyError(1),
    len, abs, str.upper, [].append, [1].append, Path("a"), Path("b"),
]  # fmt: skip


class TestContent:
    def test_everything_is_told_apart_and_gives_the_same_twice(self) -> None:
        digests = [walk(value)["digest"] for value in ALL_DIFFERENT]
        assert digests == [walk(value)["digest"] for value in ALL_DIFFERENT]
        pairs = itertools.combinations(zip(digests, ALL_DIFFERENT, strict=True), 2)
        assert [(one, two) for one, two in pairs if one[0] == two[0]] == []

    def test_nothing_of_it_is_opaque(self) -> None:
        assert [value for value in ALL_DIFFERENT if walk(value)["opaque"]] == []

    def test_what_a_function_does_is_not_compared(self) -> None:
        texts = ("def f(x=1):\n  return x + 1", "def f(x=1):\n  return x - 1")
        spaces: list[dict[str, Any]] = [{"__name__": "m"}, {"__name__": "m"}]
        for text, space in zip(texts, spaces, strict=True):
            exec(text, space)
        assert walk(spaces[0]["f"]) == walk(spaces[1]["f"])

    def test_the_globals_of_a_function_outside_all_modules_are_compared(self) -> None:
        spaces: list[dict[str, Any]] = [{"value": 1}, {"value": 2}]
        for space in spaces:
            exec("def f():\n  return value", space)
        assert walk(spaces[0]["f"]) != walk(spaces[1]["f"])

    def test_one_object_twice_is_not_two_equal_ones(self) -> None:
        one: list[int] = []
        assert walk([one, one])["digest"] != walk([[], []])["digest"]

    def test_what_a_cache_answers_is_compared(self) -> None:
        answers = []
        for answer in (1, 2):
            source = [answer]
            cached = functools.lru_cache(source.copy)
            cached()
            source.clear()
            answers.append(walk(cached))
        assert answers[0]["digest"] != answers[1]["digest"]
        assert answers[0]["opaque"] == []

    def test_a_closure_cell_may_be_empty(self) -> None:
        function = generate_with_cell(types.CellType())
        assert walk(function)["opaque"] == []
        assert walk(function)["digest"] != walk(generate_with_cell(types.CellType(1)))["digest"]

    def test_readers_come_first(self) -> None:
        readers = ((lambda kind: kind is Plain, lambda item: ["read", item.value]),)
        assert walk(Plain(1), readers) != walk(Plain(2), readers)
        assert walk(Plain(iter([])), readers)["opaque"] == ["builtins.list_iterator"]
        broken = ((lambda kind: kind is Plain, lambda item: 1 / 0),)
        assert walk(Plain(), broken)["opaque"] == [f"{__name__}.Plain"]


def generate() -> Iterator[int]:
    yield 1


class TestOpaque:
    def test_allowed_kinds_are_not_listed(self, tmp_path: Path) -> None:
        with (tmp_path / "file").open("w") as file:
            kinds = [sys, generate, len, str.join, threading.Lock(), threading.RLock()]
            kinds += [threading.Condition(), threading.Event(), threading.Thread(), file]
            kinds += [generate.__code__, functools.lru_cache(len), int.__add__, (1).__add__]
            assert [kind for kind in kinds if walk(kind)["opaque"]] == []

    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            (generate(), "builtins.generator"),
            (iter([1]), "builtins.list_iterator"),
            (zip([1], [2], strict=True), "builtins.zip"),
            (memoryview(b"a"), "builtins.memoryview"),
            (ctypes.c_int(1), "ctypes.c_int"),
            ({Plain(), Plain()}, "set of objects"),
        ],
    )
    def test_what_cannot_be_looked_into_is_listed(self, value: object, kind: str) -> None:
        assert walk([value, 1])["opaque"] == [kind]

    def test_a_class_that_hides_data_of_its_base_is_listed(self) -> None:
        class Deeper(ctypes.Structure):
            note = 1

        assert walk(Deeper())["opaque"] == [f"{__name__}.{Deeper.__qualname__}"]


def refuse(*_: object) -> Any:
    raise RuntimeError


class Trap(type):
    __eq__ = __hash__ = __getattribute__ = refuse


class Liar(metaclass=Trap):
    __slots__ = ("__dict__", "deep")
    __getattribute__ = __eq__ = __hash__ = __repr__ = __len__ = refuse
    __class__ = property(lambda _: int, refuse)


class RudeDict(dict[Any, Any]):
    items = __iter__ = __getitem__ = refuse


class TestSurvives:
    def test_liars_are_read_and_never_asked(self) -> None:
        liars = [type.__call__(Liar), type.__call__(Liar)]
        object.__setattr__(liars[1], "value", 2)
        assert walk([liars[0]])["digest"] != walk([liars[1]])["digest"]
        assert walk(liars)["opaque"] == []

    def test_a_dictionary_that_raises_is_read_as_a_dictionary(self) -> None:
        assert walk(RudeDict(a=1))["digest"] != walk(RudeDict(a=2))["digest"]
        assert walk(RudeDict(a=1))["opaque"] == []

    def test_a_property_named_dict_is_not_run(self) -> None:
        class Proxy:
            @property
            def __dict__(self) -> Any:  # type: ignore[override]
                raise RuntimeError

        assert walk(Proxy())["opaque"] == []

    def test_deep_nesting_does_not_overflow(self) -> None:
        nested: list[Any] = []
        for _ in range(100_000):
            nested = [nested]
        assert walk(nested)["objects"] == 100_001
        while nested:
            nested = nested.pop()

    def test_a_cycle_ends(self) -> None:
        cycle: list[Any] = [1]
        cycle.append({"cycle": cycle})
        assert walk(cycle)["opaque"] == []


HOLDS_A_SIGNAL = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
print("held", flush=True)
input()
"""


def test_signals_that_wait_in_other_processes_are_no_part_of_a_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system counts them for all processes of a user: runs beside others ended differently."""
    monkeypatch.syspath_prepend(AGENT)
    from trainwreck_agent.state_process import _process

    before = _process()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_SIGNAL], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert _process() == before
        other.communicate(b"\n")
