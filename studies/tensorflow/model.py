"""The convolutional network for sentences (Kim 2014) as a graph of TensorFlow 1."""

import tensorflow.compat.v1 as tf

FILTER_SIZES = (3, 4, 5)
KEPT = 0.5
CLASSES = 2
L2 = 0.0
LOSS = "softmax_cross_entropy_with_logits_v2"
LEARNING_RATE = 1e-3


class SentenceClassifier:
    """Word numbers (batch, length) and one-hot labels (batch, classes) to loss and accuracy."""

    def __init__(self, length, words, dimension, feature_maps):
        self.rows = tf.placeholder(tf.int32, [None, length], name="rows")
        self.labels = tf.placeholder(tf.float32, [None, CLASSES], name="labels")
        self.kept = tf.placeholder(tf.float32, name="kept")
        with tf.name_scope("embedding"):
            table = tf.Variable(tf.random_uniform([words, dimension], -1.0, 1.0), name="table")
            self.image = tf.expand_dims(tf.nn.embedding_lookup(table, self.rows), -1)
        answers = [self._answers(size, dimension, feature_maps, length) for size in FILTER_SIZES]
        features = tf.reshape(tf.concat(answers, 3), [-1, feature_maps * len(FILTER_SIZES)])
        with tf.name_scope("scores"):
            features = tf.nn.dropout(features, rate=1 - self.kept)
            weight = tf.get_variable(
                "weight",
                shape=[feature_maps * len(FILTER_SIZES), CLASSES],
                initializer=tf.glorot_uniform_initializer(),
            )
            bias = tf.Variable(tf.constant(0.1, shape=[CLASSES]), name="bias")
            scores = tf.nn.xw_plus_b(features, weight, bias)
            size_of_weights = tf.nn.l2_loss(weight) + tf.nn.l2_loss(bias)
        with tf.name_scope("loss"):
            losses = getattr(tf.nn, LOSS)(logits=scores, labels=self.labels)
            self.loss = tf.reduce_mean(losses) + L2 * size_of_weights
        with tf.name_scope("accuracy"):
            found = tf.equal(tf.argmax(scores, 1), tf.argmax(self.labels, 1))
            self.accuracy = tf.reduce_mean(tf.cast(found, tf.float32))

    def _answers(self, size, dimension, feature_maps, length):
        """The strongest answer of every filter of one size anywhere in the sentence."""
        with tf.name_scope(f"filters-{size}"):
            shape = [size, dimension, 1, feature_maps]
            filters = tf.Variable(tf.truncated_normal(shape, stddev=0.1), name="filters")
            bias = tf.Variable(tf.constant(0.1, shape=[feature_maps]), name="bias")
            answers = tf.nn.conv2d(self.image, filters, strides=[1, 1, 1, 1], padding="VALID")
            answers = tf.nn.relu(tf.nn.bias_add(answers, bias))
            window = [1, length - size + 1, 1, 1]
            return tf.nn.max_pool(answers, window, strides=[1, 1, 1, 1], padding="VALID")
