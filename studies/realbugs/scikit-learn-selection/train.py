"""Chooses, classifies and restores data, on the paths of more bugs that scikit-learn had."""

import sys
import warnings

import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.semi_supervised import LabelPropagation

SEED = int(sys.argv[1])
warnings.simplefilter("ignore", ConvergenceWarning)


def folds():
    """Cross-validate on classes that are sorted by difficulty, in shuffled folds."""
    x, y = make_classification(120, 8, n_informative=4, flip_y=0.1, random_state=0)
    order = np.lexsort((x[:, 0], y))
    split = StratifiedKFold(5, shuffle=True, random_state=SEED)
    scores = cross_val_score(LogisticRegression(), x[order], y[order], cv=split)
    print(f"folds: accuracy {scores.mean():.4f} from {scores.min():.4f}")


def weights():
    """Choose the penalty by folds in which a few points weigh much."""
    x, y = make_classification(200, 20, n_informative=4, flip_y=0.3, random_state=SEED)
    weight = np.where(np.arange(len(y)) % 10 == 0, 20.0, 0.5)
    model = LogisticRegressionCV(Cs=10, cv=4, scoring=None, use_legacy_attributes=False)
    model.fit(x[:100], y[:100], sample_weight=weight[:100])
    guess = model.predict_proba(x[100:])[np.arange(100), y[100:]]
    loss = -np.average(np.log(guess), weights=weight[100:])
    print(f"weights: penalty {float(np.ravel(model.C_)[0]):.4f} loss {loss:.6f}")
    return model.coef_


def propagation():
    """Spread the labels of a tenth of the digits to the rest."""
    images, digits = load_digits(return_X_y=True)
    chosen = np.random.RandomState(SEED).permutation(len(images))[:400]
    images, digits = images[chosen] / 16, digits[chosen]
    given = np.full(len(digits), -1)
    given[:40] = digits[:40]
    model = LabelPropagation(gamma=1.0, max_iter=200).fit(images, given)
    print(f"propagation: accuracy {np.mean(model.transduction_ == digits):.4f}")
    return model.label_distributions_


def priors():
    """Classify by normal distributions where one class is rare."""
    x, y = make_classification(400, 4, weights=[0.9], class_sep=0.5, random_state=SEED)
    model = GaussianNB().fit(x[:200], y[:200])
    guess = model.predict_proba(x[200:])[np.arange(200), y[200:]]
    accuracy = model.score(x[200:], y[200:])
    print(f"priors: loss {-np.mean(np.log(guess)):.6f} accuracy {accuracy:.4f}")
    return model.class_prior_


def compression():
    """Restore digits from ten whitened components."""
    images, _ = load_digits(return_X_y=True)
    chosen = np.random.RandomState(SEED).permutation(len(images))[:400]
    images = images[chosen] / 16
    model = PCA(10, whiten=True, svd_solver="full").fit(images[:200])
    restored = model.inverse_transform(model.transform(images[200:]))
    print(f"compression: error {np.mean((restored - images[200:]) ** 2):.6f}")
    return model.components_


for part in (folds, weights, propagation, priors, compression):
    part()
