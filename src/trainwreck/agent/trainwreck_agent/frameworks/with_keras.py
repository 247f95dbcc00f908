"""Keras 3: the models that the program makes."""

import sys

from trainwreck_agent.frameworks import after_init


def after_import(module, guest):
    """Remember each model when its trainer part is initialised, which every kind of model does."""
    after_init(module.Trainer, lambda model: guest.digest.remember(model, _parameters, _everything))
    guest.digest.surround(_seed)


def _parameters(model):
    return _values(model.weights)


def _everything(model):
    """With seeds and the optimizer's variables; on JAX they are elsewhere during training."""
    import numpy

    state = getattr(model, "_jax_state", None)
    if state:
        return [numpy.asarray(value) for name in sorted(state) for value in state[name] or ()]
    optimizer = getattr(model, "optimizer", None)
    built = getattr(optimizer, "built", False)
    return _values(list(model.variables) + list(optimizer.variables if built else ()))


def _seed():
    """The generator of whatever is drawn without a seed, if there is one yet."""
    state = sys.modules["keras.src.backend.common.global_state"]
    generator = state.get_global_attribute("global_seed_generator")
    return _values([generator.state]) if generator is not None else []


def _values(variables):
    """A variable without a value yet would draw one if it were asked."""
    import numpy

    known = [v for v in variables if getattr(v, "_value", v) is not None]
    return [numpy.asarray(variable.value) for variable in known]
