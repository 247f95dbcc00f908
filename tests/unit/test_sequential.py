"""Planned analyses: levels against published ones, and against simulated walks."""

from math import log

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from trainwreck.stats.sequential import conditional_power, nominal_levels, sequential_p, spent

PLAN = (3, 5, 10)


def test_nominal_levels_are_the_published_ones_of_five_equal_steps() -> None:
    # Reboussin, DeMets, Kim and Lan (Controlled Clinical Trials 21, 2000), Pocock-type spending.
    bounds = [-ndtri(level / 2) for level in nominal_levels((1, 2, 3, 4, 5), 0.05)]
    assert bounds == pytest.approx([2.4380, 2.4268, 2.4101, 2.3966, 2.3859], abs=1e-3)


def test_the_first_analysis_spends_what_the_function_gives_it() -> None:
    assert nominal_levels(PLAN, 0.05)[0] == pytest.approx(0.05 * spent(0.3), abs=1e-9)
    assert nominal_levels((7,), 0.05) == pytest.approx((0.05,))
    assert spent(1.0) == pytest.approx(1.0)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.2])
def test_all_analyses_together_have_the_level(level: float) -> None:
    source, rows = numpy.random.default_rng(0), 200_000
    steps = numpy.diff([0, *PLAN])
    walk = numpy.cumsum(source.standard_normal((rows, 3)) * numpy.sqrt(steps), axis=1)
    bounds = numpy.asarray([-ndtri(each / 2) for each in nominal_levels(PLAN, level)])
    crossed = (numpy.abs(walk / numpy.sqrt(PLAN)) > bounds).any(axis=1).mean()
    assert crossed == pytest.approx(level, rel=0.03)


@pytest.mark.parametrize(("runs", "index"), [(1, 0), (3, 0), (4, 1), (5, 1), (8, 2), (10, 2)])
@pytest.mark.parametrize("level", [0.001, 0.05, 0.3])
def test_sequential_p_is_the_level_at_which_a_p_is_just_significant(
    runs: int, index: int, level: float
) -> None:
    nominal = nominal_levels(PLAN, level)[index]
    assert sequential_p(nominal, runs, PLAN) == pytest.approx(level, rel=0.01)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([1, 3, 5, 10, 50]))
def test_sequential_p_grows_with_p_and_is_no_smaller(p: float, other: float, runs: int) -> None:
    found, larger = (sequential_p(each, runs, PLAN) for each in sorted((p, other)))
    assert min(p, other) - 1e-12 <= found <= larger <= 1


def test_without_a_plan_p_stays_as_it_is() -> None:
    assert sequential_p(0.03, 7, ()) == 0.03
    assert sequential_p(0.03, 7, (10,)) == 0.03


def test_tiny_ps_are_still_told_apart() -> None:
    small, smaller = sequential_p(1e-9, 10, PLAN), sequential_p(1e-12, 10, PLAN)
    assert log(small / smaller) == pytest.approx(log(1000), rel=0.01)


def test_conditional_power_is_none_after_the_last_analysis_and_grows_with_the_signal() -> None:
    assert conditional_power(0.5, 10, PLAN, 0.05) == 0
    assert conditional_power(0.5, 3, (), 0.05) == 0
    chances = [conditional_power(p, 5, PLAN, 0.05) for p in (0.5, 0.2, 0.05, 0.001)]
    assert chances == sorted(chances)
    assert chances[0] < 0.05 < 0.9 < chances[-1]
