"""Trains two recurrent networks, on the paths of three bugs that Keras had."""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers

SEED = int(sys.argv[1])


def sequences(size, seed):
    """Return sequences of numbers, and whether those with a mark have a positive sum."""
    draw = np.random.RandomState(seed)
    numbers, marks = draw.randn(size, 12), draw.rand(size, 12) < 0.3
    pairs = np.stack([numbers, marks], axis=-1).astype("float32")
    return pairs, ((numbers * marks).sum(axis=1) > 0).astype(int)


def trained(name, units):
    """Train a network of these units, and print the loss on other sequences after each epoch."""
    model = keras.Sequential([keras.Input((12, 2)), units, layers.Dense(2, "softmax")])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")

    def print_loss(epoch, logs):
        print(f"{name}: epoch {epoch} loss {logs['val_loss']:.6f}")

    shown = [keras.callbacks.LambdaCallback(on_epoch_end=print_loss)]
    options = {"batch_size": 50, "epochs": 6, "verbose": 0, "callbacks": shown}
    model.fit(*sequences(500, 0), validation_data=sequences(300, 1), **options)
    return model


keras.utils.set_random_seed(SEED)
gated = trained("gated", layers.GRU(12, dropout=0.05, recurrent_dropout=0.4))
simple = trained("simple", layers.SimpleRNN(12))
