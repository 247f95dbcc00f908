"""One small file per framework: what to do right after its import.

To add one, write ``after_import(module, guest)`` in a file here and name it below. It may seed
(``guest.order["seed"]``), set threads (``guest.order["threads"]``), have models remembered
(``guest.digest.remember``) and generators (``guest.digest.surround``), and count work
(``guest.work.count``). It must draw no random number and ask nothing of a device.
"""

import functools

HANDLERS = {
    "numpy": "with_numpy",
    "tensorflow": "with_tensorflow",
    "tensorflow.python.client.session": "with_session",
    "tensorflow_core.python.client.session": "with_session",
    "theano.compile.sharedvalue": "with_shared",
    "pytensor.compile.sharedvalue": "with_shared",
    "theano.compile.function_module": "with_functions",
    "pytensor.compile.function.types": "with_functions",
    "pytensor.compile.executor": "with_functions",
    "torch": "with_torch",
    "torch.nn.modules.module": "with_torch_modules",
    "torch.optim.optimizer": "with_torch_optimizers",
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


def after_init(kind, act):
    """Have ``act`` called with every object of a class right after it was initialised."""
    initialise = kind.__init__

    @functools.wraps(initialise)
    def initialise_and_act(self, *args, **kwargs):
        result = initialise(self, *args, **kwargs)
        act(self)
        return result

    kind.__init__ = initialise_and_act


def before_call(kind, name, act, inside=None):
    """Have ``act`` called with the object and the arguments before each call of a method.

    Methods that share the set ``inside`` are one: what they call of each other on the same object
    is left out.
    """
    method = getattr(kind, name)

    @functools.wraps(method)
    def act_and_call(self, *args, **kwargs):
        act(self, *args)
        return method(self, *args, **kwargs)

    @functools.wraps(method)
    def act_and_call_outermost(self, *args, **kwargs):
        if id(self) in inside:
            return method(self, *args, **kwargs)
        inside.add(id(self))
        try:
            return act_and_call(self, *args, **kwargs)
        finally:
            inside.discard(id(self))

    setattr(kind, name, act_and_call if inside is None else act_and_call_outermost)


def pieces(state):
    """Arrays and bytes of a nested state; the same state always gives the same ones."""
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
