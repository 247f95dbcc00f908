"""Hostile programs at level strict by Landlock, as on a machine that allows no namespaces."""

from collections.abc import Iterator

import pytest

from hostile import OPEN_BY_LANDLOCK, Zoo, acts, can_be_without_namespaces

pytestmark = pytest.mark.skipif(
    not can_be_without_namespaces(), reason="this machine cannot be made one without namespaces"
)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    with Zoo(tmp_path_factory.mktemp("zoo"), "landlock").ready() as zoo:
        assert zoo.means == "landlock"
        yield zoo


@pytest.mark.parametrize("act", [act for act in acts() if act not in OPEN_BY_LANDLOCK])
def test_landlock_stops_what_it_claims_to(zoo: Zoo, act: str) -> None:
    result = zoo.perform(act, acts()[act])
    assert (result.harmed, result.left, result.problems) == ([], [], [])


def test_a_harmless_bug_has_its_usual_verdict_after_all_of_them(zoo: Zoo) -> None:
    assert zoo.benign_verdict() == "propagated"
