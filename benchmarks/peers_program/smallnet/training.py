"""Trains the network and measures it."""

from smallnet.data import make_points, split
from smallnet.network import Network


def accuracy(network, points):
    right = 0
    for point, label in points:
        if network.decide(point) == label:
            right += 1
    return right / len(points)


def train(epochs=30, number=1200, hidden=8, rate=0.1, seed=0):
    learning, held_out = split(make_points(number, seed))
    network = Network(hidden, seed)
    history = []
    for epoch in range(epochs):
        for point, label in learning:
            network.learn(point, label, rate / (1 + 0.05 * epoch))
        history.append(accuracy(network, held_out))
    return history
