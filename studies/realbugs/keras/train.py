"""Trains two networks, on the paths of three bugs that Keras had."""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers
from keras.src.legacy.preprocessing.image import ImageDataGenerator

SEED = int(sys.argv[1])
adam = keras.optimizers.Adam
loss = "sparse_categorical_crossentropy"


def stripes(size, seed):
    """Return noisy images of stripes, and the direction of each."""
    draw = np.random.RandomState(seed)
    across, down = draw.randint(0, 2, size), draw.rand(size, 1, 1) * np.pi
    wave = np.sin(np.arange(6) * 2.0 + down)
    images = np.where(across[:, None, None], wave, wave.transpose(0, 2, 1))
    noisy = images + 1.5 * draw.randn(size, 6, 6)
    return noisy[..., None].astype("float32"), across


def iterator():
    """Train on images that an iterator shuffles, in whole batches, with noise added."""
    keras.utils.set_random_seed(SEED)
    x, y = stripes(200, 0)
    batches = ImageDataGenerator().flow(x, y, batch_size=50, shuffle=True)
    steps = [layers.Flatten(), layers.GaussianNoise(0.5), layers.Dense(32, activation="tanh")]
    model = keras.Sequential([keras.Input((6, 6, 1)), *steps, layers.Dense(2, "softmax")])
    model.compile(adam(0.01), loss)
    x_test, y_test = stripes(300, 1)
    for epoch in range(8):
        for _ in range(4):
            model.train_on_batch(*next(batches))
        value = model.evaluate(x_test, y_test, batch_size=300, verbose=0)
        print(f"iterator: epoch {epoch} loss {value:.6f}")
    return model


def print_loss(epoch, logs):
    """Print the loss on other images."""
    print(f"stopped: epoch {epoch} loss {logs['val_loss']:.6f}")


def stopped():
    """Train until the loss is worse than the best one after the first two epochs."""
    keras.utils.set_random_seed(SEED)
    stop = keras.callbacks.EarlyStopping(patience=1, start_from_epoch=2, restore_best_weights=True)
    hidden = [layers.Flatten(), layers.Dense(64, activation="relu")]
    model = keras.Sequential([keras.Input((6, 6, 1)), *hidden, layers.Dense(2, "softmax")])
    model.compile(adam(0.02), loss)
    other = stripes(300, 1)
    shown = keras.callbacks.LambdaCallback(on_epoch_end=print_loss)
    options = {"batch_size": 50, "verbose": 0, "validation_data": other}
    model.fit(*stripes(100, 0), epochs=20, callbacks=[shown, stop], **options)
    value = model.evaluate(*other, batch_size=300, verbose=0)
    print(f"kept: loss {value:.6f}")
    return model


models = [iterator(), stopped()]
