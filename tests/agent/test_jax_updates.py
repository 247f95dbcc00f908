"""The parameters of the last update in JAX, on a stand-in that traces and compiles."""

import importlib
import sys
import weakref
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy
import pytest

from guest import AGENT


class Array(numpy.ndarray):
    """An array that can be referred to weakly, and has the address of no other."""


class Tracer:
    """A value that is not known while a function is traced."""


def leaves(tree: object) -> list:
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for part in tree for leaf in leaves(part)]
    return [tree]


def structure(tree: object) -> object:
    if isinstance(tree, dict):
        return tuple((key, structure(tree[key])) for key in sorted(tree))
    if isinstance(tree, (list, tuple)):
        return tuple(map(structure, tree))
    return "*"


class Jitted:
    """A compiled function: its first call traces what its later calls do without Python."""

    traced: ClassVar[Any] = weakref.WeakKeyDictionary()

    def __init__(self, function: Any) -> None:
        self.__wrapped__ = function
        self.__name__ = function.__name__

    def __call__(self, *args: object) -> object:
        if self.__wrapped__ not in self.traced:
            self.traced[self.__wrapped__] = True
            self.__wrapped__(*args, trace=True)
        return self.__wrapped__(*args, trace=False)


@pytest.fixture
def jax(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(AGENT))
    module: Any = ModuleType("jax")
    module.jit = Jitted
    module.core = SimpleNamespace(Tracer=Tracer)
    module.tree_util = SimpleNamespace(
        tree_flatten=lambda tree: (leaves(tree), structure(tree)),
        tree_structure=structure,
        tree_leaves=leaves,
    )
    monkeypatch.setitem(sys.modules, "jax", module)
    return module


class Program:
    """A program with the agent's hooks in JAX and Optax."""

    def __init__(self, jax: Any) -> None:
        self.begun: list[str] = []
        self.guest = SimpleNamespace(
            digest=importlib.import_module("trainwreck_agent.digest").Digest(),
            begin_compiled=lambda: self.begun.append("compiled"),
            begin_training=lambda: self.begun.append("training"),
        )
        self.jax = jax
        self.optax: Any = ModuleType("optax")
        self.optax.apply_updates = lambda parameters, _: parameters
        hook = importlib.import_module("trainwreck_agent.frameworks.with_jax").after_import
        hook(jax, self.guest)
        hook(self.optax, self.guest)

    def step(self, returned: Any = lambda parameters: (parameters, 0.5)) -> Any:
        """A compiled step that adds one to the parameters; their update is seen while tracing."""

        def step(parameters: dict[str, Any], trace: bool = False) -> Any:
            after = {name: (value + 1).view(Array) for name, value in parameters.items()}
            if trace:
                self.optax.apply_updates({name: Tracer() for name in parameters}, None)
            return returned(after)

        return self.jax.jit(step)

    def read(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.guest.digest.read()
        return answer


def start(value: float = 0.0) -> dict[str, Any]:
    return {"w": numpy.array([value]).view(Array), "b": numpy.array([2 * value]).view(Array)}


@pytest.fixture
def program(jax: Any) -> Program:
    jit = jax.jit
    program = Program(jax)
    yield program
    jax.jit = jit


def trained(program: Program, steps: int, value: float = 0.0, drop: bool = False) -> dict:
    step, parameters = program.step(), start(value)
    for _ in range(steps):
        parameters, _ = step(parameters)
    if drop:
        del step, parameters
    return program.read()


def test_the_parameters_that_a_compiled_step_returned_last_count(jax: Any) -> None:
    runs = [(2, 0.0), (2, 0.0), (3, 0.0), (2, 1.0)]
    jit, hashes = jax.jit, []
    for steps, value in runs:
        jax.jit = jit
        answer = trained(Program(jax), steps, value)
        assert answer["covers"] == [
            {"kind": "parameters", "what": "JAX update", "arrays": 2, "models": 1}
        ]
        hashes.append(answer["parameters"])
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_a_compiled_step_that_went_counts_as_one_that_is_kept(jax: Any) -> None:
    jit, hashes = jax.jit, []
    for drop in (False, True):
        jax.jit = jit
        hashes.append(trained(Program(jax), 2, drop=drop)["parameters"])
    assert hashes[0] == hashes[1] is not None


def test_parameters_of_an_earlier_step_are_not_kept(program: Program) -> None:
    step = program.step()
    first, _ = step(start())
    gone = weakref.ref(first["w"])
    second, _ = step(first)
    del first
    assert gone() is None
    assert second["w"] == 2


def test_a_step_that_is_compiled_again_is_found_without_a_second_trace(program: Program) -> None:
    step = program.step()
    step(start())
    again = program.jax.jit(step.__wrapped__)
    again(start(5.0))
    assert [entry["models"] for entry in program.read()["covers"]] == [2]


def test_parameters_are_found_in_nested_containers_and_objects(program: Program) -> None:
    step = program.step(lambda parameters: {"state": SimpleNamespace(net=[parameters]), "n": 1})
    step(start())
    assert program.read()["covers"][0]["arrays"] == 2


def test_a_step_that_returns_no_parameters_gives_no_digest(program: Program) -> None:
    program.step(lambda _: 0.5)(start())
    assert program.read()["parameters"] is None


def test_training_begins_after_the_first_compiled_call_which_traces_it(program: Program) -> None:
    step = program.step()
    assert program.begun == []
    step(step(start())[0])
    assert program.begun == ["compiled", "training"]


def test_updates_that_are_not_compiled_count(program: Program) -> None:
    for value in (1.0, 2.0):
        program.optax.apply_updates(start(value), None)
    answer = program.read()
    assert answer["covers"][0]["models"] == 1
    assert answer["parameters"] is not None


def test_many_structures_without_compiling_are_hashed_and_not_kept(program: Program) -> None:
    gone = []
    for number in range(6):
        tree = {f"w{number}": numpy.array([1.0]).view(Array)}
        gone.append(weakref.ref(tree[f"w{number}"]))
        program.optax.apply_updates(tree, None)
        del tree
    assert [reference() is None for reference in gone] == [True, True, False, False, False, False]
    assert program.read()["covers"][0]["models"] == 6


def test_a_compiled_function_acts_as_itself(program: Program) -> None:
    step = program.step()
    assert step.__name__ == "step"
    assert repr(step).startswith("<test_jax_updates.Jitted")
    assert not hasattr(step, "nothing_of_this_name")

    class Trainer:
        run = step

    owner = Trainer()
    assert owner.run.__self__ is owner
    assert Trainer.run is step


def test_what_a_compiled_step_returns_makes_the_checkpoint(jax: Any) -> None:
    jit, checkpoints = jax.jit, []
    for moment in (1.0, 1.0, 2.0):
        jax.jit = jit
        program = Program(jax)
        program.step(lambda parameters, mean=moment: (parameters, start(mean)["b"]))(start())
        checkpoints.append(program.guest.digest.checkpoint("report"))
    assert checkpoints[0] == checkpoints[1] is not None
    assert checkpoints[2] not in checkpoints[:2]


def test_there_is_no_checkpoint_before_the_first_step(program: Program) -> None:
    program.step()
    assert program.guest.digest.checkpoint("report") is None


def test_updates_that_are_not_compiled_make_no_checkpoint(program: Program) -> None:
    program.optax.apply_updates(start(), None)
    program.guest.digest.remember(None, lambda _: [b"weights"])
    assert program.guest.digest.checkpoint("report") is None
