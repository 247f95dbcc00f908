"""Adadelta (Zeiler 2012), with a limit on the norms of the weights of a class."""

import numpy as np
import theano
import theano.tensor as T

NORM_LIMIT = 3.0


def adadelta(cost, parameters, limited, rho=0.95, epsilon=1e-6):
    """The updates of one step; the columns of ``limited`` are scaled back to the norm limit."""
    updates = []
    for parameter, gradient in zip(parameters, T.grad(cost, parameters)):
        zeros = np.zeros_like(parameter.get_value())
        gradients, steps = theano.shared(zeros), theano.shared(zeros)
        new_gradients = rho * gradients + (1 - rho) * T.sqr(gradient)
        step = -T.sqrt(steps + epsilon) / T.sqrt(new_gradients + epsilon) * gradient
        new_steps = rho * steps + (1 - rho) * T.sqr(step)
        value = parameter + step
        if parameter is limited:
            norms = T.sqrt(T.sum(T.sqr(value), axis=0))
            value = value * (T.clip(norms, 0, NORM_LIMIT) / (1e-7 + norms))
        updates += [(gradients, new_gradients), (steps, new_steps), (parameter, value)]
    return updates
