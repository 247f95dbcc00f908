"""Flax NNX: remembers the modules that the program creates."""

import sys

from trainwreck_agent.frameworks.jax_updates import array_of
from trainwreck_agent.frameworks.remembered import Remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from trainwreck_agent.guest import Guest

OWN, OPTIMIZER = "flax.nnx.", "Optimizer"


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember each object that the program creates; copies within a trace have no values."""
    base = getattr(module, "Pytree", None) or module.Object
    modules = Remembered(guest.digest, "flax", _own, _value, _parts)

    def read(_model: "Any") -> "Iterable[Any]":
        return modules.read(lambda _: None)

    modules.hash_at_end_of(base)
    modules.when_used(
        lambda: guest.digest.remember(modules, read, None, modules.covers, decides=False)
    )
    construct = type(base).__call__

    def construct_and_remember(kind: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        created = construct(kind, *args, **kwargs)
        modules.add(created)
        if _is_optimizer(kind):
            # Its moments are variables like those of modules: together they decide what follows.
            guest.digest.allow_checkpoint()
        return created

    type(base).__call__ = construct_and_remember


def _is_optimizer(kind: "Any") -> bool:
    return any(base.__name__ == OPTIMIZER and OWN in base.__module__ for base in kind.__mro__)


def _own(value: "Any") -> "list[Any]":
    """Return the variables with values of an object, without those of random generators."""
    variables = [part for part in _members(value) if _is_variable(part)]
    return [variable for variable in variables if _is_value(variable.get_raw_value())]


def _is_variable(value: "Any") -> bool:
    return hasattr(value, "get_raw_value") and not isinstance(value, type)


def _is_value(value: "Any") -> bool:
    return (
        hasattr(value, "dtype")
        and isinstance(value, sys.modules["jax"].Array)
        and not (isinstance(value, sys.modules["jax"].core.Tracer))
    )


def _value(variable: "Any") -> "Any":
    return array_of(variable.get_raw_value())


def _parts(value: "Any") -> "list[Any]":
    return [part for part in _members(value) if not _is_variable(part)]


def _members(value: "Any") -> "list[Any]":
    return [member for name, member in sorted(vars(value).items()) if "__" not in name]
