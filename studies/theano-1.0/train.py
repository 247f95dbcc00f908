"""Train a sentence classifier on movie reviews and print its accuracy on held-out ones."""

import argparse

import numpy as np
import theano
import theano.tensor as T
from batches import batches
from model import DROPOUT, FILTER_SIZES, LOSS, SentenceClassifier
from optimiser import adadelta
from reviews import encode, load, vocabulary_of
from vectors import word_vectors

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--data", required=True, help="folder of the snippets, perhaps of vectors")
options.add_argument("--seed", type=int, default=0)
options.add_argument("--epochs", type=int, default=25)
options.add_argument("--batch-size", type=int, default=50)
options.add_argument("--dimension", type=int, default=300)
options.add_argument("--feature-maps", type=int, default=100)
options.add_argument("--snippets", type=int, default=0, help="use only so many (0: all)")
options.add_argument("--passes", type=int, default=5, help="passes of word2vec")
options = options.parse_args()
np.random.seed(options.seed)

# phase: preprocessing
snippets, labels, held_out = load(options.data, options.seed, options.snippets)
vocabulary = vocabulary_of(snippets)
rows = encode(snippets, vocabulary, max(FILTER_SIZES) - 1)
vectors, source = word_vectors(
    options.data, snippets, vocabulary, options.dimension, options.seed, options.passes
)
x_train, y_train = rows[:-held_out], labels[:-held_out]
x_test, y_test = rows[-held_out:], labels[-held_out:]
validation = len(x_train) // 10
x_valid, y_valid = x_train[-validation:], y_train[-validation:]
x_train, y_train = x_train[:-validation], y_train[:-validation]

# phase: constructing
size = options.batch_size
model = SentenceClassifier(vectors, rows.shape[1], size, options.feature_maps, options.seed)
x, y = T.imatrix("x"), T.lvector("y")
cost = model.cost(x, y)
updates = adadelta(cost, model.parameters, model.weight)
learn = theano.function([x, y], cost, updates=updates)
predict = theano.function([x], T.argmax(model.probabilities(x), axis=1))
settings = {
    "loss function": LOSS.__name__,
    "embedding dimension": options.dimension,
    "embedding initialization": source,
    "filter size": list(FILTER_SIZES),
    "feature maps": options.feature_maps,
    "dropout": DROPOUT,
    "optimiser": adadelta.__name__,
    "batch size": options.batch_size,
    "epoch number": options.epochs,
}
for name, value in settings.items():
    print(f"trainwreck: setting {name}={value}")


def accuracy(x, y):
    """The share of rows whose class is found; the last batch is filled up with first rows."""
    correct = 0
    for chosen in batches(len(x), size):
        filled = np.resize(x[chosen], (size, x.shape[1]))
        correct += (predict(filled)[: len(chosen)] == y[chosen]).sum()
    return correct / len(x)


# phase: learning
for epoch in range(options.epochs):
    losses = []
    order = np.random.permutation(len(x_train) // size * size)
    for chosen in batches(len(order), size, order):
        losses.append(learn(x_train[chosen], y_train[chosen]))
    print(
        f"epoch {epoch}: loss: {np.mean(losses):.6f} "
        f"val_accuracy: {accuracy(x_valid, y_valid):.4f} "
        f"test_accuracy: {accuracy(x_test, y_test):.4f}",
        flush=True,
    )
