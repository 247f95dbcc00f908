"""PyTorch: steps of optimizers, and what they keep from one to the next."""

from weakref import WeakKeyDictionary

from trainwreck_agent.frameworks import after_init, before_call, pieces
from trainwreck_agent.frameworks.with_torch_modules import as_array


def after_import(module, guest):
    """Count every optimizer's steps; those that are still there are read with the models."""
    made = WeakKeyDictionary()

    def stepped(*_args):
        # The compiler would follow us, and what it compiles must be the program's.
        if not _is_compiling(module):
            guest.work.count("optimizer steps")

    after_init(module.Optimizer, lambda optimizer: made.setdefault(optimizer, True))
    guest.digest.surround(lambda: _values(list(made)))
    if hasattr(module, "register_optimizer_step_post_hook"):
        module.register_optimizer_step_post_hook(stepped)
    else:
        _before_steps(module.Optimizer, stepped)


def _is_compiling(module):
    compiler = getattr(module.torch, "compiler", None)
    return hasattr(compiler, "is_compiling") and compiler.is_compiling()


def _before_steps(base, act):
    """PyTorch 1: every class has a step of its own, and may call that of the class above."""
    hooked, inside = set(), set()

    def hook(optimizer):
        for kind in type(optimizer).__mro__:
            if kind is not base and "step" in vars(kind) and kind not in hooked:
                hooked.add(kind)
                before_call(kind, "step", act, inside)

    after_init(base, hook)


def _values(optimizers):
    """Settings of each group, such as the rate, and the state of each parameter."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            yield from pieces({k: _read(group[k]) for k in group if k != "params"})
            for parameter in group["params"]:
                yield from pieces(_read(optimizer.state.get(parameter)))


def _read(value):
    """The same with arrays for tensors."""
    if isinstance(value, dict):
        return {key: _read(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [_read(part) for part in value]
    return as_array(value) if hasattr(value, "detach") else value
