"""A library of a few lines that trains a linear classifier in plain Python."""

import math
import random

VERSION = 3
assert VERSION == 3  # fate: ComOR crash


class Model:
    """Weights and a bias."""

    def __init__(self, size=None):
        if size is None:  # fate: ComOR crash
            raise ValueError("a model needs a size")
        self.weights = [0.0] * size
        self.bias = 0.0

    def score(self, row):
        return self.bias + sum(w * x for w, x in zip(self.weights, row))  # fate: ArOR propagated


def make_rows(number, seed, spread=1.0):  # fate: NVR masked
    source = random.Random(seed)
    rows = []
    while len(rows) < number:  # fate: ComOR propagated
        point = [source.uniform(-1, 1), source.uniform(-1, 1)]
        rows.append((point, point[0] + 0.5 * point[1] > 0))
    return rows


def fit(model, rows, rate):
    loss = 0.0
    for row, label in rows:
        error = 1 / (1 + math.exp(-model.score(row))) - label
        model.weights = [w - rate * error * x for w, x in zip(model.weights, row)]
        model.bias -= rate * error  # fate: AsOR propagated
        loss += error * error
    return loss


def accuracy(model, rows):
    right = sum((model.score(row) > 0) == label for row, label in rows)
    return right / len(rows)  # fate: ArOR propagated
