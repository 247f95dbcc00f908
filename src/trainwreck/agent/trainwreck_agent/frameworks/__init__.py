"""One small module per framework, which acts right after the framework's import.

To add a framework, write ``after_import(module, guest)`` in a file here and name it below. The
function may seed (``guest.order["seed"]``, or ``guest.entropy`` for what asks the operating system
for a seed) and set threads (``guest.order["threads"]``). It may remember models
(``remembered.Remembered`` where the program may drop them, otherwise ``guest.digest.remember``) and
generators (``guest.digest.surround``), and count work (``guest.work.count``). It must draw no
random number, use no device that the program does not use, and keep no object of the program alive.
"""

import contextlib
import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

HANDLERS = {
    "random": "with_random",
    "threading": "with_threading",
    "multiprocessing.process": "with_processes",
    "_pytest.assertion.rewrite": "with_pytest",
    "jax.random": "with_jax_random",
    "numpy.random": "with_numpy",
    "tensorflow": "with_tensorflow",
    "tensorflow.python.framework.random_seed": "with_tensorflow_seeds",
    "tensorflow_core.python.framework.random_seed": "with_tensorflow_seeds",
    "tensorflow.python.ops.stateful_random_ops": "with_tensorflow_generators",
    "tensorflow_core.python.ops.stateful_random_ops": "with_tensorflow_generators",
    "tensorflow.python.client.session": "with_session",
    "tensorflow_core.python.client.session": "with_session",
    "theano.compile.sharedvalue": "with_shared",
    "pytensor.compile.sharedvalue": "with_shared",
    "theano.compile.function_module": "with_functions",
    "pytensor.compile.function.types": "with_functions",
    "pytensor.compile.executor": "with_functions",
    "torch": "with_torch",
    "torch.multiprocessing.spawn": "with_torch_spawn",
    "torch.nn.modules.module": "with_torch_modules",
    "torch.optim.optimizer": "with_torch_optimizers",
    "sklearn.base": "with_sklearn",
    "jax": "with_jax",
    "optax": "with_jax",
    "equinox": "with_jax",
    "equinox._jit": "with_jax",
    "flax.nnx.pytreelib": "with_nnx",
    "flax.nnx.object": "with_nnx",
    "xgboost.core": "with_boosters",
    "lightgbm.basic": "with_boosters",
    "keras.src.trainers.trainer": "with_keras",
    "keras.src.callbacks.callback_list": "with_callbacks",
    "keras.src.callbacks": "with_callbacks",
    "keras.callbacks.callbacks": "with_callbacks",
    "keras.callbacks": "with_callbacks",
    "tf_keras.src.callbacks": "with_callbacks",
    "tensorflow.python.keras.callbacks": "with_callbacks",
    "tensorflow_core.python.keras.callbacks": "with_callbacks",
}
PLAIN = (int, float, complex, str, bytes, type(None))


def after_init(kind: "Any", act: "Callable[[Any], object]") -> None:
    """Call ``act`` with every object of a class right after it was initialised."""
    after_call(kind, "__init__", act)


def after_call(kind: "Any", name: str, act: "Callable[[Any], object]") -> None:
    """Call ``act`` with the object after each call of a method.

    Libraries that ask for the method's signature get its own, in both ways of asking.
    """
    import inspect  # Every framework imports it, and a program need not.

    method = getattr(kind, name)

    @functools.wraps(method)
    def call_and_act(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        result = method(self, *args, **kwargs)
        act(self)
        return result

    with contextlib.suppress(TypeError, ValueError):  # A method in C need not have a signature.
        call_and_act.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
    setattr(kind, name, call_and_act)


def before_end(kind: "Any", act: "Callable[[Any], object]") -> "Callable[[Any], None]":
    """Call ``act`` with every object of a class before anything of it goes.

    Within ``__del__`` an object still has all its attributes, also where the garbage collector
    removes it with others. Call the returned function with the class of each new object: a class
    may have a ``__del__`` of its own, which need not call that of its base.
    """

    def hook(owner: "Any") -> "Any":
        end = vars(owner).get("__del__")

        def act_and_end(self: "Any") -> None:
            with contextlib.suppress(Exception):
                act(self)
            if end is not None:
                end(self)
            elif owner is kind:
                _inherited_end(kind, self)

        if end is not None:
            act_and_end = functools.wraps(end)(act_and_end)
        act_and_end.acts = act  # type: ignore[attr-defined]
        owner.__del__ = act_and_end

    def hook_all(owner: "Any") -> None:
        for base in owner.__mro__[: owner.__mro__.index(kind)] if kind in owner.__mro__ else ():
            end = vars(base).get("__del__")
            if end is not None and getattr(end, "acts", None) is not act:
                hook(base)

    hook(kind)
    return hook_all


def _inherited_end(kind: "Any", value: "Any") -> None:
    end = getattr(super(kind, value), "__del__", None)
    if end is not None:
        end()


def before_call(
    kind: "Any", name: str, act: "Callable[..., object]", inside: "set[int] | None" = None
) -> None:
    """Call ``act`` with the object and the positional arguments before each call of a method.

    Methods that share the set ``inside`` count as one method. A call of one by another on the
    same object is left out.
    """
    method = getattr(kind, name)

    @functools.wraps(method)
    def act_and_call(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        act(self, *args)
        return method(self, *args, **kwargs)

    if inside is None:
        setattr(kind, name, act_and_call)
        return
    running = inside

    @functools.wraps(method)
    def act_and_call_outermost(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        if id(self) in running:
            return method(self, *args, **kwargs)
        running.add(id(self))
        try:
            return act_and_call(self, *args, **kwargs)
        finally:
            running.discard(id(self))

    setattr(kind, name, act_and_call_outermost)


def pieces(state: "Any") -> "Iterator[Any]":
    """Yield the arrays and bytes of a nested state, always in the same order."""
    if isinstance(state, dict):
        for key in sorted(state, key=str):
            yield ("%s=" % key).encode()
            yield from pieces(state[key])
    elif isinstance(state, (list, tuple)):
        yield b"["
        for part in state:
            yield from pieces(part)
    elif hasattr(state, "tobytes"):
        yield state
    else:
        text = repr(state) if isinstance(state, PLAIN) else type(state).__name__
        yield (text + ";").encode()
