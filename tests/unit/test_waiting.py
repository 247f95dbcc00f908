"""How many mutants run together, by what joint runs have shown so far."""

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
