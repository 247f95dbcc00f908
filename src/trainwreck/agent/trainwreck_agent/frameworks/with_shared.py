"""Theano and PyTensor: the shared variables that the program made."""

from trainwreck_agent.frameworks import after_init, pieces

MOST_VARIABLES = 4096


def after_import(module, guest):
    """Remember the shared variables as one model, in the order in which they were made."""
    made, dropped = [], []

    def remember(variable):
        if not made:
            guest.digest.remember(made, _values, everything)
        if len(made) < MOST_VARIABLES:
            made.append(variable)
        else:
            dropped[:] = [True]

    def everything(_made):
        if dropped:
            raise RuntimeError("too many shared variables")
        return _everything(made)

    after_init(module.SharedVariable, remember)


def _values(made):
    import numpy

    values = [variable.get_value(borrow=True) for variable in made]
    return [value for value in values if isinstance(value, (numpy.ndarray, numpy.generic))]


def _everything(made):
    """Generators of NumPy as well, which are shared variables of their own type."""
    for variable in made:
        value = variable.get_value(borrow=True)
        if hasattr(value, "bit_generator"):
            value = value.bit_generator.state
        elif hasattr(value, "get_state"):
            value = value.get_state()
        yield from pieces(value)
