"""The rule `cut`, which no longer exists, in settings, commands, campaigns and exports."""

import json
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from trainwreck.cli.main import run
from trainwreck.errors import ExitCode
from trainwreck.model import RULES_IN_USE, Rule
from trainwreck.store.connecting import opened
from trainwreck.subject.settings_file import load_settings

FORMAT_3 = Path(__file__).parents[1] / "format_3"
ENDED_BY_CUT = "81f3d297f3460942"
STATE = "ed9a1e98420111871b0286d884fd475100d48c455c859f68af731ae15707ddb5"
SEALED_LATER = "An earlier version made some records; they were sealed later, as they were found. "
NOTE = "trainwreck: the rule `cut` no longer exists and is ignored\n"

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the program and its settings, and no campaign yet."""
    folder = tmp_path / "program"
    shutil.copytree(FORMAT_3, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def campaign(program: Path) -> Path:
    """A campaign file as it was made while `cut` existed."""
    file = program / ".trainwreck" / "campaign.sqlite"
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.executescript((FORMAT_3 / "campaign.sql").read_text())
        version = ".".join(map(str, sys.version_info[:3]))
        query = "UPDATE meta SET value = ? WHERE key = 'python'"
        connection.execute(query, [json.dumps(version)])
    return file


@pytest.fixture
def made_here(campaign: Path, tmp_path: Path) -> Path:
    """The same, with runs of this kind of machine; earlier versions did not keep theirs."""
    assert run(["--campaign", str(tmp_path / "here"), "baseline", "--jobs", "1"]) == 0
    with sqlite3.connect(tmp_path / "here" / "campaign.sqlite") as connection:
        (environment,) = connection.execute("SELECT id, python, packages FROM environment")
        (origin,) = connection.execute("SELECT environment, origin FROM origin")
    change(campaign, "INSERT INTO environment VALUES (?, ?, ?)", *environment)
    change(campaign, "INSERT INTO origin VALUES (?, ?)", *origin)
    change(campaign, "UPDATE run SET environment = ?", environment[0])
    return campaign


def change(file: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Read or change a campaign as the store does, which seals what it writes."""
    with opened(file, create=True) as connection, connection:
        return connection.execute(query, values).fetchall()


def printed(capsys: Capsys, *arguments: str) -> str:
    capsys.readouterr()
    assert run(list(arguments)) == 0
    return capsys.readouterr().out


def story(capsys: Capsys, mutant: str = ENDED_BY_CUT) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, "show", mutant, "--json"))
    return found


def table(capsys: Capsys, name: str, *arguments: str) -> list[list[Any]]:
    lines = printed(capsys, *arguments).splitlines()
    (rows,) = [line["rows"] for line in map(json.loads, lines) if line["name"] == name]
    return list(rows)


def settled(capsys: Capsys) -> dict[str, list[Any]]:
    return {row[0]: row[1:] for row in table(capsys, "rules", "report", "--format", "json")}


def test_a_run_that_cut_ended_keeps_its_verdict_in_show(campaign: Path, capsys: Capsys) -> None:
    verdict = story(capsys)["verdict"]
    assert (verdict["rung"], verdict["decided_by"], verdict["class"]) == ("masked", "cut", "proven")
    assert verdict["facts"][1] == {"kind": "ended_early", "mark": STATE, "phase": "learning"}
    assert verdict["evidence"].endswith("All 4 clean runs agree.")
    assert "When learning began, the whole program was in the state of" in verdict["why"]
    assert verdict["ends_as"]


def test_a_run_that_cut_ended_is_a_row_of_the_report(campaign: Path, capsys: Capsys) -> None:
    rows = settled(capsys)
    assert list(rows) == [*(rule for rule in Rule if rule is not Rule.HORIZON), "run"]
    assert rows["cut"] == ["proven", {"count": 1, "total": 2}]


def test_an_audit_holds_cut_to_its_runs_and_advises_a_new_campaign(
    campaign: Path, capsys: Capsys
) -> None:
    assert [row[:4] for row in table(capsys, "audit", "audit", "--json")] == [
        ["cut", "proven", 1, 0]
    ]
    change(campaign, """UPDATE run SET steps = '{"loss": ["9"]}' WHERE kind = 'audit'""")
    assert run(["audit"]) == ExitCode.AUDIT
    said = capsys.readouterr().err
    assert "start a new campaign, since the rule no longer exists" in said
    assert "--without" not in said


