"""A library of the user's, which lies outside of the program."""


def step(weight, rate):
    """Take a step towards one."""
    return weight - rate * (weight - 1.0)
