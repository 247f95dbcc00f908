"""PyTorch: remembers the modules that the program created, loaded or copied."""

from trainwreck_agent.frameworks.raw_tensors import as_array, raw_array
from trainwreck_agent.frameworks.remembered import Remembered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember all modules as one model, as soon as there is a first one."""
    modules = Remembered(guest.digest, "torch", _own, raw_array, _parts)

    def read(_model: "Any") -> "Iterable[Any]":
        return modules.read(lambda kept: _values(_roots(kept)))

    def read_all(_model: "Any") -> "Iterator[Any]":
        yield from _everything(_roots(modules.alive()))
        yield from modules.gone()

    modules.when_used(lambda: guest.digest.remember(modules, read, read_all, modules.covers))
    modules.watch(module.Module)


def _own(module: "Any") -> "list[Any]":
    """Return parameters and saved buffers of a module without those of its submodules."""
    state = vars(module)
    unsaved = state.get("_non_persistent_buffers_set", ())
    tensors = list(state.get("_parameters", {}).values())
    buffers = state.get("_buffers", {}).items()
    tensors += [buffer for name, buffer in buffers if name not in unsaved]
    return [tensor for tensor in tensors if tensor is not None]


def _parts(module: "Any") -> "list[Any]":
    return list(vars(module).get("_modules", {}).values())


def _roots(alive: "list[Any]") -> "list[Any]":
    """Return the modules that are part of no other one."""
    parts = {id(part) for root in alive for part in root.modules() if part is not root}
    return [module for module in alive if id(module) not in parts]


def _values(roots: "list[Any]") -> "Iterator[Any]":
    return (as_array(tensor) for root in roots for tensor in root.state_dict().values())


def _everything(roots: "list[Any]") -> "Iterator[Any]":
    """Yield the saved values and all buffers, because ``state_dict`` omits some buffers."""
    yield from _values(roots)
    for root in roots:
        for buffer in root.buffers():
            yield as_array(buffer)
