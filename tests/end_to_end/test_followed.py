"""Campaigns of programs whose changed files run somewhere else than in the first process."""

import json
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest

from guest import TESTS
from trainwreck.cli.main import run
from trainwreck.errors import ExitCode
from trainwreck.store.campaign_file import CampaignFile

pytestmark = pytest.mark.usefixtures("no_process_is_left")

BODY = """
first = 1 + 2
second = first * 3 - 4
third = 2 * second + first
print("loss:", first + second - third)
"""


def settings(command: str) -> str:
    text = (TESTS / "zoo_tree" / "trainwreck.toml").read_text()
    return text.replace('command = ["by_script.py"]', f"command = {command}")


def test_a_file_that_runs_past_the_agent_stops_the_campaign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trainwreck.toml").write_text(settings('["main.py"]'))
    (tmp_path / "body.py").write_text(textwrap.dedent(BODY))
    (tmp_path / "main.py").write_text(
        "with open('body.py') as file:\n    exec(compile(file.read(), 'body.py', 'exec'))\n"
    )
    monkeypatch.chdir(tmp_path)
    assert run(["run"]) == ExitCode.CONTROL
    message = capsys.readouterr().err
    assert "5 bugs in body.py changed the result, and none of them was counted" in message
    assert run(["run"]) == ExitCode.CONTROL


def test_a_file_that_runs_past_the_agent_has_no_rungs_and_others_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trainwreck.toml").write_text(settings('["main.py"]'))
    (tmp_path / "body.py").write_text(textwrap.dedent(BODY))
    (tmp_path / "main.py").write_text(
        "with open('body.py') as file:\n    exec(compile(file.read(), 'body.py', 'exec'))\n"
        "more = 3 + 4\nprint('loss:', more * 2)\n"
    )
    monkeypatch.chdir(tmp_path)
    for is_first in (True, False):
        assert run(["run"]) == 0
        said = "name body.py in `exclude` under [mutants]" in capsys.readouterr().err
        assert said is is_first
    assert run(["list", "--json"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rungs = {file: set() for file in ("body.py", "main.py")}  # type: dict[str, set[str | None]]
    for each in listed:
        rungs[each["file"]].add(story(capsys, each["id"])["verdict"]["rung"])
    assert rungs["body.py"] <= {None, "crash"}
    assert rungs["main.py"] & {"propagated"}


def test_a_program_that_is_started_by_another_one_is_judged_as_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "program"
    program.mkdir()
    for name in ("train.py", "steps.py", "by_script.py"):
        shutil.copy(TESTS / "zoo_tree" / name, program)
    (program / "trainwreck.toml").write_text(settings('["by_script.py"]'))
    monkeypatch.chdir(program)
    assert run(["run"]) == 0
    assert doubts(program) == {""}
    capsys.readouterr()
    assert run(["list", "--json"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    places = {(each["file"], each["original"]): each["id"] for each in listed}
    found = {place: story(capsys, mutant) for place, mutant in places.items()}
    rungs = {place: each["verdict"]["rung"] for place, each in found.items()}
    assert rungs["steps.py", "*"] == rungs["train.py", "1.0"] == "propagated"
    assert rungs["by_script.py", "True"] == "masked"
    assert found["steps.py", "*"]["outcome"]["hits"] == 3
    crash = found["train.py", "in"]["outcome"]["error"]
    assert (crash["type"], crash["message"]) == ("ValueError", "the root cause")


def doubts(program: Path) -> set[str]:
    with CampaignFile.open(program / ".trainwreck") as file:
        return {probe.doubt for probe in file.probes().values()}


def story(capsys: pytest.CaptureFixture[str], mutant: str) -> Any:
    assert run(["show", mutant, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("launcher", ["by_script.py", "by_ranks.py", "train.py"])
def test_the_doctor_says_which_of_several_processes_is_the_programs(
    launcher: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("train.py", "steps.py", launcher):
        shutil.copy(TESTS / "zoo_tree" / name, tmp_path)
    (tmp_path / "trainwreck.toml").write_text(settings(f'["{launcher}"]'))
    monkeypatch.chdir(tmp_path)
    run(["doctor", "--json"])
    checks = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    said = [each for each in checks if each["check"] == "process-chosen"]
    if launcher == "train.py":
        assert not said
        return
    ((chosen,),) = [each["facts"]["processes"] for each in said]
    assert chosen["chosen"] == "train.py"
    assert chosen["rank"] == (0 if launcher == "by_ranks.py" else None)
    assert "train.py" in said[0]["seen"]
    assert "which reports metrics" in said[0]["seen"]
    assert not said[0]["warning"]


def test_workers_switch_no_rule_off_however_they_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("steps.py", "by_workers.py"):
        shutil.copy(TESTS / "zoo_tree" / name, tmp_path)
    (tmp_path / "trainwreck.toml").write_text(settings('["by_workers.py"]'))
    monkeypatch.chdir(tmp_path)
    assert run(["run", "--mutants", "40"]) == 0
    with CampaignFile.open(tmp_path / ".trainwreck") as file:
        steps = {p.mutant.id for p in file.mutants() if p.mutant.file == "steps.py"}
        probes = [probe for probe in file.probes().values() if probe.mutant_id in steps]
    assert probes
    assert doubts(tmp_path) == {""}
    # Of each way to start workers there are a pool for 0, 1, 2 and 3, and one that is killed.
    assert {(probe.evaluations, probe.differing, probe.doubt) for probe in probes} == {(10, 8, "")}


def test_python_is_the_interpreter_of_the_environment_in_a_program_that_starts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trainwreck.toml").write_text(settings('["main.py"]'))
    (tmp_path / "main.py").write_text(
        "import subprocess, sys\n"
        "ask = ['python', '-c', 'import sys; print(sys.prefix)']\n"
        "told = subprocess.run(ask, stdout=subprocess.PIPE, check=True).stdout.decode()\n"
        "print('loss:', int(told.strip() == sys.prefix))\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert run(["baseline"]) == 0
    assert "loss: 1.0000" in capsys.readouterr().out
