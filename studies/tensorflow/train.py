"""Train a sentence classifier on movie reviews and print its accuracy on held-out ones."""

import argparse

import numpy as np
import tensorflow.compat.v1 as tf
from batches import batches
from model import CLASSES, FILTER_SIZES, KEPT, LEARNING_RATE, LOSS, SentenceClassifier
from reviews import encode, load, vocabulary_of

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--data", required=True, help="folder of the snippets")
options.add_argument("--seed", type=int, default=0)
options.add_argument("--epochs", type=int, default=200)
options.add_argument("--batch-size", type=int, default=64)
options.add_argument("--dimension", type=int, default=128)
options.add_argument("--feature-maps", type=int, default=128)
options.add_argument("--vocabulary", type=int, default=0, help="use only so many words (0: all)")
options.add_argument("--snippets", type=int, default=0, help="use only so many (0: all)")
options = options.parse_args()
np.random.seed(options.seed)
tf.disable_eager_execution()
tf.set_random_seed(options.seed)

# phase: preprocessing
snippets, labels, held_out = load(options.data, options.seed, options.snippets)
vocabulary = vocabulary_of(snippets, options.vocabulary)
rows = encode(snippets, vocabulary)
labels = np.eye(CLASSES)[labels]
x_train, y_train = rows[:-held_out], labels[:-held_out]
x_test, y_test = rows[-held_out:], labels[-held_out:]

# phase: constructing
model = SentenceClassifier(
    x_train.shape[1], len(vocabulary) + 1, options.dimension, options.feature_maps
)
optimiser = tf.train.AdamOptimizer(LEARNING_RATE)
step = optimiser.minimize(model.loss)
one_thread = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
session = tf.Session(config=one_thread)
session.run(tf.global_variables_initializer())
settings = {
    "loss function": LOSS,
    "embedding dimension": options.dimension,
    "embedding initialization": "random uniform distribution",
    "filter size": list(FILTER_SIZES),
    "feature maps": options.feature_maps,
    "dropout": 1 - KEPT,
    "optimiser": optimiser.get_name(),
    "batch size": options.batch_size,
    "epoch number": options.epochs,
}
for name, value in settings.items():
    print(f"trainwreck: setting {name}={value}")


def accuracy(x, y):
    """The share of rows whose class is found."""
    correct = 0.0
    for chosen in batches(len(x), options.batch_size):
        feed = {model.rows: x[chosen], model.labels: y[chosen], model.kept: 1.0}
        correct += session.run(model.accuracy, feed) * len(chosen)
    return correct / len(x)


# phase: learning
for epoch in range(options.epochs):
    losses = []
    order = np.random.permutation(len(x_train))
    for chosen in batches(len(x_train), options.batch_size, order):
        feed = {model.rows: x_train[chosen], model.labels: y_train[chosen], model.kept: KEPT}
        losses.append(session.run([step, model.loss], feed)[1])
    print(
        f"epoch {epoch}: loss: {np.mean(losses):.6f} test_accuracy: {accuracy(x_test, y_test):.4f}",
        flush=True,
    )