def test_an_export_with_cut_is_imported_with_the_same_tables(
    campaign: Path, capsys: Capsys
) -> None:
    change(campaign, """UPDATE run SET opaque = '["builtins.generator"]' WHERE kind = 'clean'""")
    before = printed(capsys, "report", "--format", "json")
    printed(capsys, "export", "records.jsonl")
    records = [json.loads(line) for line in Path("records.jsonl").read_text().splitlines()]
    (mutant,) = [record for record in records if record.get("id") == ENDED_BY_CUT]
    assert (mutant["decided_by"], mutant["class"], mutant["rung"]) == ("cut", "proven", "masked")
    printed(capsys, "--campaign", "copy", "import", "records.jsonl")
    # An import seals its records when it makes them, which an earlier version did not.
    assert before.count(SEALED_LATER) == 1
    same = before.replace(SEALED_LATER, "")
    assert printed(capsys, "--campaign", "copy", "report", "--format", "json") == same
    printed(capsys, "--campaign", "copy", "export", "again.jsonl")
    assert Path("again.jsonl").read_text() == Path("records.jsonl").read_text()


@pytest.mark.parametrize("arguments", [(), ("--exact",), ("--without", "cut")])
def test_run_does_not_repeat_what_cut_ended(
    made_here: Path, capsys: Capsys, arguments: tuple[str, ...]
) -> None:
    runs = change(made_here, "SELECT trial_id, settled FROM run")
    assert json.loads(printed(capsys, "run", *arguments, "--json"))["left"] == 0
    assert change(made_here, "SELECT trial_id, settled FROM run") == runs
    assert story(capsys)["verdict"]["decided_by"] == "cut"


def test_run_repeats_what_cut_ended_only_under_exact_where_clean_runs_end_in_several_ways(
    made_here: Path, capsys: Capsys
) -> None:
    change(made_here, """UPDATE run SET steps = '{"loss": ["9"]}' WHERE number = 5""")
    change(made_here, "DELETE FROM run WHERE kind = 'audit'")
    assert story(capsys)["verdict"]["class"] == "assumed"
    printed(capsys, "run", "--jobs", "1")
    assert story(capsys)["verdict"]["decided_by"] == "cut"
    printed(capsys, "run", "--exact", "--jobs", "1")
    verdict = story(capsys)["verdict"]
    assert (verdict["rung"], verdict["decided_by"]) == ("masked", "run")


def test_a_new_campaign_has_no_trace_of_cut(program: Path, capsys: Capsys) -> None:
    printed(capsys, "run", "--jobs", "1")
    assert list(settled(capsys)) == [*RULES_IN_USE, "run"]
    verdict = story(capsys)["verdict"]
    assert (verdict["rung"], verdict["decided_by"]) == ("masked", "run")
    file = program / ".trainwreck" / "campaign.sqlite"
    assert change(file, "SELECT DISTINCT states, opaque, settled FROM run") == [("{}", "[]", "")]


def test_without_cut_is_reported_once_and_changes_nothing(made_here: Path, capsys: Capsys) -> None:
    capsys.readouterr()
    assert run(["run", "--without", "cut", "--without", "cut"]) == 0
    assert capsys.readouterr().err == NOTE


@pytest.mark.parametrize("arguments", [(), ("--without", "cut")])
def test_rules_in_the_settings_may_name_cut_which_is_reported_once(
    made_here: Path, capsys: Capsys, arguments: tuple[str, ...]
) -> None:
    capsys.readouterr()
    with Path("trainwreck.toml").open("a") as settings:
        settings.write('rules = ["same-code", "cut", "stuck"]\n')
    trials = load_settings(Path("trainwreck.toml")).trials
    assert trials.rules == (Rule.SAME_CODE, Rule.STUCK)
    assert trials.removed_rules == (Rule.CUT,)
    assert run(["run", *arguments]) == 0
    assert capsys.readouterr().err == NOTE
    assert story(capsys)["verdict"]["decided_by"] == "cut"


def test_settings_without_rules_use_all_that_exist(program: Path) -> None:
    trials = load_settings(program / "trainwreck.toml").trials
    assert (trials.rules, trials.removed_rules) == (RULES_IN_USE, ())
    assert Rule.CUT not in RULES_IN_USE


def test_without_an_unknown_rule_is_a_mistake_that_names_the_known_ones(
    program: Path, capsys: Capsys
) -> None:
    assert run(["run", "--without", "luck"]) == ExitCode.USAGE
    said = capsys.readouterr().err
    names = "same-code, probe, unused-default, same-call, unread, together, stuck\n"
    assert f"`--without luck`: not one of {names}" in said
    assert not (program / ".trainwreck").exists()


def test_help_of_run_lists_only_rules_that_exist(capsys: Capsys) -> None:
    text = printed(capsys, "run", "--help")
    names = "same-code, probe, unused-default, same-call, unread, together and stuck."
    assert f"without a complete run: {names}" in " ".join(text.split())
