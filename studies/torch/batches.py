"""The rows of a data set, some at a time."""

import numpy as np


def batches(number, size, order=None):
    """The indices 0 … ``number`` - 1, or these in another order, in arrays of at most ``size``."""
    order = np.arange(number) if order is None else order
    start = 0
    while start < number:
        yield order[start : start + size]
        start += size
