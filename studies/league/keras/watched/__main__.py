"""Runs `train.py` with the checks that come with Keras; each says in a line that it fired.

`python watched OPTIONS OF train.py`. What the training prints stays as it is without them.
"""

import os
import sys
import time

sys.path.insert(1, os.getcwd())

import keras  # noqa: E402
from keras.callbacks import TerminateOnNaN  # noqa: E402
from keras.src import testing  # noqa: E402

fit = keras.Model.fit
seconds = {}


class Timed(TerminateOnNaN):
    """The callback of Keras, with the seconds of processor that it takes."""

    def on_batch_end(self, batch, logs=None):
        """Look at the loss of a batch."""
        began = time.process_time()
        super().on_batch_end(batch, logs)
        add("terminate-on-nan", began)
        if self.model.stop_training:
            fire("terminate-on-nan", f"batch {batch}")


def add(name, began):
    """Add to the cost of a check what has passed since a moment."""
    seconds[name] = seconds.get(name, 0.0) + time.process_time() - began


def fire(name, why):
    """Say that a check raised an alarm, and why."""
    print(f"trainwreck-check: {name} fired", flush=True)
    print(f"alarm of {name}: {' '.join(str(why).split())[:300]}", flush=True)


def watched_fit(model, *arguments, **options):
    """Train with the callback, as its page shows."""
    return fit(model, *arguments, callbacks=[Timed()], **options)


def check_layers(model):
    """Run Keras' basic checks of a layer on each layer of the model, with its own settings."""
    case = testing.TestCase()
    case.setUp()
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        shapes = [tensor.shape for tensor in as_list(layer.input)]
        shapes = [(2, *shape[1:]) for shape in shapes]
        types = [tensor.dtype for tensor in as_list(layer.input)]
        case.run_layer_test(
            type(layer),
            layer.get_config(),
            input_shape=tuple(shapes) if len(shapes) > 1 else shapes[0],
            input_dtype=tuple(types) if len(types) > 1 else types[0],
        )


def as_list(tensors):
    """Return one tensor, or several, as a list."""
    return tensors if isinstance(tensors, list) else [tensors]


def run(name, check, *arguments):
    """Run a check; an exception is its alarm."""
    began = time.process_time()
    try:
        check(*arguments)
    except Exception as error:  # noqa: BLE001 (any failure is an alarm)
        fire(name, f"{type(error).__name__}: {error}")
    add(name, began)


keras.Model.fit = watched_fit

import train  # noqa: E402

keras.Model.fit = fit
run("layer-test", check_layers, train.model)
for name, cost in seconds.items():
    print(f"cost of {name}: {cost:.2f} s", file=sys.stderr)
