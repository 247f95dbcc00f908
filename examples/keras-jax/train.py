"""Reads noisy digits of seven segments with Keras 3 on JAX; nothing in here sets a seed."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

SEGMENTS = ["1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010", "1111111", "1111011"]


def digits(size, seed):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, size)
    clean = np.array([[int(s) for s in text] for text in SEGMENTS], dtype="float32")
    noise = generator.normal(0, 0.45, (size, 7)).astype("float32")
    return clean[labels] + noise, labels


def build():
    inputs = keras.Input(shape=(7,))
    x = keras.layers.Dense(24, activation="relu")(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.1)(x)
    outputs = keras.layers.Dense(10, activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.01),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def main():
    x_train, y_train = digits(1200, 1)
    x_test, y_test = digits(400, 2)
    model = build()
    callbacks = [keras.callbacks.ReduceLROnPlateau(monitor="val_loss", patience=1, factor=0.5)]
    model.fit(
        x_train, y_train, batch_size=64, epochs=6, verbose=2,
        validation_data=(x_test, y_test), callbacks=callbacks,
    )
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print("Test loss:", loss)
    print("Test accuracy:", accuracy)


if __name__ == "__main__":
    main()
