"""A network of one hidden layer."""

import math
import random


class Network:
    def __init__(self, hidden, seed):
        source = random.Random(seed)
        self.hidden = [[source.gauss(0, 1) for _ in range(3)] for _ in range(hidden)]
        self.output = [source.gauss(0, 0.5) for _ in range(hidden + 1)]

    def forward(self, point):
        x, y = point
        active = [math.tanh(a * x + b * y + c) for a, b, c in self.hidden]
        total = self.output[-1]
        for weight, value in zip(self.output, active):
            total += weight * value
        if total > 30:
            total = 30
        if total < -30:
            total = -30
        return active, 1 / (1 + math.exp(-total))

    def learn(self, point, label, rate):
        active, chance = self.forward(point)
        error = chance - label
        for number, value in enumerate(active):
            slope = error * self.output[number] * (1 - value * value)
            self.output[number] -= rate * error * value
            weights = self.hidden[number]
            weights[0] -= rate * slope * point[0]
            weights[1] -= rate * slope * point[1]
            weights[2] -= rate * slope
        self.output[-1] -= rate * error

    def decide(self, point):
        return 1 if self.forward(point)[1] > 0.5 else 0
