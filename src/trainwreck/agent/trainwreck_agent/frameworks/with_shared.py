"""Theano and PyTensor: remembers the shared variables that the program created."""

import weakref

from trainwreck_agent.frameworks import after_init, pieces
from trainwreck_agent.frameworks.remembered import Remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember the containers of the shared variables as one model, in order of creation.

    A compiled function keeps and updates a variable's container, not the variable. Compiling also
    clones variables, and a container counts once for each variable that has it.
    """
    containers = Remembered(guest.digest, "shared variables", _own, _array, lambda _: ())
    created: "list[weakref.ref[Any]]" = []

    def read_kept(kept: "list[Any]") -> "list[Any]":
        is_kept = {id(container) for container in kept}
        of_variables = [reference() for reference in created]
        return [
            _array(part)
            for container in of_variables
            if id(container) in is_kept
            for part in _own(container)
        ]

    def read_all(_model: "Any") -> "Iterator[Any]":
        for container in containers.alive():
            yield from _everything(container)
        yield from containers.gone()

    def remember(variable: "Any") -> None:
        container = getattr(variable, "container", variable)
        containers.add(container)
        created.append(weakref.ref(container))

    containers.when_used(
        lambda: guest.digest.remember(
            containers, lambda _: containers.read(read_kept), read_all, containers.covers
        )
    )
    after_init(module.SharedVariable, remember)


def _own(container: "Any") -> "list[Any]":
    return [container] if _array(container) is not None else []


def _array(container: "Any") -> "Any":
    """Return the value of a container if it is an array, in memory or on a device."""
    import numpy

    value = _value(container)
    if type(value).__module__.startswith("pygpu"):
        return numpy.asarray(value)
    return value if isinstance(value, (numpy.ndarray, numpy.generic)) else None


def _value(container: "Any") -> "Any":
    if hasattr(container, "get_value"):  # A variable of another kind, without a container.
        return container.get_value(borrow=True)
    return container.value


def _everything(container: "Any") -> "Iterator[Any]":
    """Yield the state, also that of a NumPy generator, which is a shared variable too."""
    array = _array(container)
    value = _value(container) if array is None else array
    if hasattr(value, "bit_generator"):
        value = value.bit_generator.state
    elif hasattr(value, "get_state"):
        value = value.get_state()
    yield from pieces(value)
