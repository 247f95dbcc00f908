"""The numbers of runs that can decide: the settings' answer is that of the planned tests."""

from itertools import product

import pytest

from trainwreck.model.draws import analysis_points
from trainwreck.stats.compare import smallest_p
from trainwreck.stats.sequential import can_reject, nominal_levels
from trainwreck.subject.deciding import can_decide, least_clean, least_seeds


@pytest.mark.parametrize("alpha", [0.4, 0.05, 0.01, 1e-4])
def test_can_reject_agrees_with_the_nominal_levels(alpha: float) -> None:
    for clean, seeds in product(range(1, 13), range(2, 13)):
        points = tuple(analysis_points(seeds, 1))
        levels = nominal_levels(points, alpha)
        least = [smallest_p(clean, runs) for runs in points]
        attainable = any(p <= level for p, level in zip(least, levels, strict=True))
        assert can_reject(clean, points, alpha) is attainable


def test_least_seeds_and_least_clean_are_the_least_that_can_decide() -> None:
    for clean, seeds in product(range(2, 12), range(2, 12)):
        if seeds > clean or can_decide(clean, seeds, 1, 0.05):
            continue
        more = least_seeds(clean, seeds, 1, 0.05)
        if more is not None:
            assert can_decide(clean, more, 1, 0.05)
            assert not any(can_decide(clean, n, 1, 0.05) for n in range(seeds, more))
        larger = least_clean(clean, seeds, 1, 0.05)
        assert larger is not None
        assert can_decide(larger, seeds, 1, 0.05)
        assert not can_decide(larger - 1, seeds, 1, 0.05)


def test_four_clean_runs_can_never_decide_and_five_can() -> None:
    assert not any(can_decide(4, seeds, 1, 0.05) for seeds in range(1, 5))
    assert can_decide(5, 5, 1, 0.05)
    assert least_clean(4, None, 1, 0.05) == 5


def test_folds_add_runs_that_decide() -> None:
    assert not can_decide(2, 1, 1, 0.05)
    assert can_decide(2, 1, 3, 0.05)


def test_no_number_of_seeds_may_reach_a_tiny_alpha() -> None:
    assert least_seeds(5, 2, 1, 1e-12) is None
    assert least_clean(5, 2, 1, 1e-300) is None
