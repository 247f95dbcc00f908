"""Keras 3: remembers the models that the program creates."""

import sys

from trainwreck_agent.frameworks import after_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember each model when its trainer is initialised, which every kind of model has."""
    after_init(module.Trainer, lambda model: guest.digest.remember(model, _parameters, _everything))
    guest.digest.surround(_seed)


def _parameters(model: "Any") -> "list[Any]":
    return _values(model.weights)


def _everything(model: "Any") -> "list[Any]":
    """Return all variables, with seeds and those of the optimizer.

    During training on JAX, they are in the model's state instead.
    """
    import numpy

    state = getattr(model, "_jax_state", None)
    if state:
        return [numpy.asarray(value) for name in sorted(state) for value in state[name] or ()]
    optimizer: "Any" = getattr(model, "optimizer", None)
    built = getattr(optimizer, "built", False)
    return _values(list(model.variables) + list(optimizer.variables if built else ()))


def _seed() -> "list[Any]":
    """Return the state of the generator that serves draws without a seed, if it exists."""
    state = sys.modules["keras.src.backend.common.global_state"]
    generator = state.get_global_attribute("global_seed_generator")
    return _values([generator.state]) if generator is not None else []


def _values(variables: "list[Any]") -> "list[Any]":
    """Return the values that exist: to ask a variable without one would draw a random number."""
    import numpy

    with_value = [v for v in variables if getattr(v, "_value", v) is not None]
    return [numpy.asarray(variable.value) for variable in with_value]
