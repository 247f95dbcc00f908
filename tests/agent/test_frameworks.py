"""What the agent hooks in each framework, on small stand-ins with the same attributes."""

import copy
import gc
import importlib
import sys
import weakref
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
        self.work = agent("work").Work()

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
    cuda = SimpleNamespace(is_initialized=lambda: False)
    vars(torch).update(uint8="bytes", cuda=cuda, strided="strided")
    monkeypatch.setitem(sys.modules, "numpy", numpy)
    monkeypatch.setitem(sys.modules, "torch", torch)


@pytest.fixture
def guest() -> Guest:
    return Guest()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the program's globals keep to the end."""
    objects: list[Any] = []
    monkeypatch.setattr(sys.modules["__main__"], "kept_by_the_program", objects, raising=False)
    return objects


def test_every_framework_that_is_named_has_its_file() -> None:
    for name in agent("frameworks").HANDLERS.values():
        assert callable(agent(f"frameworks.{name}").after_import)


# Theano


@pytest.fixture
def variable(guest: Guest, kept: list[Any]) -> Any:
    """Create a kept variable of a class that the guest has hooked."""

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

    def create(*args: Any, **options: Any) -> SharedVariable:
        kept.append(SharedVariable(*args, **options))
        made: SharedVariable = kept[-1]
        return made

    return create


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
    monkeypatch.setattr(agent("frameworks.remembered"), "MOST_OBJECTS", 2)
    for number in range(4):
        variable(Array(number))
    assert guest.parameters == hash_of(0, 1)


def test_a_compiled_function_keeps_the_container_and_not_the_shared_variable(
    guest: Guest, kept: list[Any]
) -> None:
    class SharedVariable:
        def __init__(self, value: object) -> None:
            self.container = type("Container", (), {})()
            self.container.value = value

    module = SimpleNamespace(SharedVariable=SharedVariable)
    agent("frameworks.with_shared").after_import(module, guest)
    kept.append(SharedVariable(Array(1)).container)
    kept[0].value = Array(2)
    assert guest.parameters == hash_of(2)


# TensorFlow 1


def sessions_of(guest: Guest) -> Any:
    """A class of sessions that the guest has hooked; each has a graph with variables."""

    class BaseSession:
        def __init__(self, **variables: object) -> None:
            self.variables = [SimpleNamespace(name=name) for name in variables]
            self.values = variables
            self.closed = False
            self.graph = self

        def get_collection(self, name: str) -> list[SimpleNamespace]:
            return self.variables if name == "trainable_variables" else []

        def run(self, fetched: Any) -> Any:
            if callable(fetched):
                return fetched()
            if self.closed:
                raise RuntimeError("the session is closed")
            return [self.values[variable.name] for variable in fetched]

        def close(self) -> str:
            self.closed = True
            return "closed"

    agent("frameworks.with_session").after_import(SimpleNamespace(BaseSession=BaseSession), guest)
    return BaseSession


@pytest.fixture
def session(guest: Guest) -> Any:
    return sessions_of(guest)


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


def sessions_digest(session: Any, guest: Guest, *values: int, closed: int = 0) -> str | None:
    """The digest after sessions with these values, the first of which are closed or dropped."""
    opened = [session(weight=0) for _ in values]
    for each, value in zip(opened, values, strict=True):
        each.values["weight"] = value
    for each in opened[:closed]:
        each.close()
        each.values["weight"] = -1
    return guest.parameters


def test_sessions_count_in_their_order_whether_open_or_closed() -> None:
    def digest(*values: int, closed: int = 0) -> str | None:
        guest = Guest()
        return sessions_digest(sessions_of(guest), guest, *values, closed=closed)

    assert digest(7) == digest(7, closed=1) == hash_of(7)
    assert digest(7, 2, 8) == digest(7, 2, 8, closed=1) == digest(7, 2, 8, closed=3)
    assert digest(7, 2, 8) not in (digest(2, 7, 8), digest(7, 2, 9, closed=2), None)


def test_a_session_that_the_program_drops_is_read_and_not_kept_alive(guest: Guest) -> None:
    kind = sessions_of(guest)
    opened = kind(weight=1)
    opened.values["weight"] = 2
    dropped = weakref.ref(opened)
    del opened
    gc.collect()
    assert dropped() is None
    kind()
    assert guest.parameters == hash_of(2)


def test_a_session_that_goes_while_another_runs_is_not_read(guest: Guest) -> None:
    kind = sessions_of(guest)
    opened, other = kind(weight=1), kind(weight=2)
    del opened
    other.run(gc.collect)
    answer = guest.digest.read()
    assert (answer["unread"], answer["models"]) == (
        ["RuntimeError: a session went while one was running"],
        2,
    )


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
    device = SimpleNamespace(type="device")
    is_meta = False

    def __init__(self, value: object) -> None:
        self.value = value
        self.taken: tuple[object, ...] = ()

    def __deepcopy__(self, _memo: object) -> "Tensor":
        return Tensor(self.value)

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


def modules_of(guest: Guest) -> Any:
    """A class of modules that the guest has hooked."""

    class Module:
        def __init__(self) -> None:
            self._modules: dict[str, Module] = {}
            self._parameters: dict[str, Tensor] = {}

        def with_parts(self, *parts: "Module", **values: object) -> "Module":
            self._modules |= {str(index): part for index, part in enumerate(parts)}
            self._parameters |= {name: Tensor(value) for name, value in values.items()}
            return self

        def modules(self) -> Iterator["Module"]:
            yield self
            for part in self._modules.values():
                yield from part.modules()

        def state_dict(self) -> dict[str, Tensor]:
            found = {f".{name}": tensor for name, tensor in self._parameters.items()}
            for index, part in self._modules.items():
                found |= {f"{index}{name}": t for name, t in part.state_dict().items()}
            return found

        def __setstate__(self, state: dict[str, Any]) -> None:
            vars(self).update(state)

    agent("frameworks.with_torch_modules").after_import(SimpleNamespace(Module=Module), guest)
    return Module


