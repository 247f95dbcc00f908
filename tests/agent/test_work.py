"""What the agent counts of a program's work, on small stand-ins for its frameworks."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from stand_ins import Guest, Optimizer, agent, hook, optimizers, sessions, stand_in

INSIDE: set[int] = set()


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


# The counts themselves


def test_work_is_counted_by_name_and_begins_again() -> None:
    work = agent("work").Work()
    assert work.read() == {}
    for name in ("batches", "epochs", "batches"):
        work.count(name)
    counts = work.read()
    work.count("epochs")
    assert counts == {"batches": 2, "epochs": 1}
    assert work.read() == {"batches": 2, "epochs": 2}
    work.restart()
    assert work.read() == {}


def test_a_hooked_method_looks_as_before_and_fails_as_before() -> None:
    class Kind:
        def divide(self, left: int, right: int = 1) -> float:
            """Of two numbers."""
            return left / right

    seen: list[object] = []
    for inside in (None, INSIDE):
        agent("frameworks").before_call(Kind, "divide", lambda _, *a: seen.append(a), inside)
        assert (Kind.divide.__name__, Kind.divide.__doc__) == ("divide", "Of two numbers.")
        assert Kind().divide(4, right=2) == 2
        with pytest.raises(ZeroDivisionError):
            Kind().divide(1, 0)
    assert Counter(map(repr, seen)) == {"(4,)": 3, "(1, 0)": 3}


# Keras


def test_keras_3_tells_its_list_of_batches_and_epochs(guest: Guest) -> None:
    class CallbackList:
        def on_train_batch_end(self, batch: int, logs: object = None) -> int:
            return batch

        def on_epoch_end(self, epoch: int, logs: object = None) -> None: ...

    class Special(CallbackList):
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            super().on_epoch_end(epoch, logs=logs)

    hook("with_callbacks", guest, CallbackList=CallbackList, __name__=__name__)
    for callbacks in (CallbackList(), Special()):
        assert [callbacks.on_train_batch_end(batch, logs={}) for batch in range(3)] == [0, 1, 2]
        callbacks.on_epoch_end(0)
    assert guest.work.read() == {"batches": 6, "epochs": 2}


def test_keras_2_tells_its_list_in_two_ways_and_each_batch_counts_once(guest: Guest) -> None:
    class CallbackList:
        def _call_batch_hook(self, mode: str, hook: str, batch: int, logs: object = None) -> None:
            if mode == "fail":
                raise ValueError(mode)

        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            self._call_batch_hook("train", "end", batch, logs=logs)

        def on_epoch_end(self, epoch: int) -> None: ...

    hook("with_callbacks", guest, CallbackList=CallbackList, __name__=__name__)
    callbacks = CallbackList()
    for mode in ("train", "test", "predict"):
        for when in ("begin", "end"):
            callbacks._call_batch_hook(mode, when, 0, {})
    assert guest.work.read() == {"batches": 1}
    with pytest.raises(ValueError, match="fail"):
        callbacks._call_batch_hook("fail", "end", 0)
    callbacks.on_train_batch_end(1)
    assert guest.work.read() == {"batches": 2}


def test_the_oldest_keras_has_only_one_kind_of_batch(guest: Guest) -> None:
    class CallbackList:
        def on_batch_end(self, batch: int) -> None: ...

        def on_epoch_end(self, epoch: int) -> None: ...

    hook("with_callbacks", guest, CallbackList=CallbackList, __name__=__name__)
    CallbackList().on_batch_end(0)
    assert guest.work.read() == {"batches": 1}


@pytest.mark.parametrize("file", ["with_callbacks", "with_functions"])
def test_a_class_is_hooked_where_it_is_defined_only(guest: Guest, file: str) -> None:
    other = type("Function", (), {"__module__": "another", "__call__": len})
    hook(file, guest)
    hook(file, guest, CallbackList=other, Function=other)
    assert other.__call__ is len


# Sessions of TensorFlow 1


def test_runs_of_the_program_are_counted_and_those_of_the_agent_are_not(
    guest: Guest, session: Any
) -> None:
    opened = session(w=1)
    assert opened.run([SimpleNamespace(name="w")], feed={}) == [1]
    guest.state()
    opened.close()
    assert guest.work.read() == {"session runs": 1}


# Theano and NumPy


def test_calls_of_compiled_functions_are_counted(guest: Guest) -> None:
    class Function:
        def __call__(self, *inputs: int, **named: int) -> int:
            return sum(inputs) + sum(named.values())

    hook("with_functions", guest, Function=Function, __name__=__name__)
    function = Function()
    assert (function(1, 2), function(1, x=4)) == (3, 5)
    assert guest.work.read() == {"function calls": 2}


# PyTorch


def test_steps_are_counted_by_a_hook_but_not_while_they_are_compiled(guest: Guest) -> None:
    hooks: list[Any] = []
    compiling = [False]
    torch = SimpleNamespace(compiler=SimpleNamespace(is_compiling=lambda: compiling[0]))
    kind = type("Optimizer", (Optimizer,), {})
    names = {"register_optimizer_step_post_hook": hooks.append}
    hook("with_torch_optimizers", guest, torch=torch, Optimizer=kind, **names)
    (told,) = hooks
    assert told(kind(), (), {}) is None
    compiling[0] = True
    told(kind(), (), {})
    assert guest.work.read() == {"optimizer steps": 1}


def test_steps_of_every_class_of_older_optimizers_count_once(guest: Guest, optimizer: Any) -> None:
    class Momentum(optimizer):  # type: ignore[misc]
        def step(self, closure: object = None) -> object:
            return closure

    class Nesterov(Momentum):
        def step(self, closure: object = None) -> object:
            return super().step(closure)

    for kind in (Nesterov, Momentum, Nesterov):
        assert kind().step(closure=5) == 5
    assert guest.work.read() == {"optimizer steps": 3}
