"""Theano and PyTensor: the shared variables that the program made."""

from trainwreck_agent.frameworks import after_init

MOST_VARIABLES = 4096


def after_import(module, guest):
    """Remember the shared variables as one model, in the order in which they were made."""
    made = []

    def remember(variable):
        if not made:
            guest.digest.remember(made, _values)
        if len(made) < MOST_VARIABLES:
            made.append(variable)

    after_init(module.SharedVariable, remember)


def _values(made):
    import numpy

    values = [variable.get_value(borrow=True) for variable in made]
    return [value for value in values if isinstance(value, (numpy.ndarray, numpy.generic))]
