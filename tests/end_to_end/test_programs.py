"""Promises to programs and servers: events, errors, `--since`, `--fail-on`, the workflow."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from guest import ROOT
from trainwreck.cli.main import run as command
from trainwreck.cli.parser import read_line
from trainwreck.errors import TrainwreckError

SCHEMA = json.loads((ROOT / "docs/events.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
EVENTS = {part["if"]["properties"]["event"].get("const") for part in SCHEMA["allOf"]} - {None}
EVENTS |= {"remark", "output"}
PAGE = (ROOT / "docs/programs.md").read_text()
WORKFLOW = yaml.safe_load((ROOT / "examples/ci/trainwreck.yml").read_text())
PROGRAM = """\
import sys

weight = 0.0
noise = int(sys.argv[1]) / 1000
for epoch in range(3):
    weight = weight + 0.1
unused = 1 + 1
print("loss", 1 - weight + noise)
"""
SETTINGS = """\
[subject]
name = "tiny"
command = ["train.py", "{seed}"]

[metrics.loss]
pattern = 'loss (\\S+)'
better = "lower"

[trials]
clean = 2
seeds = 1
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program in a folder of a repository, two of whose lines have changed since."""
    top = tmp_path_factory.mktemp("programs") / "repository"
    folder = top / "my program"
    folder.mkdir(parents=True)
    (folder / "trainwreck.toml").write_text(SETTINGS)
    (folder / "train.py").write_text(PROGRAM.replace("weight + 0.1", "weight + 0.2"))
    for words in ("init -q .", "add .", "-c user.name=a -c user.email=a@b commit -q -m x"):
        subprocess.run(["git", *words.split()], cwd=top, check=True)
    (folder / "train.py").write_text(PROGRAM)
    return folder


@pytest.fixture
def here(program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(program)
    return program


@pytest.fixture
def ran(here: Path) -> Path:
    """The program with four mutants that have run."""
    assert command(["run", "--mutants", "4", "--jobs", "1"]) == 0
    return here


class Ended:
    """A command that has ended, with its answers and its events."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.answers = [json.loads(line) for line in out.splitlines()]
        self.events = [json.loads(line) for line in err.splitlines()]
        for event in self.events:
            assert [error.message for error in VALIDATOR.iter_errors(event)] == []
            assert event["event"] in EVENTS

    def of(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == name]


def ended(capsys: pytest.CaptureFixture[str], *words: str) -> Ended:
    capsys.readouterr()
    code = command([*words, "--json"])
    printed = capsys.readouterr()
    return Ended(code, printed.out, printed.err)


