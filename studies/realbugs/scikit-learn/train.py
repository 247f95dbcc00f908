"""Trains four estimators, each on the path of one bug that scikit-learn had."""

import sys
import warnings

import numpy as np
from sklearn.datasets import load_digits, make_friedman1
from sklearn.ensemble import AdaBoostRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import BayesianRidge
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import LabelSpreading
from sklearn.tree import DecisionTreeRegressor

SEED = int(sys.argv[1])
warnings.simplefilter("ignore", ConvergenceWarning)


def label_spreading():
    """Label digits from a tenth of their labels, of which a fifth are wrong."""
    images, digits = load_digits(return_X_y=True)
    chosen = np.random.RandomState(SEED).permutation(len(images))[:500]
    images, digits = images[chosen] / 16, digits[chosen]
    given = np.full(len(digits), -1)
    given[:50] = digits[:50]
    given[:10] = (digits[:10] + 1) % 10
    model = LabelSpreading(gamma=1.0, alpha=0.5, max_iter=100).fit(images, given)
    print(f"label spreading: accuracy {np.mean(model.transduction_[50:] == digits[50:]):.4f}")
    return model.label_distributions_


def friedman(size):
    """Return noisy curves in five of ten dimensions, split in halves."""
    x, y = make_friedman1(size, noise=1.0, random_state=SEED)
    return train_test_split(x, y, test_size=0.5, random_state=SEED)


def early_stop():
    """Train a network until its loss has not improved for ten epochs."""
    x, x_test, y, y_test = friedman(400)
    scaler = StandardScaler().fit(x)
    model = MLPRegressor(
        hidden_layer_sizes=(20,), learning_rate_init=0.05, batch_size=20, random_state=SEED
    )
    model.fit(scaler.transform(x), y)
    print(f"network: r2 {model.score(scaler.transform(x_test), y_test):.4f}")
    return model.coefs_


def boosting():
    """Boost trees on data with outliers that weigh nothing."""
    x, x_test, y, y_test = friedman(400)
    weight = np.ones(len(y))
    y[:10], weight[:10] = 1000, 0
    model = AdaBoostRegressor(
        DecisionTreeRegressor(max_depth=4), n_estimators=30, random_state=SEED
    )
    model.fit(x, y, sample_weight=weight)
    print(f"boosting: r2 {model.score(x_test, y_test):.4f}")
    return model.estimator_weights_


def evidence():
    """Choose the degree of a polynomial by the evidence for it."""
    draw = np.random.RandomState(SEED)
    x, x_test = draw.uniform(-1, 1, (2, 30))
    y, y_test = (np.sin(4 * x) + 0.2 * draw.randn(30) for x in (x, x_test))
    best, best_score = None, -np.inf
    for degree in range(1, 16):
        powers = np.arange(degree + 1)
        model = BayesianRidge(compute_score=True).fit(x[:, None] ** powers, y)
        if model.scores_[-1] > best_score:
            best, best_score, best_powers = model, model.scores_[-1], powers
    score = best.score(x_test[:, None] ** best_powers, y_test)
    print(f"evidence: degree {best_powers[-1]} r2 {score:.4f}")
    return best.coef_


for part in (label_spreading, early_stop, boosting, evidence):
    part()
