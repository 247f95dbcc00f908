"""Hostile programs at level strict: nothing of the user's is harmed, and each ends as it should."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hostile import Zoo, acts, has_levels

pytestmark = pytest.mark.skipif(not has_levels(), reason="no level of containment is known yet")
LEVEL = "strict"


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    with Zoo(tmp_path_factory.mktemp("zoo"), LEVEL).ready() as zoo:
        if zoo.level_that_held != LEVEL:
            pytest.skip(f"this machine gives the level {zoo.level_that_held}")
        yield zoo


@pytest.mark.parametrize("act", acts())
def test_containment_strict_stops_each_hostile_program(zoo: Zoo, act: str) -> None:
    result = zoo.perform(act, acts()[act])
    if result.is_open:
        pytest.skip(f"{zoo.means} cannot stop it")
    assert (result.harmed, result.left, result.problems) == ([], [], [])


def test_a_harmless_bug_has_its_usual_verdict_after_all_of_them(zoo: Zoo) -> None:
    assert zoo.benign_verdict() == "propagated"


def test_at_least_thirty_hostile_programs_are_tried(tmp_path: Path) -> None:
    assert len(acts()) >= 30
    assert all(acts().values())
