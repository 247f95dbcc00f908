"""The convolutional network of the study (Kim 2014), in its small Keras form."""

from keras import Input, Model
from keras.layers import (
    Concatenate,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    MaxPooling1D,
)

FILTER_SIZES = (3, 8)
FEATURE_MAPS = 10
DROPOUT = (0.5, 0.8)
HIDDEN = 50
LOSS = "binary_crossentropy"
OPTIMISER = "adam"


def build(length, vectors):
    """A compiled classifier for rows of ``length`` word numbers."""
    words, dimension = vectors.shape
    inputs = Input(shape=(length,), dtype="int32")
    embedding = Embedding(words, dimension, name="embedding")
    embedded = Dropout(DROPOUT[0])(embedding(inputs))
    blocks = []
    for size in FILTER_SIZES:
        block = Conv1D(FEATURE_MAPS, size, padding="valid", activation="relu", strides=1)(embedded)
        block = MaxPooling1D(pool_size=2)(block)
        blocks.append(Flatten()(block))
    joined = Concatenate()(blocks) if len(blocks) > 1 else blocks[0]
    joined = Dropout(DROPOUT[1])(joined)
    joined = Dense(HIDDEN, activation="relu")(joined)
    outputs = Dense(1, activation="sigmoid")(joined)
    model = Model(inputs, outputs)
    embedding.set_weights([vectors])
    model.compile(loss=LOSS, optimizer=OPTIMISER, metrics=["accuracy"])
    return model
