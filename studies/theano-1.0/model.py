"""The convolutional network for sentences (Kim 2014) in Theano."""

import numpy as np
import theano
import theano.tensor as T
from theano.tensor.nnet import conv
from theano.tensor.shared_randomstreams import RandomStreams
from theano.tensor.signal import pool

FILTER_SIZES = (3, 4, 5)
DROPOUT = 0.5
CLASSES = 2
LOSS = T.nnet.categorical_crossentropy


def shared(values):
    """A parameter with these first values."""
    return theano.shared(np.asarray(values, dtype=theano.config.floatX))


class SentenceClassifier:
    """Word numbers (batch, length) to the probabilities of the classes."""

    def __init__(self, vectors, length, batch_size, feature_maps, seed):
        source = np.random.RandomState(seed)
        self.dimension = vectors.shape[1]
        self.length = length
        self.batch_size = batch_size
        self.feature_maps = feature_maps
        self.embedding = shared(vectors)
        self.filters = [self._first_filters(size, source) for size in FILTER_SIZES]
        self.biases = [shared(np.zeros(feature_maps)) for _ in FILTER_SIZES]
        self.weight = shared(np.zeros((feature_maps * len(FILTER_SIZES), CLASSES)))
        self.bias = shared(np.zeros(CLASSES))
        self.parameters = [self.embedding, self.weight, self.bias] + self.filters + self.biases
        self.stream = RandomStreams(source.randint(999999))

    def _first_filters(self, size, source):
        inputs = size * self.dimension
        outputs = self.feature_maps * size * self.dimension / float(self.length - size + 1)
        bound = np.sqrt(6.0 / (inputs + outputs))
        return shared(source.uniform(-bound, bound, (self.feature_maps, 1, size, self.dimension)))

    def features(self, rows):
        """The strongest answer of every filter anywhere in the sentence."""
        image = self.embedding[rows.flatten()].reshape(
            (self.batch_size, 1, self.length, self.dimension)
        )
        pooled = []
        for size, filters, bias in zip(FILTER_SIZES, self.filters, self.biases):
            answers = conv.conv2d(
                image,
                filters,
                image_shape=(self.batch_size, 1, self.length, self.dimension),
                filter_shape=(self.feature_maps, 1, size, self.dimension),
            )
            answers = T.nnet.relu(answers + bias.dimshuffle("x", 0, "x", "x"))
            windows = (self.length - size + 1, 1)
            pooled.append(pool.pool_2d(answers, windows, ignore_border=True).flatten(2))
        return T.concatenate(pooled, axis=1)

    def probabilities(self, rows):
        """What the trained network says."""
        return T.nnet.softmax(T.dot(self.features(rows), self.weight) + self.bias)

    def cost(self, rows, labels):
        """The loss while training, with dropout."""
        features = self.features(rows)
        kept = self.stream.binomial(features.shape, p=1 - DROPOUT, dtype=theano.config.floatX)
        scores = T.dot(features * kept / (1 - DROPOUT), self.weight) + self.bias
        return LOSS(T.nnet.softmax(scores), labels).mean()
