"""What the agent reads of each framework in the middle of training, on small stand-ins."""

import gc
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from stand_ins import (
    Array,
    FailedPreconditionError,
    Guest,
    Tensor,
    agent,
    hook,
    optimizers,
    sessions,
    stand_in,
)


@pytest.fixture(autouse=True)
def guest(monkeypatch: pytest.MonkeyPatch) -> Guest:
    stand_in(monkeypatch)
    return Guest()


@pytest.fixture
def session(guest: Guest) -> Any:
    return sessions(guest)


@pytest.fixture
def optimizer(guest: Guest) -> Any:
    return optimizers(guest)


def test_pieces_of_a_state_have_one_order_and_no_addresses() -> None:
    pieces = agent("frameworks").pieces
    key = Array(7)
    first = list(pieces({"b": (1, None, key), "a": "x"}))
    assert first == list(pieces({"a": "x", "b": [1, None, key]}))
    assert key in first
    assert list(pieces(object())) == [b"object;"]
    assert list(pieces([1, [2]])) != list(pieces([[1], 2]))
    assert list(pieces(1)) != list(pieces("1"))


# Keras


def variable(value: object) -> Any:
    """A variable of Keras; one without a value would draw one."""
    drawn = property(lambda self: self._value or pytest.fail("drawn"))
    return type("Variable", (), {"_value": value, "value": drawn})()


@pytest.fixture
def trainer(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A class of Keras models that the guest has hooked."""

    class Layer:
        pass

    class Trainer(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.weights = [variable(1)]
            self.variables = [*self.weights, variable("seed"), variable(None)]

    state = SimpleNamespace(get_global_attribute={}.get)
    monkeypatch.setitem(sys.modules, "keras.src.backend.common.global_state", state)
    layer = SimpleNamespace(Layer=Layer)
    monkeypatch.setitem(sys.modules, "keras.src.layers.layer", layer)
    hook("with_keras", guest, Trainer=Trainer)
    return Trainer


def test_a_model_is_read_with_its_seeds_and_its_optimizer_once_that_is_built(
    guest: Guest, trainer: Any
) -> None:
    model = trainer()
    assert guest.state() == [Array(1), Array("seed")]
    model.optimizer = SimpleNamespace(built=False, variables=[variable("rate")])
    assert guest.state() == [Array(1), Array("seed")]
    model.optimizer.built = True
    assert guest.state() == [Array(1), Array("seed"), Array("rate")]


def test_on_jax_a_model_is_read_where_training_keeps_it(guest: Guest, trainer: Any) -> None:
    model = trainer()
    model._jax_state = {"trainable": [2, 3], "metrics": None, "optimizer": [4]}
    assert guest.state() == [Array(4), Array(2), Array(3)]


def test_the_generator_of_unseeded_draws_is_read(
    guest: Guest, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"global_seed_generator": SimpleNamespace(state=variable("global"))}
    state = SimpleNamespace(get_global_attribute=known.get)
    monkeypatch.setitem(sys.modules, "keras.src.backend.common.global_state", state)
    assert guest.state() == [Array("global")]


# Sessions of TensorFlow 1


def test_all_variables_are_read_and_those_without_a_value_are_named(
    guest: Guest, session: Any
) -> None:
    opened = session(w=1, adam=2, local=None, step=3)
    assert guest.state() == [Array(2), b"local", Array(3), Array(1)]
    opened.values["local"] = 4
    assert guest.state() == [Array(2), Array(4), Array(3), Array(1)]


def test_a_session_with_too_many_variables_without_a_value_is_not_read(
    guest: Guest, session: Any
) -> None:
    session(**{f"w{number}": None for number in range(100)})
    with pytest.raises(FailedPreconditionError):
        guest.state()


def test_a_closed_session_gives_what_it_had(guest: Guest, session: Any) -> None:
    session(w=1, adam=2).close()
    session().close()
    (value,) = guest.state()
    assert value.digest() == agent("digest").hash_of([Array(1)]).digest()


def test_nothing_is_read_while_a_session_runs(guest: Guest, session: Any) -> None:
    opened = session(w=1)
    with pytest.raises(RuntimeError, match="running"):
        opened.run(guest.state)
    assert guest.state() == [Array(1)]


# Theano and NumPy


def test_generators_among_the_shared_variables_are_read(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SharedVariable:
        def __init__(self, value: object) -> None:
            self.get_value = lambda borrow: value

    monkeypatch.setattr(agent("frameworks.remembered"), "MOST_OBJECTS", 3)
    hook("with_shared", guest, SharedVariable=SharedVariable)
    bits = SimpleNamespace(state={"key": Array(2)})
    kept = [
        SharedVariable(Array(1)),
        SharedVariable(SimpleNamespace(get_state=lambda: ("MT", Array(3), 4))),
        SharedVariable(SimpleNamespace(bit_generator=bits)),
    ]
    state = guest.state()
    assert [value for value in state if isinstance(value, Array)] == [Array(1), Array(3), Array(2)]
    bits.state = {"key": Array(5)}
    assert guest.state() != state
    kept.append(SharedVariable(Array(6)))
    with pytest.raises(RuntimeError, match="too many"):
        guest.state()


def test_numpys_generator_is_read_and_not_drawn_from(guest: Guest) -> None:
    states = [("MT19937", Array(1), 5, 0, 0.0), ("MT19937", Array(1), 6, 0, 0.0)]
    hook("with_numpy", guest, seed=id, get_state=lambda: states.pop())
    assert guest.around() != guest.around()


# PyTorch


def test_pytorchs_generators_are_read_without_waking_the_devices(guest: Guest) -> None:
    awake = [False]
    cuda = SimpleNamespace(
        is_initialized=lambda: awake[0], get_rng_state_all=lambda: [Tensor("device")]
    )
    names: dict[str, Any] = dict.fromkeys(("manual_seed", "set_num_threads", "seed"), id)
    names |= {"random": SimpleNamespace(), "get_rng_state": lambda: Tensor("host")}
    hook("with_torch", guest, cuda=cuda, **names)
    assert guest.around() == [Array("host")]
    awake[0] = True
    assert guest.around() == [Array("host"), Array("device")]


def test_modules_are_read_with_buffers_that_are_not_saved(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Module:
        def modules(self) -> list["Module"]:
            return [self]

        def state_dict(self) -> dict[str, Tensor]:
            return {"weight": Tensor(1)}

        def buffers(self) -> list[Tensor]:
            return [Tensor(2)]

    monkeypatch.setattr(agent("frameworks.remembered"), "MOST_OBJECTS", 1)
    hook("with_torch_modules", guest, Module=Module)
    kept = [Module()]
    assert guest.state() == [Array(1), Array(2)]
    kept.append(Module())
    with pytest.raises(RuntimeError, match="too many"):
        guest.state()


def test_what_optimizers_keep_is_read_as_long_as_they_are_there(
    guest: Guest, optimizer: Any
) -> None:
    kept = optimizer()
    first = guest.around()
    kept.state[kept.parameter] = {"step": 1, "history": [Tensor(2)]}
    second = guest.around()
    assert Array(2) in second
    kept.param_groups[0]["lr"] = 0.01
    assert first != second != guest.around()
    del kept
    gc.collect()
    assert guest.around() == []
