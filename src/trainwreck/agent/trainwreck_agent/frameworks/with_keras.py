"""Keras 3: the models that the program makes."""

from trainwreck_agent.frameworks import after_init


def after_import(module, guest):
    """Remember each model when its trainer part is initialised, which every kind of model does."""
    after_init(module.Trainer, lambda model: guest.digest.remember(model, _parameters))


def _parameters(model):
    import numpy

    return [numpy.asarray(variable.value) for variable in model.weights]
