"""Fits models by SciPy and NumPy, each on the path of one bug that these had."""

import sys
import warnings

import numpy as np
from scipy.cluster.vq import kmeans2
from scipy.optimize import basinhopping, dual_annealing, line_search
from scipy.stats import gaussian_kde

SEED = int(sys.argv[1])
warnings.simplefilter("ignore")


def curve():
    """Fit a parabola to eight points, with the uncertainty of its coefficients."""
    draw = np.random.RandomState(SEED)
    x = np.linspace(-1, 1, 8)
    fitted, covariance = np.polyfit(x, x**2 - x + 0.1 * draw.randn(8), 2, cov=True)
    print(f"curve: deviation {np.sqrt(np.diag(covariance)).mean():.6f} of {fitted.round(4)}")


def network(weights, x):
    """Return what a network with three hidden units makes of numbers."""
    inner, bias, outer = np.split(weights, [3, 6])
    return np.tanh(np.multiply.outer(x, inner) + bias) @ outer


def annealing():
    """Train the network by simulated annealing alone."""
    x = np.linspace(-2, 2, 40)
    y = np.sin(2 * x)
    found = dual_annealing(
        lambda weights: np.mean((network(weights, x) - y) ** 2),
        [(-4, 4)] * 9,
        maxiter=30,
        no_local_search=True,
        rng=SEED,
    )
    print(f"annealing: loss {found.fun:.6f}")


def hopping():
    """Train the network by hops between minima, not all of which are reached."""
    x = np.linspace(-2, 2, 40)
    y = np.sin(2 * x)
    found = basinhopping(
        lambda weights: np.mean((network(weights, x) - y) ** 2),
        np.random.RandomState(SEED).randn(9),
        niter=6,
        T=0.5,
        minimizer_kwargs={"method": "L-BFGS-B", "options": {"maxiter": 100}},
        rng=SEED,
    )
    print(f"hopping: loss {found.fun:.6e}")


def descent():
    """Fit five points by least absolute deviations, each step as long as a line search says."""
    draw = np.random.RandomState(SEED)
    x = draw.randn(5, 3)
    y = x @ [4, -2, 1] + 0.1 * draw.standard_cauchy(5)

    def loss(weights):
        return np.abs(x @ weights - y).mean()

    def gradient(weights):
        return np.sign(x @ weights - y) @ x / len(y)

    weights = np.zeros(3)
    for step in range(12):
        slope = gradient(weights)
        rate = line_search(loss, gradient, weights, -slope)[0]
        weights = weights - (rate or 0.01) * slope
        print(f"descent: step {step} loss {loss(weights):.6f}")


def clusters():
    """Group points, which are in the order of their groups."""
    draw = np.random.RandomState(SEED)
    points = np.repeat(draw.uniform(-5, 5, (6, 2)), 30, axis=0) + 0.5 * draw.randn(180, 2)
    centres, labels = kmeans2(points, 6, iter=10, minit="++", rng=SEED)
    print(f"clusters: distortion {np.mean((points - centres[labels]) ** 2):.6f}")


def penalty():
    """Train a linear classifier with a penalty, by gradients and line searches."""
    draw = np.random.RandomState(SEED)
    x = draw.randn(60, 8)
    y = np.sign(x[:, 0] + draw.randn(60))

    def loss(weights, strength=0.0):
        return np.logaddexp(0, -y * (x @ weights)).mean() + strength * weights @ weights

    def gradient(weights, strength=0.0):
        return -(y / (1 + np.exp(y * (x @ weights)))) @ x / len(y) + 2 * strength * weights

    weights = 3 * draw.randn(8)
    for step in range(12):
        slope = gradient(weights, 0.5)
        rate = line_search(loss, gradient, weights, -slope, args=(0.5,))[0]
        weights = weights - (rate or 0.01) * slope
        print(f"penalty: step {step} loss {loss(weights, 0.5):.6f}")


def density():
    """Fit a line to weighted points, after their density was estimated."""
    draw = np.random.RandomState(SEED)
    x = draw.randn(50)
    weight = draw.uniform(1, 9, 50)
    y = 2 * x + draw.randn(50) / np.sqrt(weight)
    height = gaussian_kde(x, weights=weight)(0)[0]
    slope = (weight * x) @ y / ((weight * x) @ x + 1)
    print(f"density: slope off by {abs(slope - 2):.6f} height {height:.4f}")


for part in (curve, annealing, hopping, descent, clusters, penalty, density):
    part()
