"""What the agent hooks in each framework, on small stand-ins with the same attributes."""

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from guest import AGENT


class Array:
    """As much of an array as the digest reads."""

    dtype = "float32"
    shape = (1,)

    def __init__(self, value: object) -> None:
        self.value = value

    def tobytes(self) -> bytes:
        return repr(self.value).encode()


class Guest:
    """The agent's own digest, and the troubles that it was told."""

    def __init__(self) -> None:
        self.digest = agent("digest").Digest()
        self.troubles: list[str] = []

    def trouble(self, what: str, error: Exception) -> None:
        self.troubles.append(f"{what}: {error}")

    @property
    def parameters(self) -> str | None:
        answer: dict[str, Any] = self.digest.read()
        assert answer["unread"] == []
        parameters: str | None = answer["parameters"]
        return parameters


def agent(name: str) -> Any:
    return importlib.import_module(f"trainwreck_agent.{name}")


def hash_of(*values: object) -> str | None:
    """The digest of one model with these parameters."""
    guest = Guest()
    guest.digest.remember(None, lambda _: [Array(value) for value in values])
    return guest.parameters


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent can be imported, and so can as much of NumPy and PyTorch as it asks for."""
    monkeypatch.syspath_prepend(str(AGENT))
    numpy, torch = ModuleType("numpy"), ModuleType("torch")
    vars(numpy).update(ndarray=Array, generic=Array, asarray=Array)
    vars(torch).update(uint8="bytes")
    monkeypatch.setitem(sys.modules, "numpy", numpy)
    monkeypatch.setitem(sys.modules, "torch", torch)


@pytest.fixture
def guest() -> Guest:
    return Guest()


def test_every_framework_that_is_named_has_its_file() -> None:
    for name in agent("frameworks").HANDLERS.values():
        assert callable(agent(f"frameworks.{name}").after_import)


# Theano


@pytest.fixture
def variable(guest: Guest) -> Any:
    """A class of shared variables that the guest has hooked."""

    class SharedVariable:
        def __init__(self, value: object, name: str = "") -> None:
            if value is None:
                raise ValueError("no value")
            self.value, self.name = value, name

        def get_value(self, borrow: bool = False) -> object:
            return self.value

    agent("frameworks.with_shared").after_import(
        SimpleNamespace(SharedVariable=SharedVariable), guest
    )
    return SharedVariable


def test_shared_variables_are_read_at_the_end_in_their_order(guest: Guest, variable: Any) -> None:
    first = variable(Array(1))
    second = variable(value=Array(2), name="bias")
    assert second.name == "bias"
    assert guest.parameters == hash_of(1, 2)
    first.value = Array(3)
    assert guest.parameters == hash_of(3, 2) != hash_of(2, 3)


def test_all_shared_variables_are_one_model(guest: Guest, variable: Any) -> None:
    assert guest.digest.read()["models"] == 0
    assert guest.parameters is None
    for number in range(100):
        variable(Array(number))
    assert guest.digest.read()["models"] == 1
    assert guest.parameters == hash_of(*range(100))


def test_shared_variables_that_are_no_arrays_are_left_out(guest: Guest, variable: Any) -> None:
    for value in (Array(1), [2], "random state", Array(3)):
        variable(value)
    assert guest.parameters == hash_of(1, 3)


def test_a_shared_variable_that_was_not_made_is_left_out(guest: Guest, variable: Any) -> None:
    with pytest.raises(ValueError, match="no value"):
        variable(None)
    variable(Array(1))
    assert guest.parameters == hash_of(1)


def test_shared_variables_beyond_the_most_are_left_out(
    guest: Guest, variable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent("frameworks.with_shared"), "MOST_VARIABLES", 2)
    for number in range(4):
        variable(Array(number))
    assert guest.parameters == hash_of(0, 1)


# TensorFlow 1


@pytest.fixture
def session(guest: Guest) -> Any:
    """A class of sessions that the guest has hooked; each has a graph with variables."""

    class BaseSession:
        def __init__(self, **variables: object) -> None:
            self.variables = [SimpleNamespace(name=name) for name in variables]
            self.values = variables
            self.closed = False
            self.graph = self

        def get_collection(self, name: str) -> list[SimpleNamespace]:
            return self.variables if name == "trainable_variables" else []

        def run(self, fetched: list[SimpleNamespace]) -> list[object]:
            if self.closed:
                raise RuntimeError("the session is closed")
            return [self.values[variable.name] for variable in fetched]

        def close(self) -> str:
            self.closed = True
            return "closed"

    agent("frameworks.with_session").after_import(SimpleNamespace(BaseSession=BaseSession), guest)
    return BaseSession


def test_an_open_session_is_read_at_the_end_by_the_names_of_its_variables(
    guest: Guest, session: Any
) -> None:
    opened = session(weight=1, bias=2)
    assert guest.parameters == hash_of(2, 1)
    opened.values["bias"] = 5
    assert guest.parameters == hash_of(5, 1)


def test_a_closed_session_is_read_just_before_it_closes(guest: Guest, session: Any) -> None:
    opened = session(weight=1)
    opened.values["weight"] = 2
    assert opened.close() == "closed"
    opened.values["weight"] = 3
    assert opened.closed
    assert guest.parameters == hash_of(2)
    assert guest.troubles == []


def test_each_session_has_its_own_values(guest: Guest, session: Any) -> None:
    first, second, third = session(weight=1), session(weight=2), session(weight=3)
    second.close()
    first.values["weight"] = 7
    second.values["weight"] = third.values["weight"] = 8
    assert guest.parameters == hash_of(7, 2, 8)


def test_a_session_that_is_closed_twice_keeps_what_was_read_first(
    guest: Guest, session: Any
) -> None:
    opened = session(weight=1)
    assert (opened.close(), opened.close()) == ("closed", "closed")
    assert guest.parameters == hash_of(1)


def test_a_session_that_cannot_be_read_is_closed_all_the_same(guest: Guest, session: Any) -> None:
    opened = session(weight=1)
    del opened.values["weight"]
    assert opened.close() == "closed"
    assert guest.troubles == ["reading a session: 'weight'"]


def test_a_session_without_variables_gives_nothing(guest: Guest, session: Any) -> None:
    session().close()
    opened = session()
    opened.run = None
    assert guest.digest.read()["unread"] == []
    assert guest.parameters == hash_of()


# PyTorch


class Tensor:
    """A tensor that must be taken through every step before it can be read."""

    STEPS = ("detach", "cpu", "contiguous", "flatten", "view", "numpy")

    def __init__(self, value: object) -> None:
        self.value = value
        self.taken: tuple[object, ...] = ()

    def __getattr__(self, name: str) -> Callable[..., object]:
        assert name == self.STEPS[len(self.taken)]

        def step(*arguments: object) -> object:
            assert arguments == (("bytes",) if name == "view" else ())
            if name == "numpy":
                return Array(self.value)
            after = Tensor(self.value)
            after.taken = (*self.taken, name)
            return after

        return step


@pytest.fixture
def module(guest: Guest) -> Any:
    """A class of modules that the guest has hooked."""

    class Module:
        def __init__(self) -> None:
            self.parts: list[Module] = []
            self.tensors: dict[str, Tensor] = {}

        def with_parts(self, *parts: "Module", **values: object) -> "Module":
            self.parts += parts
            self.tensors |= {name: Tensor(value) for name, value in values.items()}
            return self

        def modules(self) -> Iterator["Module"]:
            yield self
            for part in self.parts:
                yield from part.modules()

        def state_dict(self) -> dict[str, Tensor]:
            found = {f".{name}": tensor for name, tensor in self.tensors.items()}
            for index, part in enumerate(self.parts):
                found |= {f"{index}{name}": t for name, t in part.state_dict().items()}
            return found

    agent("frameworks.with_torch_modules").after_import(SimpleNamespace(Module=Module), guest)
    return Module


def test_parts_of_modules_are_left_out_and_wholes_keep_their_order(module: Any) -> None:
    whole = agent("frameworks.with_torch_modules")._roots
    inner, part, alone = module(), module(), module()
    part.with_parts(inner)
    net = module().with_parts(part)
    assert whole([inner, alone, net, part]) == [alone, net]
    assert whole([inner, part]) == [part]
    assert whole([]) == []


def test_every_parameter_is_read_once_at_the_end(guest: Guest, module: Any) -> None:
    layer = module().with_parts(weight=1)
    module().with_parts(layer, scale=2)
    module().with_parts(weight=3)
    assert guest.parameters == hash_of(2, 1, 3)
    layer.tensors["weight"] = Tensor(4)
    assert guest.parameters == hash_of(2, 4, 3)
    assert guest.digest.read()["models"] == 1


def test_a_program_without_modules_has_no_parameters(guest: Guest, module: Any) -> None:
    assert guest.parameters is None


def test_parts_make_room_for_more_wholes(
    guest: Guest, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent("frameworks.with_torch_modules"), "MOST_MODULES", 3)
    parts = [module().with_parts(weight=number) for number in range(2)]
    module().with_parts(*parts)
    for number in (2, 3):
        module().with_parts(weight=number)
    assert guest.parameters == hash_of(0, 1, 2, 3)
    for number in (4, 5):
        module().with_parts(weight=number)
    assert guest.parameters == hash_of(0, 1, 2, 3)
