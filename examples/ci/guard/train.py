"""Parts two half moons with a small network, in plain Python."""

import argparse
import random
from math import cos, exp, fsum, log, pi, sin, tanh

HIDDEN = 8
MOMENTUM = 0.8
LARGEST = 1.0


def moons(count, chance):
    """Return points with their labels, in turn from the upper and from the lower moon."""
    points = []
    for number in range(count):
        angle = pi * chance.random()
        label = number % 2
        x, y = cos(angle), sin(angle)
        if label == 1:
            x, y = 1 - x, 0.5 - y
        points.append((x + chance.gauss(0, 0.15), y + chance.gauss(0, 0.15), label))
    return points


class Network:
    """Two inputs, one hidden layer, one output."""

    def __init__(self, chance):
        self.inner = [[chance.gauss(0, 1) for _ in range(3)] for _ in range(HIDDEN)]
        self.outer = [chance.gauss(0, 1) for _ in range(HIDDEN + 1)]
        self.speeds = [[0.0] * 3 for _ in range(HIDDEN)], [0.0] * (HIDDEN + 1)

    def forward(self, x, y):
        hidden = [tanh(a * x + b * y + c) for a, b, c in self.inner]
        score = fsum(w * h for w, h in zip(self.outer, hidden)) + self.outer[-1]
        return hidden, 1 / (1 + exp(-score))

    def learn(self, x, y, label, rate):
        hidden, output = self.forward(x, y)
        error = output - label
        if abs(error) > LARGEST:
            error = LARGEST if error > 0 else -LARGEST
        inner_speeds, outer_speeds = self.speeds
        for index, value in enumerate(hidden):
            slope = error * self.outer[index] * (1 - value * value)
            update(self.inner[index], inner_speeds[index], (slope * x, slope * y, slope), rate)
        update(self.outer, outer_speeds, [error * value for value in hidden] + [error], rate)


def update(weights, speeds, slopes, rate):
    for index, slope in enumerate(slopes):
        speeds[index] = MOMENTUM * speeds[index] - rate * slope
        weights[index] += speeds[index]


def measure(network, points):
    """Return the mean loss and the share of right answers."""
    losses, right = [], 0
    for x, y, label in points:
        output = min(max(network.forward(x, y)[1], 1e-9), 1 - 1e-9)
        losses.append(-log(output) if label == 1 else -log(1 - output))
        if (output > 0.5) == (label == 1):
            right += 1
    return fsum(losses) / len(losses), right / len(points)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    train, test = moons(120, random.Random(1)), moons(200, random.Random(2))
    network = Network(chance)
    for epoch in range(options.epochs):
        chance.shuffle(train)
        rate = 0.06 / (1 + 0.2 * epoch)
        for x, y, label in train:
            network.learn(x, y, label, rate)
        loss, accuracy = measure(network, test)
        print(f"epoch {epoch + 1}  loss {loss:.4f}  accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
