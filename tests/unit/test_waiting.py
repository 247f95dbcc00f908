"""How many mutants run together, by what joint runs have shown so far."""

import pytest

from trainwreck.campaign.together import MOST, Waited


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
        (25.0, 15.0, 20, 4, True),
        (25.0, 15.0, 20, 8, False),
        (25.0, 19.0, 0, 0, False),
        (25.0, 7.0, 20, 12, True),
        (25.0, 7.0, 10, 20, False),
        # In a short run, the start of Python is most of it.
        (0.2, 0.18, 0, 0, True),
    ],
)
def test_mutants_wait_where_their_first_report_comes_early_in_a_run(
    whole: float, until_report: float, masked: int, alone: int, pays: bool
) -> None:
    assert Waited(whole, until_report, masked, alone).pays is pays
