"""PyTorch: counts steps of optimizers, and reads their state."""

from weakref import WeakKeyDictionary

from trainwreck_agent.frameworks import after_init, before_call, pieces
from trainwreck_agent.frameworks.raw_tensors import as_array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Count the steps of every optimizer, and read those that still exist with the models."""
    created: "WeakKeyDictionary[Any, bool]" = WeakKeyDictionary()

    def stepped(*_args: "Any") -> None:
        # The compiler would include the agent's code in what it compiles.
        if not _is_compiling(module):
            guest.work.count("optimizer steps")

    after_init(module.Optimizer, lambda optimizer: created.setdefault(optimizer, True))
    guest.digest.surround(lambda: _values(list(created)))
    if hasattr(module, "register_optimizer_step_post_hook"):
        module.register_optimizer_step_post_hook(stepped)
    else:
        _before_steps(module.Optimizer, stepped)


def _is_compiling(module: "Any") -> bool:
    compiler: "Any" = getattr(module.torch, "compiler", None)
    return hasattr(compiler, "is_compiling") and bool(compiler.is_compiling())


def _before_steps(base: "Any", act: "Callable[..., object]") -> None:
    """Call ``act`` before each step of an optimizer in PyTorch 1.

    Each class has a ``step`` of its own, which may call that of its base.
    """
    hooked: "set[Any]" = set()
    inside: "set[int]" = set()

    def hook(optimizer: "Any") -> None:
        for kind in type(optimizer).__mro__:
            if kind is not base and "step" in vars(kind) and kind not in hooked:
                hooked.add(kind)
                before_call(kind, "step", act, inside)

    after_init(base, hook)


def _values(optimizers: "list[Any]") -> "Iterator[Any]":
    """Yield the settings of each group, such as the rate, and the state of each parameter."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            yield from pieces({k: _read(group[k]) for k in group if k != "params"})
            for parameter in group["params"]:
                yield from pieces(_read(optimizer.state.get(parameter)))


def _read(value: "Any") -> "Any":
    """Return a state with arrays instead of tensors."""
    if isinstance(value, dict):
        return {key: _read(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [_read(part) for part in value]
    return as_array(value) if hasattr(value, "detach") else value
