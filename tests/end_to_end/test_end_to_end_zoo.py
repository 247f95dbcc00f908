"""The zoo: every way a training can end, planted in real runs from the command line."""

import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import ZOO, copy_zoo, tree_hash
from trainwreck.campaign.baseline import ENOUGH_WITHOUT_NEWS
from trainwreck.cli.main import run
from trainwreck.model import TrialKind
from trainwreck.store.campaign_file import CampaignFile

# The whole zoo runs before its first test: two minutes on two cores, more beside other work.
pytestmark = pytest.mark.timeout(900)

FATE = re.compile(r"# fate: (\w+) (\w+)$")


@dataclass(frozen=True)
class Fate:
    """What a line's comment says of the mutants of one operator on it."""

    file: str
    line: int
    operator: str
    rung: str


def fates() -> list[Fate]:
    found = []
    for folder in (ZOO / "program", ZOO / "library"):
        for path in sorted(folder.rglob("*.py")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if match := FATE.search(line):
                    file = path.relative_to(folder).as_posix()
                    found.append(Fate(file, number, *match.groups()))
    return found


@dataclass(frozen=True)
class Campaign:
    """A finished zoo campaign, and hashes of the zoo before and after it."""

    folder: Path
    program: Path
    before: str
    after: str


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("zoo")
    program = copy_zoo(folder / "zoo")
    before = tree_hash(folder / "zoo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(program)
        assert run(["--campaign", str(folder / "campaign"), "run", "--jobs", "2"]) == 0
    return Campaign(folder / "campaign", program, before, tree_hash(folder / "zoo"))


def records(campaign: Campaign, capsys: pytest.CaptureFixture[str], *arguments: str) -> list:
    assert run(["--campaign", str(campaign.folder), *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("fate", fates(), ids=lambda f: f"{f.file}:{f.line}-{f.operator}-{f.rung}")
def test_a_bug_meets_the_fate_that_its_line_tells(
    campaign: Campaign, capsys: pytest.CaptureFixture[str], fate: Fate
) -> None:
    listed = records(campaign, capsys, "list", "--operator", fate.operator, "--rung", fate.rung)
    places = {(item["file"].removeprefix("toylib/"), item["line"]) for item in listed}
    assert (fate.file.removeprefix("toylib/"), fate.line) in places


def test_every_planned_mutant_ran_and_is_counted_once(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    (status,) = records(campaign, capsys, "status")
    assert status["left"] == 0
    assert status["done"] == status["planned"] == sum(status["symptoms"].values())
    assert status["done"] == sum(status["rungs"].values())


def test_no_normal_run_without_a_hit_is_more_than_unreached(campaign: Campaign) -> None:
    with CampaignFile.open(campaign.folder) as file:
        outcomes = [outcome for _, _, outcome in file.outcomes(TrialKind.MUTANT)]
    assert any(outcome.hits for outcome in outcomes)
    for outcome in outcomes:
        assert outcome.planted or not outcome.hits


def test_nothing_is_left_and_nothing_is_changed(campaign: Campaign) -> None:
    assert campaign.before == campaign.after
    assert not list((campaign.folder / "work").glob("*"))
    assert not list(campaign.program.rglob("__pycache__"))


def test_a_second_run_has_nothing_to_do(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(campaign.program)
    database = campaign.folder / "campaign.sqlite"
    with sqlite3.connect(database) as connection:
        before = connection.execute("SELECT count(*) FROM run").fetchone()
    (status,) = records(campaign, capsys, "run")
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM run").fetchone() == before
    assert status["left"] == 0


def test_hits_of_forked_workers_are_added_up(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = records(campaign, capsys, "list", "--file", "workers.py", "--operator", "ArOR")
    (story,) = records(campaign, capsys, "show", listed[0]["id"])
    assert story["outcome"]["hits"] == 3


def test_a_hang_tells_where_it_stood_and_how_often_the_bug_ran(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = records(campaign, capsys, "list", "--operator", "AsOR", "--rung", "hang")
    (story,) = records(campaign, capsys, "show", listed[0]["id"])
    assert "in prepare" in story["outcome"]["stack"]
    assert story["outcome"]["hits"] > 1000


def test_a_crash_tells_its_place_in_the_subjects_own_paths(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = records(campaign, capsys, "list", "--file", "readers.py", "--rung", "crash")
    wrong_sum = next(item for item in listed if item["replacement"] == "-")
    (story,) = records(campaign, capsys, "show", wrong_sum["id"])
    error = story["outcome"]["error"]
    assert error["type"] == "AssertionError"
    assert error["message"] == "the reader saw 38"
    assert [frame["file"] for frame in error["frames"]] == ["train.py", "toylib/readers.py"]


def test_a_library_that_does_not_import_crashes_in_the_import_phase(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = records(campaign, capsys, "list", "--file", "toylib/__init__.py", "--rung", "crash")
    first = next(item for item in listed if item["line"] == 7)
    (story,) = records(campaign, capsys, "show", first["id"])
    assert story["verdict"]["facts"][1]["phase"] == "import"
    assert story["verdict"]["why"].startswith("Crashed during import: ")


@pytest.mark.parametrize(
    ("flag", "ending"),
    [
        ("SMALL", "memory limit"),
        ("QUIET", "output limit"),
        ("SOUND", "signal"),
        ("TALKS", "exited"),
    ],
)
def test_each_limit_is_named(
    campaign: Campaign, capsys: pytest.CaptureFixture[str], flag: str, ending: str
) -> None:
    listed = records(campaign, capsys, "list", "--operator", "BVR", "--file", "fates.py")
    for item in listed:
        (story,) = records(campaign, capsys, "show", item["id"])
        if f"-{flag} = True" in story["diff"]:
            assert story["outcome"]["exit"]["ending"] == ending
            return
    pytest.fail(f"no mutant of {flag}")


def test_a_log_is_kept_to_one_megabyte(campaign: Campaign) -> None:
    with CampaignFile.open(campaign.folder) as file:
        logs = [len(file.log(trial_id)) for trial_id in file.finished_ids()]
    assert 1_000_000 < max(logs) <= (1 << 20) + 100


def test_reports_hold_both_tables_and_what_is_left(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--campaign", str(campaign.folder), "report", "--paper"]) == 0
    text = capsys.readouterr().out
    for part in ("Table IV", "Table V", "Selection of mutants", "mutants planned"):
        assert part in text
    assert "0 left" in text


def test_phases_of_mutants_come_from_the_marks(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = records(campaign, capsys, "list", "--phase", "learning")
    assert {"accuracy", "fit"} <= {item["function"] for item in listed}
    constructing = records(campaign, capsys, "list", "--phase", "constructing")
    assert "construct" in {item["function"] for item in constructing}


def test_a_listing_has_the_public_fields(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = records(campaign, capsys, "list")
    public = (
        "id root file module function operator line column end_line end_column original "
        "replacement context phases name"
    )
    assert set(public.split()) <= set(listed[0])


def test_show_prints_the_bug_and_its_story(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = records(campaign, capsys, "list", "--rung", "propagated")
    assert run(["--campaign", str(campaign.folder), "show", listed[0]["id"]]) == 0
    text = capsys.readouterr().out
    assert listed[0]["name"] in text
    assert "+++ b/" in text
    assert "evidence: The mutated code ran" in text
    assert "which agree with each other" in text


def test_all_and_uncovered_list_more_than_what_is_planned(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(campaign.program)
    planned = {item["id"] for item in records(campaign, capsys, "list")}
    executed = {item["id"] for item in records(campaign, capsys, "list", "--all")}
    everything = {item["id"] for item in records(campaign, capsys, "list", "--uncovered")}
    assert planned <= executed < everything


def test_a_replay_tells_the_same_story_and_leaves_the_campaign_alone(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(campaign.program)
    listed = records(campaign, capsys, "list", "--rung", "propagated")
    (before,) = records(campaign, capsys, "show", listed[0]["id"])
    (again,) = records(campaign, capsys, "replay", listed[0]["id"])
    (after,) = records(campaign, capsys, "show", listed[0]["id"])
    for story in (before, again, after):
        for later in ("effort", "impact", "compared"):
            story["verdict"].pop(later)  # Times differ; impacts are told by all runs.
    assert again["verdict"] == before["verdict"]
    assert again["outcome"]["steps"] == before["outcome"]["steps"]
    assert after == before


def test_a_report_is_also_told_as_json(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = {table["name"]: table for table in records(campaign, capsys, "report")}
    ledgers = {"ledger", "ledger-operator", "ledger-phase", "ledger-context"}
    traces = {"rules", "effort", "divergence", "distance"}
    studied = {"table-1", "table-3", "frame", "strata", "table-4", "table-5", "table-6", "findings"}
    studied |= {f"figure-{number}" for number in range(1, 7)}
    studied |= {
        "table-2",
        "causes",
        "impacts",
        "verdicts",
        "deepcrime",
        "compared-operator",
        "compared-phase",
    }
    assert set(tables) == ledgers | traces | studied
    everything = tables["table-4"]["rows"][-1]
    assert everything[0] == "in all"
    assert sum(cell["count"] for cell in everything[1:4]) == everything[4]


def test_a_baseline_is_told_for_people_and_as_json(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(campaign.program)
    (found,) = records(campaign, capsys, "baseline")
    # Mutants of different files share a final state, so that clean runs were added to look for it.
    assert 4 < found["runs"] <= 4 + ENOUGH_WITHOUT_NEWS
    assert found["unstable_lines"] == 0
    assert [len(determinism["digests"]) for determinism in found["certificates"]] == [1, 1]
    assert run(["--campaign", str(campaign.folder), "baseline"]) == 0
    assert f"Clean program: {found['runs']} runs" in capsys.readouterr().out
