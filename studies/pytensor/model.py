"""The convolutional network for sentences (Kim 2014) in PyTensor."""

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.tensor.random import shared_rng
from pytensor.tensor.special import log_softmax

FILTER_SIZES = (3, 4, 5)
DROPOUT = 0.5
CLASSES = 2


def shared(values):
    """A parameter with these first values."""
    return pytensor.shared(np.asarray(values, dtype=pytensor.config.floatX))


def cross_entropy(scores, labels):
    """The loss of each row of scores."""
    return -log_softmax(scores, axis=1)[pt.arange(labels.shape[0]), labels]


class SentenceClassifier:
    """Word numbers (batch, length) to scores (batch, classes)."""

    def __init__(self, vectors, length, feature_maps, seed):
        source = np.random.RandomState(seed)
        self.length = length
        self.embedding = shared(vectors)
        self.filters = []
        self.biases = []
        for size in FILTER_SIZES:
            inputs = size * vectors.shape[1]
            bound = np.sqrt(6.0 / (inputs + feature_maps))
            self.filters.append(shared(source.uniform(-bound, bound, (inputs, feature_maps))))
            self.biases.append(shared(np.zeros(feature_maps)))
        self.weight = shared(np.zeros((feature_maps * len(FILTER_SIZES), CLASSES)))
        self.bias = shared(np.zeros(CLASSES))
        self.parameters = [self.embedding, self.weight, self.bias, *self.filters, *self.biases]
        self.generator = shared_rng(seed=seed)

    def features(self, rows):
        """The strongest answer of every filter anywhere in the sentence.

        A filter is as wide as a word vector, so the convolution is a product with the windows.
        """
        embedded = self.embedding[rows]
        pooled = []
        for size, filters, bias in zip(FILTER_SIZES, self.filters, self.biases):
            last = self.length - size + 1
            parts = [embedded[:, offset : last + offset] for offset in range(size)]
            windows = pt.concatenate(parts, axis=2)
            answers = pt.maximum(pt.dot(windows, filters) + bias, 0)
            pooled.append(pt.max(answers, axis=1))
        return pt.concatenate(pooled, axis=1)

    def scores(self, rows):
        """What the trained network says."""
        return pt.dot(self.features(rows), self.weight) + self.bias

    def cost(self, rows, labels):
        """The loss while training, with dropout, and the generator as it is afterwards."""
        features = self.features(rows)
        after, kept = self.generator.bernoulli(1 - DROPOUT, size=features.shape)
        kept = kept.astype(pytensor.config.floatX)
        scores = pt.dot(features * kept / (1 - DROPOUT), self.weight) + self.bias
        return cross_entropy(scores, labels).mean(), after
