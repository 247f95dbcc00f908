"""The first step of a new optimizer: its size is the learning rate, whatever the gradient."""

import numpy as np
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer


def test_first_step_of_adam_is_as_long_as_the_learning_rate():
    parameter = np.zeros(2)
    AdamOptimizer([parameter], 0.01).update_params([parameter], [np.array([3.0, -0.2])])
    np.testing.assert_allclose(parameter, [-0.01, 0.01], rtol=1e-4)
