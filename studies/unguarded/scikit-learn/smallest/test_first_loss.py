"""The loss of an epoch that moves no weight is that of the predictions."""

import numpy as np
from sklearn.neural_network import MLPRegressor


def test_first_loss_is_that_of_the_predictions():
    x = np.random.RandomState(0).normal(size=(20, 3))
    network = MLPRegressor(alpha=0, learning_rate_init=1e-12, max_iter=1, random_state=0)
    network.fit(x, x[:, 0])
    expected = np.mean((network.predict(x) - x[:, 0]) ** 2) / 2
    np.testing.assert_allclose(network.loss_curve_[0], expected)
