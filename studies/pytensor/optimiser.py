"""Adadelta (Zeiler 2012), with a limit on the norms of the weights of a class."""

import numpy as np
import pytensor
import pytensor.tensor as pt

NORM_LIMIT = 3.0


def adadelta(cost, parameters, limited, rho=0.95, epsilon=1e-6):
    """The updates of one step; the columns of ``limited`` are scaled back to the norm limit."""
    updates = []
    for parameter, gradient in zip(parameters, pytensor.grad(cost, parameters)):
        zeros = np.zeros_like(parameter.get_value())
        gradients, steps = pytensor.shared(zeros), pytensor.shared(zeros)
        new_gradients = rho * gradients + (1 - rho) * pt.sqr(gradient)
        step = -pt.sqrt(steps + epsilon) / pt.sqrt(new_gradients + epsilon) * gradient
        new_steps = rho * steps + (1 - rho) * pt.sqr(step)
        value = parameter + step
        if parameter is limited:
            norms = pt.sqrt(pt.sum(pt.sqr(value), axis=0))
            value = value * (pt.clip(norms, 0, NORM_LIMIT) / (1e-7 + norms))
        updates += [(gradients, new_gradients), (steps, new_steps), (parameter, value)]
    return updates
