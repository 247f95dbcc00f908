"""Shards of one plan in campaigns of their own, and `merge`; a launcher makes up the runs."""

import json
import os
import platform
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from made_up import SETTINGS, TRAIN, MadeUp, campaign_in
from trainwreck import Campaign, __version__
from trainwreck.errors import ControlError, TrainwreckError, UsageError
from trainwreck.model import Judged, Outcome, Trial
from trainwreck.model.shard import Shard
from trainwreck.store.campaign_file import CampaignFile

PLAN, PARTS, PAGE = "plan.jsonl", 3, 4096
PYTHON = platform.python_version()
Begin = Callable[..., Campaign]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign that was not divided, its plan in a file that travels, and its shards."""
    base = tmp_path_factory.mktemp("made")
    with campaign_in(base, "whole", None, SETTINGS) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.export(base / PLAN, logs=True)
        campaign.run()
    for number in range(1, PARTS + 1):
        folder = base / f"shard-{number}"
        Campaign.import_records(base / PLAN, folder)
        with campaign_in(base, folder.name, None, SETTINGS) as campaign:
            campaign.baseline()
            campaign.run(shard=Shard(number, PARTS))
    return base


@pytest.fixture
def begin(made: Path, tmp_path: Path) -> Begin:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)

    def begun(name: str, launcher: MadeUp | None = None, settings: str = SETTINGS) -> Campaign:
        return campaign_in(tmp_path, name, launcher, settings)

    return begun


@pytest.fixture
def whole(begin: Begin, tmp_path: Path) -> Path:
    return tmp_path / "whole"


@pytest.fixture
def shards(begin: Begin, tmp_path: Path) -> list[Path]:
    return [tmp_path / f"shard-{number}" for number in range(1, PARTS + 1)]


def verdicts(folder: Path) -> dict[str, Judged]:
    judged = Campaign.open(folder).results().study.judged
    return {item.mutant.id: item for item in judged}


def fates(folder: Path) -> dict[str, tuple[object, ...]]:
    return {
        mutant: (item.verdict.rung, item.verdict.symptom, item.verdict.impact, item.weight)
        for mutant, item in verdicts(folder).items()
    }


def facts(folder: Path) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    with CampaignFile.open(folder) as file:
        for table, row in file.dump(str, logs=True):
            tables.setdefault(table, []).append(json.dumps(row, sort_keys=True))
    return {table: sorted(rows) for table, rows in tables.items()}


def test_merge_of_all_shards_has_the_verdicts_of_the_undivided_campaign(
    whole: Path, shards: list[Path], tmp_path: Path
) -> None:
    parts = [verdicts(folder) for folder in shards]
    assert all(parts)
    assert sum(map(len, parts)) == len(verdicts(whole)) > 20
    merged = Campaign.merge(shards, tmp_path / "all", complete=True)
    assert (merged.campaigns, merged.of, merged.missing_shards, merged.missing) == (3, 0, (), 0)
    assert fates(tmp_path / "all") == fates(whole)
    assert Campaign.open(tmp_path / "all").status().left == 0
    assert Campaign.open(tmp_path / "all").verify().damages == ()
    assert Campaign.open(tmp_path / "all").tables()


def test_shard_is_a_campaign_of_its_own(shards: list[Path]) -> None:
    status = Campaign.open(shards[0]).status()
    assert status.left == 0
    assert status.done == status.planned == len(verdicts(shards[0]))
    assert Campaign.open(shards[0]).tables()


def test_merge_of_some_shards_reports_what_is_missing(shards: list[Path], tmp_path: Path) -> None:
    merged = Campaign.merge(shards[::2], tmp_path / "some")
    assert (merged.of, merged.missing_shards, merged.missing) == (3, (2,), 0)
    assert Campaign.open(tmp_path / "some").status().left == 0
    with pytest.raises(UsageError, match=r"shard 2 \(of 3 shards\) is missing"):
        Campaign.merge(shards[::2], tmp_path / "none", complete=True)
    assert not (tmp_path / "none").exists()


def test_merge_gives_the_same_in_every_order_and_grouping(
    shards: list[Path], tmp_path: Path
) -> None:
    Campaign.merge(shards, tmp_path / "all")
    expected = facts(tmp_path / "all")
    for index, order in enumerate(permutations(shards)):
        pair = tmp_path / f"pair-{index}"
        Campaign.merge(order[:2], pair)
        Campaign.merge([pair, order[2]], tmp_path / f"all-{index}")
        assert facts(tmp_path / f"all-{index}") == expected
    again = Campaign.merge([*shards, tmp_path / "pair-0"], tmp_path / "all")
    assert again.doubles
    assert facts(tmp_path / "all") == expected


def test_merge_of_a_shard_that_ran_twice_counts_each_run_once(
    begin: Begin, shards: list[Path], tmp_path: Path
) -> None:
    twice = tmp_path / "twice"
    Campaign.import_records(tmp_path / PLAN, twice)
    with begin("twice", MadeUp(made=400)) as campaign:
        campaign.run(shard=Shard(2, PARTS))
    one = Campaign.merge(shards, tmp_path / "all")
    with_double = Campaign.merge([*shards, twice], tmp_path / "with double")
    reverse = Campaign.merge([twice, *reversed(shards)], tmp_path / "in reverse")
    assert (reverse.runs, reverse.doubles) == (with_double.runs, with_double.doubles)
    assert with_double.doubles > one.doubles
    assert with_double.runs == one.runs
    assert fates(tmp_path / "with double") == fates(tmp_path / "all")
    assert facts(tmp_path / "with double") == facts(tmp_path / "all")


def test_merge_refuses_runs_that_contradict_each_other(
    begin: Begin, shards: list[Path], tmp_path: Path
) -> None:
    def moved(trial: Trial, result: Outcome) -> Outcome:
        return replace(result, parameters="other") if trial.mutant and result.exit.fine else result

    wrong = tmp_path / "wrong"
    Campaign.import_records(tmp_path / PLAN, wrong)
    with begin("wrong", MadeUp(moved)) as campaign:
        campaign.run(shard=Shard(1, PARTS))
    Campaign.merge(shards[:1], tmp_path / "all")
    before = facts(tmp_path / "all")
    with pytest.raises(UsageError, match="contradicts the same run"):
        Campaign.merge([wrong, shards[1]], tmp_path / "all")
    assert facts(tmp_path / "all") == before


def test_merge_takes_a_shard_that_was_stopped_and_reports_its_gap(
    begin: Begin, shards: list[Path], tmp_path: Path
) -> None:
    half = tmp_path / "half"
    Campaign.import_records(tmp_path / PLAN, half)
    campaign = begin("half", MadeUp(most=5))
    with pytest.raises(ControlError), campaign:
        campaign.run(shard=Shard(3, PARTS))
    merged = Campaign.merge([shards[0], half], tmp_path / "all")
    assert merged.missing > 3
    with pytest.raises(UsageError, match="mutants have no verdict"):
        Campaign.merge([*shards[:2], half], tmp_path / "complete", complete=True)
    finished = Campaign.merge([shards[0], half, shards[2], shards[1]], tmp_path / "rest")
    assert (finished.missing, finished.missing_shards) == (0, ())


def test_merge_of_shards_from_machines_whose_clocks_differ_is_that_of_equal_ones(
    begin: Begin, shards: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, ahead = tmp_path / "late", 20 * 60
    Campaign.import_records(tmp_path / PLAN, late)
    now, now_ns = time.time, time.time_ns
    with monkeypatch.context() as clock, begin("late") as campaign:
        clock.setattr(time, "time", lambda: now() + ahead)
        clock.setattr(time, "time_ns", lambda: now_ns() + ahead * 10**9)
        campaign.baseline()
        campaign.run(shard=Shard(2, PARTS))
    for path in late.iterdir():
        os.utime(path, (now() + ahead, now() + ahead))
    Campaign.merge(shards, tmp_path / "all")
    merged = Campaign.merge([shards[0], late, shards[2]], tmp_path / "clocks", complete=True)
    assert merged.missing == 0
    assert facts(tmp_path / "clocks") == facts(tmp_path / "all")


def cut(file: Path, size: int) -> None:
    os.truncate(file, size // 2 // PAGE * PAGE)


def empty_its_end(file: Path, size: int) -> None:
    cut(file, size)
    os.truncate(file, size)


def hold_nothing(file: Path, _: int) -> None:
    os.truncate(file, 0)


@pytest.mark.parametrize("damage", [cut, empty_its_end, hold_nothing])
def test_merge_refuses_a_shard_that_was_copied_in_part_and_changes_nothing(
    shards: list[Path], tmp_path: Path, damage: Callable[[Path, int], None]
) -> None:
    half = tmp_path / "half"
    shutil.copytree(shards[1], half)
    damage(half / "campaign.sqlite", (half / "campaign.sqlite").stat().st_size)
    Campaign.merge([shards[0], shards[2]], tmp_path / "all")
    before = facts(tmp_path / "all")
    with pytest.raises(TrainwreckError, match=r"half/campaign\.sqlite is (damaged|incomplete)"):
        Campaign.merge([*shards[::2], half], tmp_path / "all")
    assert facts(tmp_path / "all") == before
    assert Campaign.merge(shards, tmp_path / "all", complete=True).missing == 0


def test_merged_campaign_goes_on_without_a_run_that_it_has(
    begin: Begin, shards: list[Path], whole: Path, tmp_path: Path
) -> None:
    Campaign.merge(shards[:2], tmp_path / "all")
    launcher = MadeUp()
    with begin("all", launcher) as campaign:
        campaign.baseline()
        assert campaign.run() == 0
        campaign.run(shard=Shard(3, PARTS))
    assert fates(tmp_path / "all") == fates(whole)
    assert launcher.made < 3 * len(verdicts(shards[2])) + 20


def test_merge_of_shards_that_began_apart_joins_their_equal_baselines(
    begin: Begin, whole: Path, tmp_path: Path
) -> None:
    folders = []
    for number in (1, 2):
        with begin(f"apart-{number}", MadeUp(made=number * 90)) as campaign:
            campaign.baseline()
            campaign.plan()
            campaign.run(shard=Shard(number, 2))
        folders.append(campaign.folder)
    merged = Campaign.merge(folders, tmp_path / "all", complete=True)
    assert merged.doubles
    assert fates(tmp_path / "all") == fates(whole)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        (SETTINGS.replace("seeds = 5", "seeds = 6"), "numbers of runs differ"),
        (SETTINGS + "[mutants]\nper_file = 9\n", r"settings differ: mutants\.per_file \(.+, 9\)"),
        (SETTINGS + "containment = 'copy'\n", "levels"),
    ],
)
def test_merge_refuses_another_campaign(
    begin: Begin,
    shards: list[Path],
    tmp_path: Path,
    settings: str,
    what: str,
) -> None:
    with begin("other", settings=settings) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(shard=Shard(1, PARTS))
    with pytest.raises(UsageError, match=what):
        Campaign.merge([shards[0], campaign.folder], tmp_path / "all")


def test_merge_names_a_file_of_the_program_that_differs(shards: list[Path], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = campaign_in(tmp_path / "elsewhere", "other", None, SETTINGS)
    (tmp_path / "elsewhere" / "program" / "train.py").write_text(f"{TRAIN}# changed\n")
    with other as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(shard=Shard(1, PARTS))
    with pytest.raises(UsageError) as refused:
        Campaign.merge([shards[0], other.folder], tmp_path / "all")
    _, _, problem = refused.value.what.partition(" cannot be merged: ")
    digits = "[0-9a-f]{12}"
    assert re.fullmatch(
        rf"their files of the program differ: train\.py \({digits}, {digits}\)", problem
    )
    assert not (tmp_path / "all").exists()


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("python", "3.6.15", f"their Python versions differ ({PYTHON}, 3.6.15)"),
        ("version", "0.0.1", f"their versions of trainwreck differ ({__version__}, 0.0.1)"),
        (
            "versions",
            {"torch": "1.0"},
            "their versions of libraries differ: torch (not there, 1.0)",
        ),
        (
            "sources",
            dict.fromkeys("abcdefg", "0" * 64),
            "a (not there, 000000000000), b (not there, 000000000000), "
            "c (not there, 000000000000), d (not there, 000000000000), "
            "e (not there, 000000000000) and 3 more",
        ),
        ("data", {"images.bin": 7}, "their data differ: images.bin (not there, 7)"),
        ("settings", "0" * 16, "their settings differ"),
    ],
)
def test_merge_refuses_campaigns_that_were_not_made_alike_with_the_reason(
    shards: list[Path], tmp_path: Path, key: str, value: object, problem: str
) -> None:
    with CampaignFile.open(shards[1], create=True) as file:
        file.set_meta(key, value)
    Campaign.merge([shards[0], shards[2]], tmp_path / "all")
    before = {path: path.read_bytes() for path in (tmp_path / "all").iterdir()}
    for target in (tmp_path / "all", tmp_path / "deep" / "new"):
        with pytest.raises(UsageError, match=re.escape(f"{problem}") + "$"):
            Campaign.merge(shards, target)
    after = {path: path.read_bytes() for path in (tmp_path / "all").iterdir()}
    assert after == before
    assert not (tmp_path / "deep").exists()


def test_merge_that_is_refused_leaves_a_folder_with_what_it_held(
    shards: list[Path], tmp_path: Path
) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"shard 2 \(of 3 shards\) is missing"):
        Campaign.merge(shards[::2], target, complete=True)
    assert [path.name for path in target.iterdir()] == ["notes.txt"]


def test_merge_refuses_plans_that_are_divided_in_different_ways(
    begin: Begin, shards: list[Path], tmp_path: Path
) -> None:
    Campaign.import_records(tmp_path / PLAN, tmp_path / "other")
    with begin("other") as campaign:
        campaign.run(shard=Shard(1, 4))
    with pytest.raises(UsageError, match="they divide the plan into 3 and into 4 shards"):
        Campaign.merge([shards[0], tmp_path / "other"], tmp_path / "all")


def test_merge_refuses_records_of_another_tool_and_what_is_no_campaign(
    shards: list[Path], tmp_path: Path
) -> None:
    records = tmp_path / "records.jsonl"
    records.write_text(
        '{"kind": "subject", "name": "x"}\n'
        '{"kind": "mutant", "operator": "ArOR", "symptom": "crash", "file": "a.py", "line": 1}\n'
    )
    Campaign.import_records(records, tmp_path / "imported")
    with pytest.raises(UsageError, match="records of another tool"):
        Campaign.merge([shards[0], tmp_path / "imported"], tmp_path / "all")
    with pytest.raises(UsageError, match="no campaign in"):
        Campaign.merge([shards[0], tmp_path / "nowhere"], tmp_path / "all")


def test_shard_is_refused_where_the_campaign_is_divided_in_another_way(
    begin: Begin, shards: list[Path], whole: Path
) -> None:
    with (
        begin("shard-1") as campaign,
        pytest.raises(UsageError, match="divided into 3 shards, and"),
    ):
        campaign.run(shard=Shard(1, 4))
    with begin("whole") as campaign, pytest.raises(UsageError, match="whole plan"):
        campaign.run(shard=Shard(1, 4))