def test_run_reports_its_work_as_events_and_its_answer_apart(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = ended(capsys, "run", "--mutants", "4", "--jobs", "1", "--fail-on", "crash>90%")
    assert first.code == 0
    (status,) = first.answers
    assert (status["subject"], status["done"]) == ("tiny", 4)
    names = [event["event"] for event in first.events]
    assert names[:2] == ["started", "campaign"]
    assert names[-1] == "finished"
    assert len(first.of("verdict")) == 4
    rungs = [event["rung"] for event in first.of("verdict")]
    assert {rung: rungs.count(rung) for rung in rungs} == status["rungs"]
    trials = first.of("trial")
    assert {trial["kind"] for trial in trials} >= {"clean", "coverage", "mutant"}
    for stage in first.of("stage"):
        counts = [t["done"] for t in trials if t["stage"] == stage["title"]]
        assert stage["name"] != "other"
        assert {t["stage_name"] for t in trials if t["stage"] == stage["title"]} == {stage["name"]}
        assert counts == list(range(1, stage["trials"] + 1)), stage
    again = ended(capsys, "run", "--mutants", "4", "--jobs", "1")
    assert again.of("trial") == []
    assert {stage["trials"] for stage in again.of("stage")} <= {0}
    assert [event["mutant"] for event in again.of("verdict")] == [
        event["mutant"] for event in first.of("verdict")
    ]


def test_an_error_is_the_last_event(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, kind, code in (
        (["shw"], "usage", 1),
        (["run", "--fail-on", "masked>"], "usage", 1),
        (["show", "--campaign", "none", "abc"], "usage", 1),
        (["run", "--function", "nothing"], "nothing-chosen", 1),
        (["report", "--fail-on", "propagated>=0%"], "condition", 6),
    ):
        failed = ended(capsys, *words)
        error = failed.events[-1]["error"]
        assert (failed.code, error["kind"], error["exit"]) == (code, kind, code), words
        assert error["message"]
        assert error["hint"]
        assert not failed.of("finished")


def test_every_command_that_works_starts_and_finishes(
    ran: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mutant = ended(capsys, "list").answers[0]["id"]
    for words in (["baseline"], ["audit", "--sample", "1"], ["replay", mutant], ["doctor"]):
        done = ended(capsys, *words, *(["--jobs", "1"] if words[0] != "replay" else []))
        names = [event["event"] for event in done.events]
        assert (names[0], names[-1], done.code) == ("started", "finished", 0), words
        assert done.answers
        assert (words[0] == "replay") is bool(done.of("output"))
    assert ended(capsys, "status").events == []


def test_changed_lines_are_run_counted_and_marked(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    since = ["--since", "HEAD"]
    words = ["run", *since, "--all", "--jobs", "1", "--fail-on", "silent>=0,hang>0,may-hurt>99%"]
    done = ended(capsys, *words)
    assert done.code == 6
    changed = {line["id"] for line in ended(capsys, "list", *since, "--all").answers}
    assert {event["mutant"] for event in done.of("verdict")} == changed
    assert {event["total"] for event in done.of("condition")} == {len(changed)}
    assert command(["report", *since, "--format", "sarif", "--out", "marks.sarif"]) == 0
    results = json.loads(Path("marks.sarif").read_text())["runs"][0]["results"]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert {place["region"]["startLine"] for place in places} == {6}
    assert {place["artifactLocation"]["uri"] for place in places} == {"my%20program/train.py"}
    marked = {result["partialFingerprints"]["trainwreckMutant/v1"] for result in results}
    noticed = {e["mutant"] for e in done.of("verdict") if e["fate"] in ("crash", "hang")}
    assert marked == changed - noticed
    tables = ended(capsys, "report", *since).answers
    assert [table["title"] for table in tables] == [
        f"Mutants of tiny on lines changed since HEAD: {len(changed)}"
    ]
    (condition,) = ended(capsys, "report", *since, "--fail-on", "silent>=0").of("condition")
    assert condition["total"] == len(changed)


def test_a_change_without_a_mutant_runs_nothing_and_passes(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    since = ["--since", "HEAD", "--fail-on", "silent>0,masked>=0%"]
    subprocess.run(["git", "stash", "-q"], cwd=here, check=True)
    try:
        none = ended(capsys, "run", *since, "--campaign", str(tmp_path / "none"))
        assert (none.code, none.of("trial"), (tmp_path / "none").exists()) == (0, [], False)
        assert {event["total"] for event in none.of("condition")} == {0}
    finally:
        subprocess.run(["git", "stash", "pop", "-q"], cwd=here, check=True)
    nothing = ended(capsys, "run", "--function", "nothing", "--fail-on", "silent>0", "--jobs", "1")
    assert (nothing.code, nothing.of("trial"), nothing.of("verdict")) == (0, [], [])
    assert command(["run", "--function", "nothing"]) == 1


def test_the_python_of_the_page_for_programs_runs(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("train.py", "trainwreck.toml"):
        shutil.copy(here / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(code, "programs.md", "exec"), {"__name__": "example"})
    lines = capsys.readouterr().out.splitlines()
    assert "mutants: " in "\n".join(lines)
    assert any(line.startswith("masked>50% ") for line in lines)
    assert any(line.startswith("about ") for line in lines)


def test_the_page_for_programs_names_every_event_and_every_kind_of_error() -> None:
    named = set(re.findall(r"^\| `(\S+)` \|", PAGE, re.MULTILINE))
    assert named >= EVENTS
    parts = SCHEMA["allOf"]
    error = next(p for p in parts if p["if"]["properties"]["event"].get("const") == "error")
    kinds = error["then"]["properties"]["error"]["properties"]["kind"]["enum"]
    rows = PAGE.partition("| code |")[2].partition("\n\n")[0].splitlines()[2:]
    assert set(kinds) == {k for row in rows for k in re.findall("`(.+?)`", row.split("|")[2])}
    assert {error.kind for error in errors_of(TrainwreckError)} <= set(kinds)


def errors_of(kind: type[TrainwreckError]) -> list[type[TrainwreckError]]:
    return [kind, *(error for child in kind.__subclasses__() for error in errors_of(child))]


def test_the_example_workflow_is_a_workflow_whose_commands_are_read() -> None:
    assert WORKFLOW[True] == "pull_request", "YAML reads `on` as true"
    (job,) = WORKFLOW["jobs"].values()
    runs = [step["run"] for step in job["steps"] if "run" in step]
    calls = [line for line in runs if line.startswith("trainwreck ")]
    assert len(calls) == 4
    for call in calls:
        assert "${{" not in call, "other people's text is a part of the command"
        words = shlex.split(call.replace("$BASE", "origin/main").partition(" >> ")[0])
        read = read_line(words[1:])
        assert read.command.name == words[1]
        assert read.values.get("since", "origin/main") == "origin/main"
    guarded = [step for step in job["steps"] if "report" in step.get("run", "")]
    assert all("campaign.sqlite" in step["if"] for step in guarded)
