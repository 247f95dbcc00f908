"""Trains a network with Adam, on the path of a bug that Keras had."""

import sys

import keras
import numpy as np
import tensorflow as tf

SEED = int(sys.argv[1])


def rings(size, seed):
    """Return noisy points on two rings, and the ring of each."""
    draw = np.random.RandomState(seed)
    angle, ring = draw.rand(size) * 2 * np.pi, draw.randint(0, 2, size)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 + ring)[:, None]
    return points + 0.2 * draw.randn(size, 2), ring


def print_loss(epoch, logs):
    """Print the loss on other data."""
    print("adam: epoch {} loss {:.6f}".format(epoch, logs["val_loss"]))


np.random.seed(SEED)
tf.compat.v1.set_random_seed(SEED)
hidden = keras.layers.Dense(16, activation="relu", input_shape=(2,))
model = keras.Sequential([hidden, keras.layers.Dense(1, activation="sigmoid")])
# An epsilon of 0.1 is one that TensorFlow recommends for some networks.
model.compile(keras.optimizers.Adam(0.01, epsilon=0.1), "binary_crossentropy")
model.fit(
    *rings(400, 0),
    epochs=8,
    verbose=0,
    validation_data=rings(300, 1),
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=print_loss)],
)
