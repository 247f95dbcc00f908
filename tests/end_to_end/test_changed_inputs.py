"""Files that the program reads change between two commands: no results of both are compared."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from trainwreck.cli.main import run
from trainwreck.run.scratch import MANY
from trainwreck.store.campaign_file import CampaignFile

PROGRAM = """\
import os, random, sys
rate = float(open("rate.txt").read())
random.seed(0 if CHANCE else os.urandom(8))
w, done = 0.0, 0
RESUME = True
if RESUME and os.path.exists("state.txt"):
    w = float(open("state.txt").read())
for epoch in range(3):
    w += rate * (random.random() - w)
    print("loss:", round(w, 6))
open("state.txt", "w").write(repr(w))
"""
SETTINGS = """\
[subject]
name = "changed"
command = ["train.py"]

[metrics.loss]
pattern = 'loss: (\\S+)'

[trials]
clean = 2
repeats = 1
seeds = 1
rules = []
clean_timeout = 60
"""
Capsys = pytest.CaptureFixture[str]


class Program:
    """A program with a rate, and a state that it goes on from; some runs of it are done."""

    def __init__(
        self,
        folder: Path,
        repeats: bool = True,
        words: str = '["train.py"]',
        before: Sequence[str] = (),
    ) -> None:
        self.before = before
        self.folder = folder / "program"
        self.folder.mkdir()
        (self.folder / "train.py").write_text(PROGRAM.replace("CHANCE", str(repeats)))
        (self.folder / "trainwreck.toml").write_text(SETTINGS.replace('["train.py"]', words))
        (self.folder / "rate.txt").write_text("0.5")
        assert self.command("run", "--mutants", "2") == 0

    def command(self, *words: str) -> int:
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return run([*self.before, *words, "--jobs", "1"])
        finally:
            os.chdir(before)

    def runs(self) -> tuple[int, int]:
        """The number of clean runs, and of all runs."""
        with CampaignFile.open(self.folder / ".trainwreck") as file:
            runs = [kind for kind, _, _ in file.clean_outcomes()]
            return runs.count("clean"), len(file.all_ids())


@pytest.mark.parametrize(
    ("name", "content"), [("rate.txt", "0.9"), ("state.txt", "0.7"), ("rate.txt", None)]
)
def test_a_run_is_refused_where_a_changed_file_changes_the_clean_result(
    tmp_path: Path, capsys: Capsys, name: str, content: str | None
) -> None:
    program = Program(tmp_path)
    before = program.runs()
    if content is None:
        (program.folder / name).unlink()
    else:
        (program.folder / name).write_text(content)
    capsys.readouterr()
    for _ in range(2):
        assert program.command("run", "--mutants", "4") == 1
        said = " ".join(capsys.readouterr().err.split())
        assert f"{name} has changed since the campaign began, and the clean program" in said
        assert program.runs() == before
    # As it was, the campaign goes on.
    (program.folder / "rate.txt").write_text("0.5")
    (program.folder / "state.txt").unlink(missing_ok=True)
    assert program.command("run", "--mutants", "4") == 0


def test_a_changed_file_that_the_program_does_not_read_costs_one_clean_run(
    tmp_path: Path, capsys: Capsys
) -> None:
    program = Program(tmp_path)
    clean, _ = program.runs()
    (program.folder / "notes.txt").write_text("a page of notes")
    capsys.readouterr()
    assert program.command("run", "--mutants", "3") == 0
    assert "notes.txt has changed since the campaign began; a clean run" in capsys.readouterr().err
    assert program.runs()[0] == clean + 1
    assert program.command("run", "--mutants", "4") == 0
    assert program.runs()[0] == clean + 1
    assert "notes.txt" not in capsys.readouterr().err


def test_settings_environments_and_campaigns_are_no_inputs(tmp_path: Path, capsys: Capsys) -> None:
    program = Program(tmp_path)
    clean, _ = program.runs()
    settings = program.folder / "trainwreck.toml"
    settings.write_text(settings.read_text() + "# a remark\n")
    environment = program.folder / ".venv"
    environment.mkdir()
    (environment / "pyvenv.cfg").write_text("version = 3.11\n")
    assert program.command("--campaign", "other", "run", "--mutants", "1") == 0
    capsys.readouterr()
    assert program.command("run", "--mutants", "3") == 0
    assert "has changed" not in capsys.readouterr().err
    assert program.runs()[0] == clean


def test_where_clean_runs_never_repeat_a_changed_file_is_refused_and_a_new_one_is_not(
    tmp_path: Path, capsys: Capsys
) -> None:
    program = Program(tmp_path, repeats=False)
    (program.folder / "log.txt").write_text("an earlier run")
    assert program.command("run", "--mutants", "3") == 0
    (program.folder / "rate.txt").write_text("0.9")
    capsys.readouterr()
    assert program.command("run", "--mutants", "4") == 1
    assert "clean runs never repeat" in " ".join(capsys.readouterr().err.split())


def test_a_data_folder_may_hold_the_program_and_its_campaign(
    tmp_path: Path, capsys: Capsys
) -> None:
    (tmp_path / "rate.txt").write_text("0.5")
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "train.py").write_text(
        PROGRAM.replace("CHANCE", "True").replace('"rate.txt"', 'sys.argv[1] + "/rate.txt"')
    )
    (folder / "trainwreck.toml").write_text(
        SETTINGS.replace('["train.py"]', '["train.py", "{data}"]')
    )
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert run(["--data", "..", "run", "--mutants", "3", "--jobs", "1"]) == 0
        (tmp_path / "rate.txt").write_text("0.7")
        capsys.readouterr()
        assert run(["--data", "..", "run", "--mutants", "4", "--jobs", "1"]) == 1
    finally:
        os.chdir(before)
    assert "{data}/rate.txt has changed" in " ".join(capsys.readouterr().err.split())


def test_of_a_folder_with_much_data_the_number_and_the_size_are_compared(
    tmp_path: Path, capsys: Capsys
) -> None:
    data = tmp_path / "data"
    images = data / "images"
    images.mkdir(parents=True)
    for number in range(MANY + 1):
        (images / f"{number}.txt").write_text("0.5")
    program = Program(tmp_path, words='["train.py", "{data}"]', before=("--data", str(data)))
    assert program.command("run", "--mutants", "3") == 0
    (images / "another.txt").write_text("0.5")
    capsys.readouterr()
    assert program.command("run", "--mutants", "4") == 0
    assert "{data}/ has changed since the campaign began; a clean run" in capsys.readouterr().err


def test_a_variable_that_is_gone_makes_no_bug_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.setenv("SERVICE_ID", "abc")
    monkeypatch.setenv("UNUSED", "1")
    monkeypatch.setattr(
        "test_changed_inputs.PROGRAM", 'import os\nassert os.environ["SERVICE_ID"]\n' + PROGRAM
    )
    program = Program(tmp_path)
    before = program.runs()
    monkeypatch.delenv("SERVICE_ID")
    assert program.command("run") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "the environment variable `SERVICE_ID` has changed since the campaign began" in said
    assert "the clean program does not work any more" in said
    assert "Make the variables what they were" in said
    assert program.runs() == before
    monkeypatch.setenv("SERVICE_ID", "another")
    monkeypatch.delenv("UNUSED")
    assert program.command("run", "--mutants", "4") == 0
    said = capsys.readouterr().err
    assert "the environment variables `SERVICE_ID`, `UNUSED` have changed" in said
    clean, _ = program.runs()
    assert clean == before[0] + 1
    assert program.command("run", "--mutants", "5") == 0
    assert "have changed" not in capsys.readouterr().err
