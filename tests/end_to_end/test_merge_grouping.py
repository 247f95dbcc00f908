"""The result of `merge` depends only on what is merged, for random divisions of one plan."""

import json
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from made_up import SETTINGS, MadeUp, campaign_in
from trainwreck import Campaign
from trainwreck.errors import ControlError
from trainwreck.model.shard import Shard
from trainwreck.store.campaign_file import CampaignFile

FEW = "".join(f"x{n} = {n} + {n + 1}\nif x{n} > {n}:\n    y{n} = not x{n}\n" for n in range(3))
EXAMPLES, ATTEMPTS = 25, 3
STOPPED, STOPS_AFTER = ATTEMPTS - 1, 8
"""The attempt that is stopped, and the runs after which it is."""

Part = tuple[int, int]
"""A shard, 0 for the whole plan, and in which of several attempts it was run."""
Made = Callable[[int, Part], Path]

SHARDS_OF = st.integers(1, 4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Runs a part of a plan on demand, each attempt with times of its own; the last one stops."""
    base = tmp_path_factory.mktemp("grouping")
    plan = base / "plan.jsonl"
    with campaign_in(base, "planned", None, SETTINGS, FEW) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.export(plan, logs=True)

    @cache
    def part(of: int, which: Part) -> Path:
        number, attempt = which
        folder = base / f"{of}-{number}-{attempt}"
        Campaign.import_records(plan, folder)
        most = 100 * attempt + STOPS_AFTER if attempt == STOPPED else 1 << 30
        launcher = MadeUp(made=100 * attempt, most=most)
        with campaign_in(base, folder.name, launcher, SETTINGS, FEW) as campaign:
            try:
                campaign.run(shard=Shard(number, of) if number else None)
            except ControlError:
                assert attempt == STOPPED
        return folder

    return part


def facts(folder: Path) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    with CampaignFile.open(folder) as file:
        for table, row in file.dump(str, logs=True):
            tables.setdefault(table, []).append(json.dumps(row, sort_keys=True))
    return {table: sorted(rows) for table, rows in tables.items()}


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(of=SHARDS_OF, data=st.data())
def test_merge_gives_the_same_for_any_division_order_grouping_and_repetition(
    made: Made, tmp_path_factory: pytest.TempPathFactory, of: int, data: st.DataObject
) -> None:
    base, names = tmp_path_factory.mktemp("merged"), map(str, count())
    parts = st.tuples(st.integers(0, of), st.integers(0, ATTEMPTS - 1))
    chosen = data.draw(st.lists(parts, min_size=1, max_size=5), label="merged, some repeatedly")
    at_once = base / "at once"
    Campaign.merge([made(of, part) for part in sorted(set(chosen))], at_once)
    left = [made(of, part) for part in chosen]
    joined: list[Path] = []
    while len(left) > 1 or not joined:
        order = data.draw(st.permutations(range(len(left))), label="order")
        number = data.draw(st.integers(1 if len(left) == 1 else 2, len(left)), label="in one merge")
        group = [left[index] for index in order[:number]]
        # A merge into a folder that holds some already, or into a new one.
        goes_on = group[0] in joined and data.draw(st.booleans(), label="into the first")
        target = group[0] if goes_on else base / next(names)
        Campaign.merge(group[1:] if goes_on else group, target)
        joined.append(target)
        left = [*(left[index] for index in order[number:]), target]
    expected = facts(at_once)
    assert facts(left[0]) == expected
    Campaign.merge([made(of, chosen[0]), at_once], left[0])
    assert facts(left[0]) == expected
