"""Hostile programs at level copy: what copies can stop is stopped, and no campaign ends."""

from collections.abc import Iterator

import pytest

from hostile import OPEN_AT_COPY, Zoo, acts, has_levels

pytestmark = pytest.mark.skipif(not has_levels(), reason="no level of containment is known yet")


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    with Zoo(tmp_path_factory.mktemp("zoo"), "copy").ready() as zoo:
        yield zoo


@pytest.mark.parametrize("act", [act for act in acts() if act not in OPEN_AT_COPY])
def test_containment_copy_stops_what_copies_can(zoo: Zoo, act: str) -> None:
    result = zoo.perform(act, acts()[act])
    assert (result.harmed, result.left, result.problems) == ([], [], [])


def test_a_harmless_bug_has_its_usual_verdict_after_all_of_them(zoo: Zoo) -> None:
    assert zoo.benign_verdict() == "propagated"
