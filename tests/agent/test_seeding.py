"""Seeds reach the generators that a program makes later, on every Python."""

import ast
import gc
import importlib.util
import subprocess
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_guest import Ended, python, run

from guest import agent_module
from stand_ins import Guest, hook, stand_in

__all__ = ["python"]

MANY = """
import os, pickle, random, sys, threading
class Own(random.Random):
    pass
def child(_):
    return random.random(), random.Random().random()
def draw(numbers, place):
    numbers[place] = random.Random().random()
if __name__ == "__main__":
    drawn = [random.random()] + [random.Random().random() for _ in range(3)]
    drawn += [Own().random(), random.Random(None).random()]
    random.seed()
    drawn.append(random.random())
    copied = random.Random()
    drawn.append(copied.random())
    assert pickle.loads(pickle.dumps(copied)).random() == copied.random()
    numbers = {}
    threads = [threading.Thread(target=draw, args=(numbers, n)) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    drawn += [numbers[place] for place in range(4)]
    import multiprocessing
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        for _ in range(2):
            with context.Pool(1) as pool:
                drawn += pool.map(child, [0])[0]
    print(drawn)
"""

GIVEN = """
import random
drawn = [random.Random(5).random(), random.Random("a text").random()]
random.seed(3)
drawn += [random.random(), random.gauss(0, 1), random.sample(range(100), 3)]
random.seed(b"bytes", version=1)
drawn.append(random.random())
class Own(random.Random):
    def seed(self, a=None, version=2):
        super().seed(7 if a is None else a)
drawn += [Own().random(), Own(4).random(), random.Random(x=8).random()]
print(drawn)
"""


def drawn(done: Ended) -> list[Any]:
    assert done.code == 0, done.output
    assert done.of("trouble") == []
    values: list[Any] = ast.literal_eval(done.output)
    return values


