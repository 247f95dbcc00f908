"""The simulation of many slots (benchmarks/scale_model.py) against what must hold of any queue."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from guest import ROOT


@pytest.fixture
def model() -> Iterator[ModuleType]:
    """The benchmark's module, without leaving its folder on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        import scale_model

        yield scale_model
    del sys.modules["scale_model"]


def test_scale_model_of_one_slot_is_the_sum_of_its_parts(model: ModuleType) -> None:
    costs = model.Costs(outcome=0.5, store=0.1, watch=0.0, start=1.0)
    found = model.simulate(costs, slots=1, training=10, outcomes=3, spread=0)
    assert found.seconds == pytest.approx(3 * 11.5)
    assert found.busy == pytest.approx(0.5 / 11.5)


def test_scale_model_is_never_faster_than_its_slots_or_its_driver(model: ModuleType) -> None:
    costs = model.Costs(outcome=0.01, store=0.001, watch=0.0, start=0.5)
    for slots in (1, 10, 100, 1000, 5000):
        outcomes = 4 * slots
        seconds = model.simulate(costs, slots, 10, outcomes, spread=0).seconds
        assert seconds >= max(4 * 10.5, outcomes * 0.01) - 1e-6
        # Nor slower than all slots at once and then all outcomes one by one.
        assert seconds <= 4 * 10.5 + (outcomes + slots) * 0.01


def test_scale_model_has_a_limit_where_the_driver_is_busy(model: ModuleType) -> None:
    costs = model.Costs(outcome=0.004, store=0.001, watch=0.0, start=0.0)
    assert model.most_slots(costs.outcome, 60, 0.0) == 15_000
    limit = model.most_slots(costs.outcome, 2, 0.0)
    assert model.share_of_training(costs, limit // 4, 2) > 0.95
    assert model.share_of_training(costs, limit * 4, 2) == pytest.approx(0.25, rel=0.1)


def test_scale_model_waits_longer_the_more_trainings_the_driver_watches(model: ModuleType) -> None:
    delays = [model.delay_by_watching(0.005, slots) for slots in (0, 1, 50, 150, 300, 3000)]
    assert delays == sorted(delays)
    assert delays[0] == 0
    assert delays[-1] == pytest.approx(3000 * 0.0005 - 0.1)
    assert model.delay_by_watching(0.0, 10_000) == 0


@pytest.fixture
def page() -> Iterator[ModuleType]:
    """The module that writes docs/scale.md."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        import scale_page

        yield scale_page
    for name in ("scale_page", "scale_model"):
        del sys.modules[name]


def row_of(what: str, jobs: int, sleep: float, per_second: float) -> dict[str, object]:
    known = {"what": what, "jobs": jobs, "sleep": sleep, "outcomes_per_second": per_second}
    return {**known, "outcomes": 17, "wall": 40.0, "driver_cpu": 1.5, "load": 0.5}


def test_scale_page_takes_a_new_row_in_place_of_the_one_of_its_size(page: ModuleType) -> None:
    old = {
        "store_ms": 0.5,
        "driver": [row_of("local", 2, 0.0, 78.0)],
        "sleeping": [row_of("local", 1, 4.0, 0.1), row_of("local", 2, 4.0, 0.2)],
        "large": [{"mutants": 4, "outcomes": 40, "stages": {}}],
    }
    new = [
        row_of("local", 2, 0.0, 200.0),
        row_of("ray", 2, 0.0, 90.0),
        row_of("local", 2, 4.0, 0.4),
        row_of("ray", 2, 4.0, 0.38),
        {"mutants": 4, "outcomes": 40, "stages": {"plan": 1}},
    ]
    taken = page.taken(old, new)
    assert taken["store_ms"] == 0.5
    assert [row["outcomes_per_second"] for row in taken["driver"]] == [200.0, 90.0]
    assert [row["outcomes_per_second"] for row in taken["sleeping"]] == [0.1, 0.4]
    assert [row["stages"] for row in taken["large"]] == [{"plan": 1}]
    assert page.on_ray(old) == page.NOT_TRIED
    assert "| 2 | 17 of 4 s | 40 s | 0.95 | 1.5 s | 0 |" in page.on_ray(taken)
