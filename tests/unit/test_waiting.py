"""How many mutants run together, by what joint runs have shown so far."""

import random

import pytest

from trainwreck.campaign.together import MOST, Waited, runs_for_each


def test_the_more_mutants_must_run_alone_the_fewer_run_together() -> None:
    assert Waited().most == MOST
    sizes = [Waited(masked=20, alone=alone).most for alone in (0, 1, 3, 8, 12)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == MOST
    assert sizes[-1] == 2


def test_none_wait_where_every_third_must_run_alone() -> None:
    assert Waited(masked=40, alone=10).pays
    assert not Waited(masked=10, alone=20).pays
    # A few at the beginning tell little.
    assert Waited(masked=0, alone=4).pays


@pytest.mark.parametrize(
    ("whole", "until_report", "masked", "alone", "pays"),
    [
        (25.0, 15.0, 0, 0, True),
        (25.0, 15.0, 20, 1, True),
        (25.0, 15.0, 20, 4, False),
        (25.0, 19.0, 0, 0, False),
        (25.0, 7.0, 20, 4, True),
        (25.0, 7.0, 20, 12, False),
        (25.0, 7.0, 10, 20, False),
        # In a short run, the start of Python is most of it.
        (0.2, 0.18, 0, 0, True),
    ],
)
def test_mutants_wait_where_their_first_report_comes_early_in_a_run(
    whole: float, until_report: float, masked: int, alone: int, pays: bool
) -> None:
    assert Waited(whole, until_report, masked, alone).pays is pays


def test_what_mutants_took_that_waited_counts_more_than_a_clean_run() -> None:
    assert Waited(25.0, 10.0, waits=[19.0] * 3).pays
    assert not Waited(25.0, 10.0, waits=[19.0] * 4).pays


@pytest.mark.parametrize("size", [2, 4, 8, 16])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_the_expected_runs_are_those_of_simulated_halvings(size: int, share: float) -> None:
    draw = random.Random(size)

    def runs_of(group: list[bool]) -> int:
        if len(group) == 1 or not any(group):
            return 1
        middle = len(group) // 2
        return 1 + runs_of(group[:middle]) + runs_of(group[middle:])

    times = 4_000
    runs = sum(runs_of([draw.random() < share for _ in range(size)]) for _ in range(times))
    assert runs / times / size == pytest.approx(runs_for_each(size, share), rel=0.03)
