"""One step of training."""


def moved(weight, rate):
    """Move a weight by a rate."""
    return weight - rate * weight
