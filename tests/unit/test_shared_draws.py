"""The test of samples that share draws: its level and power, by seeded simulations."""

from math import sqrt

import numpy
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from trainwreck.stats.batched import Contrasts, contrast_each
from trainwreck.stats.shared_draws import bartlett_factor, normal_scores, signed_roots

ROWS = 4_000
SHAPES = {
    "normal": lambda z: z,
    "skewed": lambda z: -numpy.log(ndtr(-z)),
    "two values": lambda z: (z > 0.8) * 1.0,
    "rare collapse": lambda z: numpy.where(z < -1.28, -8.0, z),
}


def drawn(
    correlation: float, runs: int = 10, clean: int = 30, seed: int = 0
) -> tuple[NDArray[numpy.float64], NDArray[numpy.float64]]:
    source = numpy.random.default_rng(seed)
    usual = source.standard_normal((ROWS, clean))
    own = source.standard_normal((ROWS, runs)) * sqrt(1 - correlation**2)
    own[:, : min(runs, clean)] += correlation * usual[:, : min(runs, clean)]
    return usual, own


def share_significant(usual: NDArray[numpy.float64], own: NDArray[numpy.float64]) -> float:
    pairs = min(own.shape[1], usual.shape[1])
    return float((numpy.abs(signed_roots(own, usual, pairs)) > -ndtri(0.025)).mean())


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.95])
@pytest.mark.parametrize("shape", SHAPES)
def test_signed_roots_hold_their_level_whatever_the_distribution(
    shape: str, correlation: float
) -> None:
    usual, own = drawn(correlation)
    # Four standard errors of a simulated share of 5 % are 1.4 %.
    assert share_significant(SHAPES[shape](usual), SHAPES[shape](own)) <= 0.05 + 0.014


def test_signed_roots_see_more_where_draws_go_together() -> None:
    shares = [share_significant(usual, own - 1) for usual, own in map(drawn, (0.0, 0.6, 0.95))]
    assert shares[0] > 0.65
    assert shares[1] > 0.85
    assert shares[2] > 0.99


def test_the_sign_is_that_of_the_difference() -> None:
    usual, own = drawn(0.6)
    assert (signed_roots(own + 5, usual, 10) > 0).all()
    assert (signed_roots(own - 5, usual, 10) < 0).all()


def test_equal_values_have_no_difference() -> None:
    same = numpy.full((2, 10), 0.7)
    assert (signed_roots(same, numpy.full((2, 12), 0.7), 10) == 0).all()


def test_normal_scores_are_symmetric_and_know_ties() -> None:
    scores = normal_scores(numpy.asarray([[3.0, 1.0, 2.0, 2.0]]))
    assert scores[0].sum() == pytest.approx(0)
    assert scores[0][2] == scores[0][3] == pytest.approx(0)


def test_the_factor_nears_one_in_large_samples() -> None:
    assert 1.3 < bartlett_factor(8, 8, 8) < 1.5
    assert 1.0 < bartlett_factor(100, 100, 100) < 1.06


def test_a_mutant_may_have_draws_that_no_clean_run_has() -> None:
    clean = [0.75 + 0.001 * (7 * index % 20) for index in range(20)]
    sample = [value - 0.01 for value in clean[:9]] + [0.745]
    shared = tuple(range(9))
    (contrast,) = contrast_each(clean, [sample], [(*shared, -1)])
    (turned,) = contrast_each(clean, [[sample[9], *sample[:9]]], [(-1, *shared)])
    assert contrast.pairs == 9
    assert contrast.shared == pytest.approx(-0.01)
    assert contrast.p == turned.p
    assert not contrast.all_equal


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.95])
@pytest.mark.parametrize("shape", ["normal", "skewed"])
def test_a_difference_as_large_as_the_margin_is_seldom_equivalent(
    shape: str, correlation: float
) -> None:
    usual, own = drawn(correlation, seed=1)
    usual, own = SHAPES[shape](usual), SHAPES[shape](own)
    for side in (1, -1):
        within = Contrasts(usual, own + side, 10, margin=1.0).within
        assert (within <= 0.05).mean() <= 0.05 + 0.014


@pytest.mark.parametrize("runs", [10, 20, 30])
def test_a_rare_collapse_is_called_equivalent_only_where_it_was_not_seen(runs: int) -> None:
    usual, own = drawn(0.6, runs=runs, seed=2)
    collapsed = numpy.random.default_rng(3).random(own.shape) < 0.1
    within = Contrasts(usual, own - 10.2 * collapsed, runs, margin=1.0).within
    assert (within <= 0.05).mean() <= 0.9**runs + 0.05


@pytest.mark.parametrize("runs", [3, 5, 10, 30])
@pytest.mark.parametrize("shape", ["normal", "skewed", "rare collapse"])
def test_intervals_cover(shape: str, runs: int) -> None:
    usual, own = drawn(0.0, runs=runs, seed=4)
    low, high = Contrasts(SHAPES[shape](usual), SHAPES[shape](own), 0).interval
    assert ((low <= 0) & (high >= 0)).mean() >= 0.93
