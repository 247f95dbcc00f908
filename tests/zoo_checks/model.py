"""A model of one weight, which a step brings nearer to 0."""


def step(weight, rate):
    return weight - rate * weight


def fit(seed, steps=3):
    weight = 1.0 + seed
    for _ in range(steps):
        weight = step(weight, 0.5)
        yield weight
