"""Checks of a user's own: `run --check`, with planted bugs and on the clean program."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import TESTS, tree_hash
from guest import ROOT
from trainwreck import Campaign
from trainwreck.cli.main import run as command
from trainwreck.errors import CheckRefused, UsageError
from trainwreck.model import (
    CHECK,
    CIRCUMSTANCE,
    Gap,
    Judged,
    Missing,
    Outcome,
    PlannedMutant,
    Rung,
    Share,
    Table,
    TrialKind,
)
from trainwreck.stats.groups import AtMost
from trainwreck.store.campaign_file import CampaignFile

PROGRAM = TESTS / "zoo_checks"


def runs_of(folder: Path, name: str) -> dict[str | None, list[Outcome]]:
    """The usual runs of a check by mutant; those of the clean program under None."""
    runs: dict[str | None, list[Outcome]] = {}
    with CampaignFile.open(folder) as file:
        for _, mutant_id, outcome in file.outcomes(TrialKind.CHECK):
            own = outcome.observations[CHECK]
            if own["name"] == name and CIRCUMSTANCE not in own:
                runs.setdefault(mutant_id, []).append(outcome)
    return runs


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with all of its mutants run, and with its check `script`."""
    program = tmp_path_factory.mktemp("checks") / "program"
    shutil.copytree(PROGRAM, program)
    campaign = Campaign.create(program / "trainwreck.toml")
    with campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run()
        campaign.run_checks(["script", "large-loss"])
    return program


@pytest.fixture(scope="module")
def judged(program: Path) -> list[Judged]:
    return Campaign.create(program / "trainwreck.toml").judged()


@pytest.fixture(scope="module")
def tables(program: Path) -> dict[str, Table]:
    power = Campaign.open(program / ".trainwreck").power()
    return {table.name: table for table in power}


@pytest.fixture
def fresh(program: Path, tmp_path: Path) -> Callable[[], Campaign]:
    """Return what makes campaigns of a copy of the program, without runs."""
    copy = tmp_path / "program"
    shutil.copytree(program, copy, ignore=shutil.ignore_patterns(".trainwreck"))
    return lambda: Campaign.create(copy / "trainwreck.toml")


def test_run_check_sees_what_changes_the_result_and_masked_mutants(
    program: Path, judged: list[Judged]
) -> None:
    runs = runs_of(program / ".trainwreck", "script")
    by_id = {item.mutant.id: item for item in judged}
    assert len(runs.pop(None)) == 3
    expected = {
        item.mutant.id for item in judged if item.verdict.rung in (Rung.PROPAGATED, Rung.MASKED)
    }
    assert runs.keys() == expected
    for mutant_id, (run,) in runs.items():
        assert mutant_id is not None
        printed = re.search(r"\[(.*)\]", log_of(program, run))
        ends_as_ever = printed is not None and printed[1].split(", ")[-1] == "0.125"
        assert run.exit.fine == ends_as_ever, by_id[mutant_id].mutant.name


def log_of(program: Path, run: Outcome) -> str:
    with CampaignFile.open(program / ".trainwreck") as file:
        return file.log(run.trial_id)


def test_run_check_takes_bugs_of_the_users_own(fresh: Callable[[], Campaign]) -> None:
    edit = 'file = "model.py"\nbefore = "return weight - rate * weight"'
    bug = f'\n[[bugs]]\nname = "own"\n{edit}\nafter = "return weight - rate"\n'
    settings = fresh().folder.parent / "trainwreck.toml"
    settings.write_text(settings.read_text() + bug)
    with fresh() as campaign:
        campaign.baseline()
        bugs = campaign.own_bugs()
        campaign.run(chosen=bugs)
        campaign.run_checks(["script"])
    assert runs_of(campaign.folder, "script").keys() == {None, *(bug.mutant.id for bug in bugs)}


def test_run_check_leaves_the_trainings_facts_alone(program: Path) -> None:
    with CampaignFile.open(program / ".trainwreck") as file:
        clean = [kind for kind, _, _ in file.clean_outcomes()]
        mutants = {planned.mutant.id for planned in file.mutants()}
        assert TrialKind.CHECK not in clean
        assert all(
            run.kind is not TrialKind.CHECK for mutant in mutants for run in file.runs_of(mutant)
        )


