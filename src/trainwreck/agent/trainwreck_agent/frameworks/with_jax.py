"""JAX: finds the parameters in what the program's compiled functions return."""

import functools
import sys
import weakref

from trainwreck_agent.frameworks.jax_updates import Compiled, Updates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest

LIBRARIES = ("site-packages", "dist-packages")
OPTAX, EQUINOX, EQUINOX_JIT = "optax", "equinox", "equinox._jit"


def after_import(module: "Any", guest: "Guest") -> None:
    """Watch the functions that the program compiles, those that update parameters, or both."""
    jax: "Any" = sys.modules["jax"]
    updates = vars(guest).setdefault("jax_updates", Updates(jax, guest))
    if module.__name__ == EQUINOX_JIT:
        _watch_calls(module, updates)
    elif module.__name__ in (OPTAX, EQUINOX):
        _watch_updates(module, updates)
    else:
        _watch_jit(module, updates)


def _watch_jit(jax: "Any", updates: "Updates") -> None:
    """Hand out compiled functions of the program, not of libraries, in the agent's cover."""
    jit = jax.jit

    @functools.wraps(jit)
    def jit_and_watch(*args: "Any", **kwargs: "Any") -> "Any":
        jitted = jit(*args, **kwargs)
        if _is_library(sys._getframe(1).f_code.co_filename):
            return jitted
        if args or "fun" in kwargs:
            return Compiled(jitted, updates, jitted.__wrapped__)
        return lambda function: Compiled(jitted(function), updates, function)

    jax.jit = jit_and_watch


def _is_library(path: str) -> bool:
    return any(folder in path for folder in LIBRARIES) or path.startswith("<frozen")


def _watch_updates(module: "Any", updates: "Updates") -> None:
    apply_updates = module.apply_updates

    @functools.wraps(apply_updates)
    def apply_and_take(*args: "Any", **kwargs: "Any") -> "Any":
        parameters = apply_updates(*args, **kwargs)
        updates.updated(parameters)
        return parameters

    module.apply_updates = apply_and_take


def _watch_calls(module: "Any", updates: "Updates") -> None:
    """Watch the calls of the functions that Equinox compiles; what they keep goes with them."""
    call = module._call
    watched: "dict[int, tuple[Any, Compiled]]" = {}

    def watched_call(wrapper: "Any") -> "Compiled":
        key = id(wrapper)
        if key not in watched:
            reference = weakref.ref(wrapper, lambda _: watched.pop(key, None))
            watched[key] = reference, Compiled(call, updates, wrapper._cached)
        return watched[key][1]

    def call_and_take(wrapper: "Any", is_lower: bool, args: "Any", kwargs: "Any") -> "Any":
        function = call if is_lower else watched_call(wrapper)
        return function(wrapper, is_lower, args, kwargs)

    module._call = call_and_take
