"""One small file per framework: what to do right after its import.

To add one, write ``after_import(module, guest)`` in a file here and name it below. It may seed
(``guest.order["seed"]``), set threads (``guest.order["threads"]``), and have models remembered
(``guest.digest.remember``). It must draw no random number and ask nothing of a device.
"""

import functools

HANDLERS = {
    "numpy": "with_numpy",
    "tensorflow": "with_tensorflow",
    "tensorflow.python.client.session": "with_session",
    "tensorflow_core.python.client.session": "with_session",
    "theano.compile.sharedvalue": "with_shared",
    "pytensor.compile.sharedvalue": "with_shared",
    "torch": "with_torch",
    "torch.nn.modules.module": "with_torch_modules",
    "keras.src.trainers.trainer": "with_keras",
}


def after_init(kind, act):
    """Have ``act`` called with every object of a class right after it was initialised."""
    initialise = kind.__init__

    @functools.wraps(initialise)
    def initialise_and_act(self, *args, **kwargs):
        result = initialise(self, *args, **kwargs)
        act(self)
        return result

    kind.__init__ = initialise_and_act
