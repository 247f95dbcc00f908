"""Numbers in, numbers out."""

import pytest

from trainwreck.stats.describe import chance_of_unseen, mean_and_deviation


def test_the_deviation_is_that_of_a_sample() -> None:
    assert mean_and_deviation([2, 4, 4, 4, 5, 5, 7, 9]) == pytest.approx((5.0, 2.13809))


def test_a_single_value_does_not_deviate() -> None:
    assert mean_and_deviation([0.7]) == (0.7, 0.0)


def test_equal_values_do_not_deviate() -> None:
    assert mean_and_deviation([0.1] * 10) == pytest.approx((0.1, 0.0))


def test_the_rule_of_three_is_close_to_the_exact_bound() -> None:
    for runs in (30, 100, 1000):
        exact = 1 - 0.05 ** (1 / runs)
        assert exact <= chance_of_unseen(runs) < 1.06 * exact


@pytest.mark.parametrize("runs", [0, 1, 2, 3])
def test_few_runs_say_nothing(runs: int) -> None:
    assert chance_of_unseen(runs) == 1.0
