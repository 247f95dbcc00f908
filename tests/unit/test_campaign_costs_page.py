"""The page on costs scales a campaign by what grows with its mutants, and by nothing else."""

import sys

import pytest

from guest import ROOT

sys.path.insert(0, str(ROOT / "tools" / "pages"))

import campaign_costs

FIXED = 100.0
EACH = {"naive": 15.0, "warm": 3.0}
MUTANTS = 120


def way(each: float, part: int) -> dict[str, object]:
    """Return what was measured of a way that ran a part of the mutants, its costs scaled to all."""
    sums = {"first": FIXED + each * MUTANTS, "mutants": MUTANTS, "part": part}
    return {"sums": sums, "symptoms": {}}


def test_ways_without_further_seeds_are_not_compared_with_those_that_had_them() -> None:
    ways = {name: {**way(EACH[name], MUTANTS), "is_complete": name == "naive"} for name in EACH}
    study = {"ways": ways, "parts": {}}
    assert list(campaign_costs.comparable(study)) == ["naive"]
    assert campaign_costs.projected("a study", study).rows == ()


@pytest.mark.parametrize("part", [40, MUTANTS])
def test_projection_of_a_way_that_ran_in_part_is_that_of_the_whole(part: int) -> None:
    study = {
        "ways": {"naive": way(EACH["naive"], part), "warm": way(EACH["warm"], MUTANTS)},
        "parts": {
            "naive": {"clean": FIXED, "mutant": EACH["naive"] * part},
            "warm": {"clean": FIXED, "mutant": EACH["warm"] * MUTANTS},
        },
    }
    assert campaign_costs.parts_of(study, "naive") == pytest.approx((FIXED, EACH["naive"]))
    table = campaign_costs.projected("a study", study)
    for number, warm, _ in table.rows:
        count = int(number.replace(",", ""))
        wanted = (FIXED + EACH["warm"] * count) / (FIXED + EACH["naive"] * count)
        assert warm == campaign_costs.share(wanted)
