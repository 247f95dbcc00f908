"""What differs between two environments."""

import pytest

from trainwreck.model import Environment

BEFORE = Environment("3.6.15", {"numpy": "1.16.6", "theano": "1.0.4"})


@pytest.mark.parametrize(
    ("after", "difference"),
    [
        (Environment("3.6.15", {"theano": "1.0.4", "numpy": "1.16.6"}), []),
        (
            Environment("3.6.15", {"numpy": "1.17.0", "theano": "1.0.4"}),
            ["numpy 1.16.6 → 1.17.0"],
        ),
        (
            Environment("3.6.15", {**BEFORE.packages, "six": "1.0"}),
            ["six not there → 1.0"],
        ),
        (Environment("3.6.15", {"numpy": "1.16.6"}), ["theano 1.0.4 → not there"]),
        (Environment("3.7.1", BEFORE.packages), ["Python 3.6.15 → 3.7.1"]),
        (
            Environment("3.7.1", {"numpy": "1.17.0", "absl": "2"}),
            [
                "Python 3.6.15 → 3.7.1",
                "absl not there → 2",
                "numpy 1.16.6 → 1.17.0",
                "theano 1.0.4 → not there",
            ],
        ),
    ],
    ids=["nothing", "changed", "added", "removed", "Python", "everything"],
)
def test_a_difference_names_what_changed(after: Environment, difference: list[str]) -> None:
    assert BEFORE.difference(after) == difference
