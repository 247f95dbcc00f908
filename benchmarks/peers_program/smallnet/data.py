"""Points in a plane, and on which side of a circle each lies."""

import random


def make_points(number, seed):
    source = random.Random(seed)
    points = []
    for _ in range(number):
        x, y = source.uniform(-1, 1), source.uniform(-1, 1)
        label = 1 if x * x + y * y < 0.6 else 0
        points.append(((x, y), label))
    return points


def split(points, share=0.75):
    border = int(len(points) * share)
    return points[:border], points[border:]
