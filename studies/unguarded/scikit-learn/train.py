"""Trains small networks of scikit-learn with each of its optimizers and schedules."""

import sys
import warnings

from sklearn.datasets import load_digits, make_regression
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor

warnings.simplefilter("ignore", ConvergenceWarning)
SEED = int(sys.argv[1])


def tell(name, network, score):
    """Print the loss after each epoch, the validation scores if there are any, and the score."""
    for loss in network.loss_curve_:
        print(f"{name} loss {loss:.7f}")
    for score_of_epoch in getattr(network, "validation_scores_", None) or []:
        print(f"{name} validation {score_of_epoch:.7f}")
    print(f"{name} score {score:.7f}")


digits, classes = load_digits(return_X_y=True)
digits, test_digits, classes, test_classes = train_test_split(
    digits[:700] / 16, classes[:700], test_size=200, random_state=SEED
)

network = MLPClassifier((24,), batch_size=20, max_iter=15, random_state=SEED)
network.fit(digits, classes)
tell("adam", network, network.score(test_digits, test_classes))

network = MLPClassifier(
    (24,), activation="tanh", solver="sgd", batch_size=50, learning_rate_init=0.1, momentum=0.9,
    learning_rate="invscaling", power_t=0.1, early_stopping=True, n_iter_no_change=3,
    max_iter=15, random_state=SEED,
)  # fmt: skip
network.fit(digits, classes)
tell("momentum", network, network.score(test_digits, test_classes))

points, targets = make_regression(400, 8, noise=5.0, random_state=SEED)
targets = targets / targets.std()
network = MLPRegressor(
    hidden_layer_sizes=(16, 8), activation="logistic", solver="sgd", batch_size=40,
    learning_rate_init=0.2, learning_rate="adaptive", nesterovs_momentum=False, alpha=0.001,
    tol=0.01, n_iter_no_change=2, max_iter=25, random_state=SEED,
)  # fmt: skip
network.fit(points[:300], targets[:300])
tell("regression", network, network.score(points[300:], targets[300:]))
