"""Keras 3: remembers the models that the program creates, and all layers."""

import sys
import weakref

from trainwreck_agent.frameworks import after_init
from trainwreck_agent.frameworks.remembered import Remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember each model when its trainer is initialised, which every kind of model has.

    Layers have the values: a model that builds itself again may leave another behind, which has
    the same layers.
    """
    created: "list[weakref.ref[Any]]" = []
    layers = Remembered(guest.digest, "keras", _own, _value_then, _parts)

    def models() -> "list[Any]":
        return [model for model in (reference() for reference in created) if model is not None]

    def read_kept(kept: "list[Any]") -> "Iterator[Any] | None":
        is_kept = {id(layer) for layer in kept}
        if len(models()) < len(created) or any(id(model) not in is_kept for model in models()):
            return None
        return (value for model in models() for value in _values(model.weights))

    def read_all(_models: "Any") -> "Iterator[Any]":
        for model in models():
            yield from _everything(model)
        yield from layers.gone()

    layers.when_used(
        lambda: guest.digest.remember(
            layers, lambda _: layers.read(read_kept), read_all, layers.covers
        )
    )
    layers.watch(sys.modules["keras.src.layers.layer"].Layer)
    after_init(module.Trainer, lambda model: created.append(weakref.ref(model)))
    guest.digest.surround(_seed)


def _own(layer: "Any") -> "list[Any]":
    """Return the variables with a value of a layer, without those of its parts."""
    variables = vars(layer).get("_trainable_variables", [])
    return _with_value(list(variables) + list(vars(layer).get("_non_trainable_variables", [])))


def _parts(layer: "Any") -> "list[Any]":
    return list(vars(layer).get("_layers", ()))


def _value_then(variable: "Any") -> "Any":
    """Return a variable's value at any point of the program, also while it builds a graph."""
    import numpy

    tensorflow: "Any" = sys.modules.get("tensorflow")
    if not hasattr(tensorflow, "init_scope"):
        return numpy.asarray(variable.value)
    with tensorflow.init_scope():
        return numpy.asarray(variable.value)


def _everything(model: "Any") -> "Iterator[Any]":
    """Return all variables, with seeds and those of the optimizer.

    During training on JAX, they are in the model's state instead.
    """
    import numpy

    state = getattr(model, "_jax_state", None)
    if state:
        return (numpy.asarray(value) for name in sorted(state) for value in state[name] or ())
    optimizer: "Any" = getattr(model, "optimizer", None)
    built = getattr(optimizer, "built", False)
    return _values(list(model.variables) + list(optimizer.variables if built else ()))


def _seed() -> "list[Any]":
    """Return the state of the generator that serves draws without a seed, if it exists."""
    state = sys.modules["keras.src.backend.common.global_state"]
    generator = state.get_global_attribute("global_seed_generator")
    return list(_values([generator.state])) if generator is not None else []


def _values(variables: "list[Any]") -> "Iterator[Any]":
    import numpy

    return (numpy.asarray(variable.value) for variable in _with_value(variables))


def _with_value(variables: "list[Any]") -> "list[Any]":
    """Leave out variables without a value: to ask for it would draw a random number."""
    return [v for v in variables if getattr(v, "_value", v) is not None]
