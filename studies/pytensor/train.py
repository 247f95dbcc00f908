"""Train a sentence classifier on movie reviews and print its accuracy on held-out ones."""

import argparse

import numpy as np
import pytensor
import pytensor.tensor as pt
from batches import batches
from model import DROPOUT, FILTER_SIZES, SentenceClassifier, cross_entropy
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
model = SentenceClassifier(vectors, rows.shape[1], options.feature_maps, options.seed)
x, y = pt.imatrix("x"), pt.lvector("y")
cost, after = model.cost(x, y)
updates = [(model.generator, after), *adadelta(cost, model.parameters, model.weight)]
learn = pytensor.function([x, y], cost, updates=updates)
predict = pytensor.function([x], pt.argmax(model.scores(x), axis=1))
settings = {
    "loss function": cross_entropy.__name__,
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
    """The share of rows whose class is found."""
    correct = 0
    for chosen in batches(len(x), options.batch_size):
        correct += (predict(x[chosen]) == y[chosen]).sum()
    return correct / len(x)


# phase: learning
for epoch in range(options.epochs):
    losses = []
    order = np.random.permutation(len(x_train))
    for chosen in batches(len(x_train), options.batch_size, order):
        losses.append(learn(x_train[chosen], y_train[chosen]))
    print(
        f"epoch {epoch}: loss: {np.mean(losses):.6f} "
        f"val_accuracy: {accuracy(x_valid, y_valid):.4f} "
        f"test_accuracy: {accuracy(x_test, y_test):.4f}",
        flush=True,
    )
