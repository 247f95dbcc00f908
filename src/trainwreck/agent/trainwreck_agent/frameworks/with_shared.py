"""Theano and PyTensor: the shared variables that the program made."""

import functools

MOST_VARIABLES = 4096


def after_import(module, guest):
    """Remember the shared variables as one model, in the order in which they were made."""
    variable = module.SharedVariable
    initialise = variable.__init__
    made = []

    @functools.wraps(initialise)
    def initialise_and_remember(self, *args, **kwargs):
        result = initialise(self, *args, **kwargs)
        if not made:
            guest.digest.remember(made, _values)
        if len(made) < MOST_VARIABLES:
            made.append(self)
        return result

    variable.__init__ = initialise_and_remember


def _values(made):
    import numpy

    values = [variable.get_value(borrow=True) for variable in made]
    return [value for value in values if isinstance(value, (numpy.ndarray, numpy.generic))]