def test_generators_without_a_seed_repeat_with_the_trials_seed_and_all_differ(
    python: str, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    first = drawn(run(python, folders[0], MANY, seed=1))
    assert len(first) == len(set(first)) == 20
    assert drawn(run(python, folders[1], MANY, seed=1)) == first
    assert not set(first) & set(drawn(run(python, folders[2], MANY, seed=2)))


def test_a_seed_that_the_program_gives_has_the_numbers_that_it_has_without_the_agent(
    python: str, tmp_path: Path
) -> None:
    alone = subprocess.run(
        [python, "-c", GIVEN], capture_output=True, text=True, timeout=60, check=True
    )
    assert repr(drawn(run(python, tmp_path, GIVEN))) == alone.stdout.strip()


def test_names_of_temporary_files_and_semaphores_are_left_to_the_operating_system(
    python: str, tmp_path: Path
) -> None:
    text = "import tempfile\nprint([next(tempfile._get_candidate_names())])"
    outputs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        outputs += drawn(run(python, tmp_path / name, text))
    assert outputs[0] != outputs[1]


def test_a_command_that_runs_twice_gets_other_numbers_the_second_time(
    python: str, tmp_path: Path
) -> None:
    text = """
    import subprocess, sys
    code = "import random; print(random.random(), random.Random().random())"
    print([subprocess.check_output([sys.executable, "-c", code]).decode() for _ in range(2)])
    """
    outputs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        outputs.append(drawn(run(python, tmp_path / name, text)))
    assert outputs[0] == outputs[1]
    assert len(set(" ".join(outputs[0]).split())) == 4


NUMPY = """
import pickle, sys
sys.path = [path for path in sys.path if not path.endswith("frameworks")]  # A stand-in is there.
import numpy as np
drawn = [np.random.default_rng().random() for _ in range(2)]
drawn += [np.random.RandomState().rand(), np.random.Generator(np.random.PCG64()).random()]
drawn += [np.random.default_rng(s).random() for s in np.random.SeedSequence().spawn(2)]
np.random.seed()
drawn.append(np.random.rand())
generator = np.random.default_rng()
assert pickle.loads(pickle.dumps(generator)).random() == generator.random()
print([float(value) for value in drawn])
"""
NUMPY_GIVEN = """
import sys
sys.path = [path for path in sys.path if not path.endswith("frameworks")]
import numpy as np
np.random.seed(3)
print([float(np.random.rand()), float(np.random.default_rng(3).random()),
       float(np.random.RandomState(4).rand()), np.random.SeedSequence(5).entropy])
"""


@pytest.mark.skipif(importlib.util.find_spec("numpy") is None, reason="NumPy is not installed")
def test_numpys_generators_without_a_seed_repeat_and_those_with_one_are_as_ever(
    tmp_path: Path,
) -> None:
    first = drawn(run(sys.executable, tmp_path, NUMPY, seed=1))
    assert len(first) == len(set(first)) == 7
    assert drawn(run(sys.executable, tmp_path, NUMPY, seed=1)) == first
    assert not set(first) & set(drawn(run(sys.executable, tmp_path, NUMPY, seed=2)))
    command = [sys.executable, "-c", NUMPY_GIVEN]
    alone = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert repr(drawn(run(sys.executable, tmp_path, NUMPY_GIVEN))) == alone.stdout.strip()


# The agent's numbers


def entropy(seed: int = 1, folder: str = "", main: bool = True) -> Any:
    return agent_module("entropy").Entropy(seed, folder, ("train.py",), main)


def test_numbers_have_the_bits_that_were_asked_for_and_each_source_has_its_own() -> None:
    ours, again = entropy(), entropy()
    assert all(0 <= ours.bits("a", bits) < 1 << bits for bits in (1, 31, 128, 1000))
    assert ours.bits("wide", 1000).bit_length() > 900
    # What one source asks for does not shift what another gets.
    assert ours.bits("b", 64) == again.bits("b", 64) != again.bits("b", 64)


def test_the_state_of_the_numbers_is_part_of_a_checkpoint() -> None:
    ours = entropy()
    before = ours.state()
    ours.bits("random", 8)
    assert ours.state() != before


def test_processes_with_one_command_are_told_apart_and_accidental_numbers_are_not(
    tmp_path: Path,
) -> None:
    kind = agent_module("entropy").Entropy
    folders = [tmp_path / slot / "events" for slot in ("1", "2")]
    for folder in folders:
        folder.mkdir(parents=True)
    first, second = (
        kind(1, str(folder), [f"{folder.parent}/worker.py", "--port", port], False).global_seed()
        for folder, port in zip(folders, ("40001", "51234"), strict=True)
    )
    assert first == second
    assert kind(1, str(folders[0]), [f"{folders[0].parent}/worker.py", "--port", "40001"],
                False).global_seed() != first  # fmt: skip


# TensorFlow, by a stand-in


class Graph:
    """As much of a graph as `get_seed` asks for."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed


@pytest.fixture
def tensorflow(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module `random_seed`, hooked, in graph mode; ``graph`` is the default graph."""
    stand_in(monkeypatch)
    module = SimpleNamespace(graph=Graph(), eager=False)

    def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
        if module.graph.seed is not None:
            return module.graph.seed, 1 if op_seed is None else op_seed
        return (None, None) if op_seed is None else (87654321, op_seed)

    guest = Guest()
    guest.trouble = pytest.fail  # type: ignore[attr-defined]
    names = {
        "get_seed": get_seed,
        "ops": SimpleNamespace(get_default_graph=lambda: module.graph),
        "context": SimpleNamespace(executing_eagerly=lambda: module.eager),
    }
    module.get_seed = hook("with_tensorflow_seeds", guest, **names).get_seed
    return module


def test_operations_in_any_graph_get_seeds_and_no_two_get_the_same(tensorflow: Any) -> None:
    seeds = []
    for graph in (tensorflow.graph, Graph(), Graph()):
        tensorflow.graph = graph
        seeds += [tensorflow.get_seed(None) for _ in range(3)]
    assert len(set(seeds)) == 9
    tensorflow.eager = True
    seeds += [tensorflow.get_seed(None) for _ in range(3)]
    assert len(set(seeds)) == 12
    assert all(0 <= first < 2**31 and 0 < second < 2**31 for first, second in seeds)


def test_a_seed_of_the_graph_or_of_the_operation_is_left_as_it_is(tensorflow: Any) -> None:
    assert tensorflow.get_seed(7) == (87654321, 7)
    tensorflow.graph = Graph(seed=5)
    assert tensorflow.get_seed(None) == (5, 1)
    assert tensorflow.get_seed(0) == (5, 0)


def test_a_graph_that_the_program_drops_is_not_held(tensorflow: Any) -> None:
    tensorflow.get_seed(None)
    dropped = weakref.ref(tensorflow.graph)
    tensorflow.graph = None
    gc.collect()
    assert dropped() is None


# What the doctor asks for


RESTLESS = """
import random, threading, uuid
def main():
    random.seed(5)
    random.Random("text")
    for _ in range(3):
        uuid.uuid4()
    random.SystemRandom().random()
    thread = threading.Thread(target=print)
    thread.start()
    thread.join()
main()
"""


def test_sources_names_calls_with_their_lines_where_the_order_asks_for_them(
    python: str, tmp_path: Path
) -> None:
    done = run(python, tmp_path, RESTLESS, sources=True)
    assert (done.code, done.of("trouble")) == (0, [])
    (observation,) = done.of("observation")
    calls = {
        (call["kind"], call["call"], call["places"][0][1], call["count"], tuple(call["seeds"]))
        for call in observation["value"]["calls"]
    }
    assert calls == {
        ("seed", "random.seed", 4, 1, ("5",)),
        ("seed", "random.seed", 5, 1, ("'text'",)),
        ("unseeded", "uuid.uuid4", 7, 3, ()),
        ("unseeded", "random.SystemRandom.random", 8, 1, ()),
        ("thread", "builtins.print", 10, 1, ()),
    }


def test_without_such_an_order_the_functions_are_the_interpreters_own(
    python: str, tmp_path: Path
) -> None:
    text = """
    import os, random, threading
    kinds = [type(os.urandom), random._urandom is os.urandom, threading.Thread.start.__module__]
    print([kinds[0].__name__] + kinds[1:])
    """
    done = run(python, tmp_path, text)
    assert drawn(done) == ["builtin_function_or_method", True, "threading"]
    assert done.of("observation") == []
