"""Theano and PyTensor: remembers the shared variables that the program created."""

from trainwreck_agent.frameworks import after_init, pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from trainwreck_agent.guest import Guest

MOST_VARIABLES = 4096


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember the shared variables as one model, in order of creation."""
    created: "list[Any]" = []
    dropped: "list[bool]" = []

    def remember(variable: "Any") -> None:
        if not created:
            guest.digest.remember(created, _values, everything)
        if len(created) < MOST_VARIABLES:
            created.append(variable)
        else:
            dropped[:] = [True]

    def everything(_created: "Any") -> "Iterator[Any]":
        if dropped:
            raise RuntimeError("too many shared variables")
        return _everything(created)

    after_init(module.SharedVariable, remember)


def _values(created: "list[Any]") -> "list[Any]":
    import numpy

    values = [variable.get_value(borrow=True) for variable in created]
    return [value for value in values if isinstance(value, (numpy.ndarray, numpy.generic))]


def _everything(created: "list[Any]") -> "Iterator[Any]":
    """Yield all states, also those of NumPy generators, which are shared variables too."""
    for variable in created:
        value = variable.get_value(borrow=True)
        if hasattr(value, "bit_generator"):
            value = value.bit_generator.state
        elif hasattr(value, "get_state"):
            value = value.get_state()
        yield from pieces(value)