@pytest.fixture
def module(guest: Guest, kept: list[Any]) -> Any:
    """Create a module that the program keeps, of a class that the guest has hooked."""
    kind = modules_of(guest)

    def create() -> Any:
        kept.append(kind())
        return kept[-1]

    return create


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
    layer._parameters["weight"] = Tensor(4)
    assert guest.parameters == hash_of(2, 4, 3)
    assert guest.digest.read()["models"] == 1


def test_a_program_without_modules_has_no_parameters(guest: Guest, module: Any) -> None:
    assert guest.parameters is None


def test_models_beyond_the_most_are_named(
    guest: Guest, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent("frameworks.remembered"), "MOST_OBJECTS", 3)
    for number in range(5):
        module().with_parts(weight=number)
    assert guest.parameters == hash_of(0, 1, 2)
    assert guest.digest.checkpoint("") is None


# PyTorch: modules that the program drops


def after(program: Callable[[Any], object]) -> str | None:
    """The digest of a program, which gets a class of modules that is hooked for it alone."""
    guest = Guest()
    result = program(modules_of(guest))
    parameters = guest.parameters
    del result
    return parameters


def net(kind: Any, value: int = 1) -> Any:
    """A trained module of two parts, without values of its own."""
    layer, last = kind().with_parts(weight=0), kind().with_parts(scale=2)
    layer._parameters["weight"] = Tensor(value)
    return kind().with_parts(layer, last)


def cycle(kind: Any, value: int = 1) -> Any:
    """A module that goes only when garbage is collected, as with a trainer that knows it."""
    whole = net(kind, value)
    whole.trainer = whole._modules["0"].trainer = {"model": whole}
    return whole


def drop(*made: Any) -> None:
    """Take the only reference to modules."""


def test_dropped_modules_are_not_kept_alive(guest: Guest) -> None:
    kind = modules_of(guest)
    dropped = [weakref.ref(net(kind)) for _ in range(200)]
    assert [reference() for reference in dropped] == [None] * 200
    answer = guest.digest.read()
    entry = {"kind": "parameters", "what": "torch Module", "arrays": 2, "models": 200}
    assert (answer["covers"], answer["unread"]) == ([entry], [])


def test_a_dropped_module_counts_with_its_last_values() -> None:
    first = after(lambda kind: drop(net(kind, 1)))
    assert first == after(lambda kind: drop(net(kind, 1)))
    assert first not in (None, hash_of(), after(lambda kind: drop(net(kind, 2))))


def test_it_does_not_matter_when_a_dropped_module_is_collected() -> None:
    def collected(kind: Any) -> None:
        drop(cycle(kind))
        gc.collect()

    gc.disable()
    try:
        left = after(lambda kind: drop(cycle(kind)))
        assert left == after(collected) == after(lambda kind: drop(net(kind)))
        assert left != after(lambda kind: drop(cycle(kind, 2)))
    finally:
        gc.enable()


def test_a_part_that_outlives_the_whole_counts_with_its_last_values() -> None:
    def encoder(kind: Any, whole: Any, is_collected: bool) -> Any:
        part = whole._modules["0"]
        del whole
        if is_collected:
            part.__dict__.pop("trainer", None)
            gc.collect()
        part._parameters["weight"] = Tensor(9)
        return part

    gone = after(lambda kind: encoder(kind, net(kind), False))
    assert gone == after(lambda kind: encoder(kind, cycle(kind), True))
    assert gone == after(lambda kind: encoder(kind, cycle(kind), False))
    assert gone == after(lambda kind: drop(net(kind, 9)))


def test_copies_of_modules_count_and_are_dropped_as_well(kept: list[Any]) -> None:
    def best(kind: Any, value: int) -> Any:
        trained = net(kind, value)
        copied = copy.deepcopy(trained)
        trained._modules["0"]._parameters["weight"] = Tensor(5)
        return trained, copied

    assert after(lambda kind: best(kind, 3)) != after(lambda kind: best(kind, 4))
    assert after(lambda kind: drop(best(kind, 3))) == after(lambda kind: best(kind, 3))


def test_a_module_with_an_end_of_its_own_is_read_before_it() -> None:
    ends: list[str] = []

    def program(kind: Any) -> None:
        class Closing(kind):  # type: ignore[misc]
            def __del__(self) -> None:
                ends.append("closed")
                self._parameters.clear()

        drop(Closing().with_parts(weight=1), Closing().with_parts(weight=1))

    def plain(kind: Any) -> None:
        drop(kind().with_parts(weight=1), kind().with_parts(weight=1))

    assert after(program) == after(plain)
    assert ends == ["closed"] * 2


def test_a_dropped_module_that_cannot_be_read_is_named(guest: Guest) -> None:
    kind = modules_of(guest)
    made = kind()
    made._parameters["weight"] = object()
    del made
    kind().with_parts(weight=1)
    answer = guest.digest.read()
    assert answer["parameters"] is None
    (reason,) = answer["unread"]
    assert "Module that has gone: AttributeError" in reason


def test_nothing_is_read_after_the_end(guest: Guest) -> None:
    kind = modules_of(guest)
    made = kind().with_parts(weight=1)
    first = guest.digest.read()["parameters"]
    made._parameters["weight"] = object()
    del made
    assert first is not None
    assert guest.digest.checkpoint("") is not None
