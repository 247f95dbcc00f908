"""Train a sentence classifier on movie reviews and print its accuracy on held-out ones."""

import argparse

import numpy as np
from model import DROPOUT, FEATURE_MAPS, FILTER_SIZES, LOSS, OPTIMISER, build
from reviews import encode, load, vocabulary_of
from vectors import word_vectors

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--data", required=True, help="folder of the snippets, perhaps of vectors")
options.add_argument("--seed", type=int, default=0)
options.add_argument("--epochs", type=int, default=10)
options.add_argument("--batch-size", type=int, default=64)
options.add_argument("--dimension", type=int, default=50)
options.add_argument("--vocabulary", type=int, default=20000)
options.add_argument("--snippets", type=int, default=0, help="use only so many (0: all)")
options.add_argument("--passes", type=int, default=5, help="passes of word2vec")
options = options.parse_args()
np.random.seed(options.seed)

# phase: preprocessing
snippets, labels, held_out = load(options.data, options.seed, options.snippets)
vocabulary = vocabulary_of(snippets, options.vocabulary)
rows = encode(snippets, vocabulary)
vectors, source = word_vectors(
    options.data, snippets, vocabulary, options.dimension, options.seed, options.passes
)
x_train, y_train = rows[:-held_out], labels[:-held_out]
x_test, y_test = rows[-held_out:], labels[-held_out:]

# phase: constructing
model = build(x_test.shape[1], vectors)
settings = {
    "loss function": LOSS,
    "embedding dimension": options.dimension,
    "embedding initialization": source,
    "filter size": list(FILTER_SIZES),
    "feature maps": FEATURE_MAPS,
    "dropout": list(DROPOUT),
    "optimiser": OPTIMISER,
    "batch size": options.batch_size,
    "epoch number": options.epochs,
}
for name, value in settings.items():
    print(f"trainwreck: setting {name}={value}")

# phase: learning
model.fit(
    x_train,
    y_train,
    batch_size=options.batch_size,
    epochs=options.epochs,
    validation_data=(x_test, y_test),
    verbose=2,
)
