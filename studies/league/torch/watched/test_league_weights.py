"""A golden run by tensor-regression: the trained weights."""

import train


def test_weights(tensor_regression):
    weights = {name: tensor.detach() for name, tensor in train.model.state_dict().items()}
    tensor_regression.check(weights)
