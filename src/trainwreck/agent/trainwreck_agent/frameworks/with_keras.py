"""Keras 3: the models that the program makes."""

import functools


def after_import(module, guest):
    """Remember each model when its trainer part is initialised, which every kind of model does."""
    trainer = module.Trainer
    initialise = trainer.__init__

    @functools.wraps(initialise)
    def initialise_and_remember(self, *args, **kwargs):
        guest.digest.remember(self, _parameters)
        return initialise(self, *args, **kwargs)

    trainer.__init__ = initialise_and_remember


def _parameters(model):
    import numpy

    return [numpy.asarray(variable.value) for variable in model.weights]
