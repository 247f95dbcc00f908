"""A golden run by pytest-regressions: the loss and both accuracies of the last epoch."""

import train


def test_values(num_regression):
    values = {
        "loss": [train.total / len(train.x_train)],
        "val_accuracy": [train.accuracy(train.x_valid, train.y_valid)],
        "test_accuracy": [train.accuracy(train.x_test, train.y_test)],
    }
    num_regression.check(values)
