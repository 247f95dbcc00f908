"""Stand-ins for frameworks: as much of arrays, sessions and optimizers as the agent asks for."""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from guest import AGENT


class Array:
    """As much of an array as the agent reads."""

    dtype = "object"
    shape = ()

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Array) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]

    def tobytes(self) -> bytes:
        return repr(self.value).encode()


class Tensor(Array):
    """A tensor is read by the same steps as in PyTorch; every one but the last gives a tensor."""

    tobytes = None  # type: ignore[assignment]

    def detach(self, *_: object) -> "Tensor":
        return self

    cpu = contiguous = flatten = view = detach

    def numpy(self) -> Array:
        return Array(self.value)


class Guest:
    """Keeps what it is told to remember, and counts."""

    is_open = True
    sources = None

    def __init__(self) -> None:
        self.order = {"seed": 1, "threads": 1}
        self.entropy = agent("entropy").Entropy(1, "", (), main=True)
        self.work = agent("work").Work()
        self.digest = self
        self.models: list[tuple[Any, Any]] = []
        self.readers: list[Callable[[], Any]] = []

    def remember(
        self, model: object, read: object, read_all: object = None, covers: object = None
    ) -> None:
        self.models.append((model, read_all or read))

    def when_forked(self, _forget: Callable[[], None]) -> None:
        """It never forks."""

    def surround(self, read: Callable[[], Any]) -> None:
        self.readers.append(read)

    def state(self) -> list[Any]:
        """Everything that decides how training goes on."""
        return [v for model, read in self.models for v in read(model)] + self.around()

    def around(self) -> list[Any]:
        return [value for read in self.readers for value in read()]


def agent(name: str) -> Any:
    return importlib.import_module(f"trainwreck_agent.{name}")


def hook(name: str, guest: Guest, **names: object) -> Any:
    """Return a module with these names, after whose import a framework's file has acted."""
    module = ModuleType(__name__)
    vars(module).update(names)
    agent(f"frameworks.{name}").after_import(module, guest)
    return module


def stand_in(patch: pytest.MonkeyPatch) -> None:
    """The agent can be imported, and so can as much of NumPy and PyTorch as it asks for."""
    patch.syspath_prepend(str(AGENT))
    numpy, torch = ModuleType("numpy"), ModuleType("torch")
    vars(numpy).update(ndarray=Array, generic=Array, asarray=Array)
    vars(torch).update(uint8="bytes")
    patch.setitem(sys.modules, "numpy", numpy)
    patch.setitem(sys.modules, "torch", torch)


class FailedPreconditionError(Exception):
    """Some variable has no value."""


def sessions(guest: Guest) -> Any:
    """A class of sessions that the guest has hooked; trainable variables begin with ``w``."""

    class BaseSession:
        def __init__(self, **values: object) -> None:
            self.values = values
            self.graph = self
            self.closed = False

        def get_collection(self, name: str) -> list[SimpleNamespace]:
            names = [n for n in self.values if name == "variables" or n.startswith("w")]
            return [SimpleNamespace(name=name) for name in names]

        def run(self, fetched: Any, feed: object = None) -> Any:
            if callable(fetched):
                return fetched()
            if self.closed:
                raise RuntimeError("closed")
            values = [self.values[variable.name] for variable in fetched]
            if None in values:
                raise FailedPreconditionError
            return values

        def close(self) -> None:
            self.closed = True

    hook("with_session", guest, BaseSession=BaseSession)
    return BaseSession


class Optimizer:
    """One group with one parameter."""

    def __init__(self, rate: float = 0.1) -> None:
        self.parameter = object()
        self.param_groups: list[Any] = [{"lr": rate, "params": [self.parameter]}]
        self.state: dict[object, Any] = {}


def optimizers(guest: Guest) -> Any:
    """A class of optimizers of a PyTorch that has no such hook."""
    kind = type("Optimizer", (Optimizer,), {"step": lambda _: None})
    hook("with_torch_optimizers", guest, torch=ModuleType("torch"), Optimizer=kind)
    return kind