def test_the_commands_of_page_checks_run(
    program: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "checks.md").read_text()
    blocks = dict(re.findall(r"^```(toml|sh)\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    named = tomllib.loads(blocks["toml"])["checks"]
    settings = tomllib.loads((program / "trainwreck.toml").read_text())["checks"]
    assert named["script"] == settings["script"]
    assert named["tests"]["command"] == settings["tests"]["command"]
    monkeypatch.chdir(program)
    lines = [line.split() for line in blocks["sh"].splitlines()]
    assert len(lines) == 3
    for name, *words in lines:
        assert name == "trainwreck"
        assert command(words) == 0
    out = capfd.readouterr().out
    assert out.count("check script") > 1
    assert "Checks of your own" in out


def test_run_check_again_has_nothing_to_run(program: Path) -> None:
    assert Campaign.create(program / "trainwreck.toml").run_checks(["script"]) == 0


def test_power_shows_own_checks_beside_computed_ones(
    program: Path, judged: list[Judged], tables: dict[str, Table]
) -> None:
    (row,) = [row for row in tables["power"].rows if row[0] == "check script"]
    matter = [item.mutant.id for item in judged if item.verdict.rung is Rung.PROPAGATED]
    runs = runs_of(program / ".trainwreck", "script")
    noticed = sum(not runs[mutant][0].exit.fine for mutant in matter)
    assert noticed > 0
    assert (row[5].count, row[5].total) == (noticed, len(matter))
    assert row[7] == AtMost(pytest.approx(1 - 0.05 ** (1 / 3)))
    own = {row[0]: row for row in tables["power-own"].rows}
    assert own["script"][5] == 3
    assert own["script"][7] > 0


def test_power_reads_a_watcher_inside_the_training(
    program: Path, judged: list[Judged], tables: dict[str, Table]
) -> None:
    fired = {}
    with CampaignFile.open(program / ".trainwreck") as file:
        for item in judged:
            if item.verdict.rung is Rung.PROPAGATED:
                outcomes = file.outcomes_of(item.mutant.id)
                losses = [float(value) for value in outcomes[0][1].steps["loss"]]
                large = [number for number, loss in enumerate(losses) if loss > 3]
                fired[item.mutant.id] = large[0] if large else None
                observed = outcomes[0][1].observations.get("fired") or {}
                assert observed == ({"large-loss": large[0]} if large else {})
    (row,) = [row for row in tables["power"].rows if row[0] == "check large-loss"]
    assert 0 < row[5].count == sum(step is not None for step in fired.values())


def test_a_check_with_a_fixed_seed_runs_with_other_threads_and_beside_other_work(
    program: Path, tmp_path: Path, no_process_is_left: None
) -> None:
    copy = tmp_path / "program"
    shutil.copytree(program, copy)
    campaign = Campaign.create(copy / "trainwreck.toml")
    with campaign:
        ran = campaign.run_checks(["threads"])
        assert campaign.run_checks(["threads"]) == 0
    (table,) = [table for table in campaign.power() if table.name == "power-circumstances"]
    rows = {row[1]: row for row in table.rows if row[0] == "threads"}
    assert [row[3] for row in rows.values()] == [2, 3, 3]
    alarms = {how: row[2] for how, row in rows.items()}
    assert alarms["with twice the threads"].share == 1
    assert alarms["beside other work"] == AtMost(pytest.approx(1 - 0.05 ** (1 / 3)))
    # Alarms with other threads count against no limit: the check ran on bugs, and is not refused.
    mutants = len(runs_of(copy / ".trainwreck", "threads")) - 1
    assert ran == 2 + 3 + 3 + mutants
    (own,) = [table for table in campaign.power() if table.name == "power-own"]
    assert {row[0]: row[5] for row in own.rows}["threads"] == 2
    campaign.export(tmp_path / "export.jsonl")
    again = Campaign.import_records(tmp_path / "export.jsonl", tmp_path / "imported")
    assert again is not None
    tables = {table.name: table for table in Campaign.open(tmp_path / "imported").power()}
    assert tables["power-circumstances"].rows == table.rows


def test_a_function_is_called_at_each_report_of_a_training_of_its_own(
    program: Path, judged: list[Judged], tmp_path: Path
) -> None:
    copy = tmp_path / "program"
    shutil.copytree(program, copy)
    campaign = Campaign.create(copy / "trainwreck.toml")
    trainings = runs_in(copy)
    with campaign:
        assert campaign.run_checks(["rises"]) > 4
        assert campaign.run_checks(["rises"]) == 0
    assert runs_in(copy) == trainings
    runs = runs_of(copy / ".trainwreck", "rises")
    # The command of the training takes the seed.
    assert len({run.steps["loss"] for run in runs.pop(None)}) == 4
    matter = {item.mutant.id for item in judged if item.verdict.rung is Rung.PROPAGATED}
    assert matter <= runs.keys()
    fired = 0
    for (run,) in runs.values():
        losses = [float(value) for value in run.steps["loss"]]
        rising = [i + 1 for i in range(1, len(losses)) if losses[i] > losses[i - 1]]
        observed = run.observations.get("fired", {}).get("rises")
        assert observed == (rising[0] if rising else None)
        fired += bool(rising)
    assert 0 < fired < len(runs)
    rows = {
        row[0]: row for table in campaign.power() for row in table.rows if table.name == "power"
    }
    assert rows["check rises"][5].count == fired


def runs_in(program: Path) -> set[str]:
    """The trials of the campaign itself."""
    with CampaignFile.open(program / ".trainwreck") as file:
        return {run.trial_id for _, _, run in file.outcomes(TrialKind.CLEAN, TrialKind.MUTANT)}


def test_power_verify_executes_predictions_as_trainings(program: Path, tmp_path: Path) -> None:
    copy = tmp_path / "program"
    shutil.copytree(program, copy)
    campaign = Campaign.create(copy / "trainwreck.toml")
    assert campaign.verify_power(4) == 4
    assert campaign.verify_power(5) == 1
    (table,) = [table for table in campaign.power() if table.name == "power-verified"]
    assert table.rows[-1][0] == "all"
    assert table.rows[-1][2] == Share(5, 5)
    assert sum(row[2].total for row in table.rows[:-1]) == 5


def test_export_has_what_checks_answered_and_gives_the_same_power(
    program: Path, tables: dict[str, Table], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    Campaign.open(program / ".trainwreck").export(out)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    answers: list[dict[str, Any]] = [
        answer for line in lines if line["kind"] == "mutant" for answer in line.get("checks", ())
    ]
    assert {answer["name"] for answer in answers} == {"script", "large-loss"}
    assert all(answer["step"] is not None for answer in answers if answer["name"] != "script")
    imported = Campaign.import_records(out, tmp_path / "imported")
    assert not imported.doubts
    again = {table.name: table for table in Campaign.open(tmp_path / "imported").power()}
    assert again == tables


def test_files_of_a_check_may_come_and_change_after_the_campaign_began(
    program: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "program"
    shutil.copytree(program, copy)
    (copy / "tests" / "test_more.py").write_text("def test_nothing():\n    pass\n")
    (copy / "check.py").write_text("import sys\n\nfrom model import step\n\nsys.exit(0)\n")
    campaign = Campaign.create(copy / "trainwreck.toml")
    assert campaign.run_checks(["script"]) > 3
    power = {table.name: table for table in campaign.power()}
    (row,) = [row for row in power["power"].rows if row[0] == "check script"]
    assert row[5].count == 0
    (copy / "model.py").write_text("# other\n" + (copy / "model.py").read_text())
    with pytest.raises(UsageError, match=r"made with other sources: model\.py changed"):
        campaign.run_checks(["script"])


@pytest.mark.parametrize(
    ("name", "reason", "hint"),
    [
        ("fail", r"fails on the clean program: its exit status is 1.*1 failed, as always", "pass"),
        ("flake", r"raises an alarm in 3 of 9 clean runs \(33%, 95 % interval 7% to 70%\)", "stea"),
        ("fails", r"fails on the clean program.*KeyError: 'accuracy'", "pass"),
        ("unnamed", r"fails on the clean program.*has no attribute 'falls'", "pass"),
        ("at-once", r"raises an alarm in 5 of 5 clean runs", "steadier"),
        ("need", r"a_package_that_is_nowhere", "Install what has .*`a_package_that_is_nowhere`"),
    ],
)
def test_run_check_refuses_a_check_that_is_of_no_use(
    program: Path, name: str, reason: str, hint: str
) -> None:
    with pytest.raises(CheckRefused) as raised:
        Campaign.create(program / "trainwreck.toml").run_checks([name])
    assert re.search(reason, raised.value.what, re.DOTALL)
    assert re.search(hint, raised.value.hint)
    assert runs_of(program / ".trainwreck", name).keys() == {None}
    (table, *_) = Campaign.open(program / ".trainwreck").power([name])
    assert [row[:1] + row[2:7] for row in table.rows] == [
        (f"check {name}", *[Missing(Gap.REFUSED)] * 5)
    ]
    assert f"check {name} is refused: an alarm in" in table.note


def test_run_check_names_the_file_of_a_function_that_is_not_there(program: Path) -> None:
    with pytest.raises(UsageError, match=r"its function in nowhere\.py, which is no file"):
        Campaign.create(program / "trainwreck.toml").run_checks(["nowhere"])


def test_run_check_refuses_a_check_that_never_ends(program: Path, tmp_path: Path) -> None:
    copy = tmp_path / "program"
    shutil.copytree(program, copy)
    settings = copy / "trainwreck.toml"
    settings.write_text(settings.read_text().replace("clean_timeout = 30", "clean_timeout = 3"))
    with pytest.raises(CheckRefused, match="did not end within 3 s on the clean program"):
        Campaign.create(settings).run_checks(["hang"])


def test_run_check_gives_each_run_its_own_files(program: Path) -> None:
    before = tree_hash(PROGRAM)
    campaign = Campaign.create(program / "trainwreck.toml")
    with campaign:
        campaign.run_checks(["write"], chosen=[])
    assert [run.exit.fine for run in runs_of(program / ".trainwreck", "write")[None]] == [True] * 2
    assert (program / "model.py").read_bytes() == (PROGRAM / "model.py").read_bytes()
    assert tree_hash(PROGRAM) == before


def test_run_check_names_the_checks_that_there_are(program: Path) -> None:
    with pytest.raises(UsageError, match="has no check `scirpt`; it has `script`"):
        Campaign.create(program / "trainwreck.toml").run_checks(["scirpt"])


def test_pytest_sees_bugs_in_test_files_of_program_and_library(
    tmp_path: Path, fresh: Callable[[], Campaign]
) -> None:
    """It rewrites assertions of files that it reads itself, and keeps the code of clean ones."""
    library = tmp_path / "library"
    (library / "toy" / "tests").mkdir(parents=True)
    for folder in (library / "toy", library / "toy" / "tests"):
        (folder / "__init__.py").write_text("")
    test = library / "toy" / "tests" / "test_toy.py"
    test.write_text("def test_toy():\n    assert 1 + 1 == 2\n")
    campaign = fresh()
    assert campaign.settings is not None
    settings = campaign.settings.file
    names = ("tests/test_model.py", str(test))
    text = settings.read_text().replace(
        "[subject]\n", f'[subject]\nenv = {{ PYTHONPATH = "{library}" }}\n'
    )
    text = text.replace('targets = ["app"]', "").replace(
        'name = "checked"', 'name = "checked"\ntargets = ["app", "toy"]'
    )
    for name in names:
        text += f'\n[[bugs]]\nfile = "{name if name != str(test) else "toy/tests/test_toy.py"}"\n'
        before, after = ("== 2.0", "== 3.0") if name != str(test) else ("+ 1 == 2", "+ 1 == 3")
        text += f'before = "{before}"\nafter = "{after}"\n'
    command = f'["pytest", "-q", "-p", "no:cacheprovider", "tests/test_model.py", "{test}"]'
    text += f"\n[checks.both]\ncommand = {command}\nclean = 1\n"
    settings.write_text(text)
    keep_rewritten(test)
    campaign = Campaign.create(settings)
    with campaign:
        campaign.baseline()
        bugs: list[PlannedMutant] = campaign.own_bugs()
        campaign.run_checks(["both"], chosen=bugs)
    runs = runs_of(campaign.folder, "both")
    assert [run.exit.code for run in runs.pop(None)] == [0]
    assert [(run.exit.code, bool(run.hits)) for (run,) in runs.values()] == [(1, True)] * 2


def keep_rewritten(test: Path) -> None:
    """Let pytest keep the code of the clean file, as a session of the user's does."""
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    environment = {"PATH": "/usr/bin", "PYTHONPATH": str(test.parents[2])}
    subprocess.run([sys.executable, *words], check=True, env=environment, timeout=300)
    assert list((test.parent / "__pycache__").glob("*pytest*.pyc"))


def run_pytest(program: Path, file: Path) -> tuple[int, str]:
    words = ["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(file)]
    ended = subprocess.run(
        [sys.executable, *words], cwd=program, capture_output=True, text=True, timeout=300
    )
    return ended.returncode, ended.stdout


def test_guard_passes_without_a_bug_and_fails_on_each_bug_that_it_claims(
    program: Path, judged: list[Judged], tmp_path: Path
) -> None:
    copy = tmp_path / "program"
    shutil.copytree(program, copy)
    settings = copy / "trainwreck.toml"
    written = Campaign.create(settings).guard()
    assert written.file == copy / "tests" / "test_trainwreck_guard.py"
    assert run_pytest(copy, written.file)[0] == 0
    claimed = set(written.guard.bugs)
    matter = {item.mutant.id for item in judged if item.verdict.rung is Rung.PROPAGATED}
    assert claimed
    assert claimed <= matter
    text = written.file.read_text()
    assert f"it notices {len(claimed)}." in text
    assert f"Of {len(matter)} planted bugs" in text
    command = '["pytest", "-q", "-p", "no:cacheprovider", "tests/test_trainwreck_guard.py"]'
    added = f"\n[checks.guard]\ncommand = {command}\nclean = 1\nmasked = 0\n"
    settings.write_text(settings.read_text() + added)
    campaign = Campaign.create(settings)
    campaign.run_checks(["guard"])
    runs = runs_of(campaign.folder, "guard")
    assert [run.exit.fine for run in runs.pop(None)] == [True]
    assert {mutant for mutant, (run,) in runs.items() if not run.exit.fine} == claimed
    written.file.write_text(text.replace("'system': 'Linux'", "'system': 'Plan 9'"))
    code, said = run_pytest(copy, written.file)
    assert code == 0
    assert "another kind of machine (system: Linux, not Plan 9)" in said


def test_guard_refuses_a_program_that_only_trainwreck_makes_repeat(tmp_path: Path) -> None:
    copy = tmp_path / "program"
    shutil.copytree(PROGRAM, copy)
    train = copy / "train.py"
    train.write_text(
        train.read_text()
        .replace("import sys\n", "import random\nimport sys\n")
        .replace("fit(int(sys.argv[-1]))", "fit(random.random())")
    )
    campaign = Campaign.create(copy / "trainwreck.toml")
    with campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(6)
    with pytest.raises(UsageError, match="without trainwreck the clean program does not repeat"):
        campaign.guard()
    assert not list(copy.rglob("test_trainwreck_guard.py"))


def test_guard_leaves_a_file_of_the_users_alone(program: Path) -> None:
    campaign = Campaign.create(program / "trainwreck.toml")
    mine = program / "tests" / "test_model.py"
    with pytest.raises(UsageError, match="is there, and is no guard"):
        campaign.guard(mine)
    with pytest.raises(UsageError, match="there is no folder"):
        campaign.guard(program / "missing" / "test_guard.py")
    with pytest.raises(UsageError, match="is not in the folder of the program"):
        campaign.guard(program.parent / "test_guard.py")
    with pytest.raises(UsageError, match="no check `luck` without a false alarm"):
        campaign.guard(checks=["luck"])
    assert mine.read_bytes() == (PROGRAM / "tests" / "test_model.py").read_bytes()
