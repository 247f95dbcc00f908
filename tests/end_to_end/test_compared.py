"""What is compared with clean runs, from the command line: written files and printed states."""

import json
from pathlib import Path

import pytest

from trainwreck.cli.main import run

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("no_home")]

PROGRAM = """\
import os, sys
w, sign = 0.0, 1
# phase: learning
for x in range(3):
    w = w + sign * x
    print("loss: %r" % (w * w))
with open("model.csv", "w") as file:
    file.write("%r" % w)
"""
SETTINGS = """\
[subject]
name = "signs"
command = ["train.py"]
{subject}
[metrics.loss]
pattern = 'loss: (\\S+)'
better = "lower"

[mutants]
operators = ["ArOR"]

[trials]
clean = 2
repeats = 1
seeds = 1
"""
SIGN = "replace `+` with `-`"
"""The mutant that flips the sign of what is learnt, which the printed loss does not show."""


class Campaign:
    """A program with settings, and the commands that run and read it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def write(self, program: str = PROGRAM, subject: str = "") -> None:
        (self.folder / "train.py").write_text(program)
        (self.folder / "trainwreck.toml").write_text(SETTINGS.format(subject=subject))

    def read(self, *command: str) -> list[dict]:
        assert run([*command, "--json"]) == 0
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]

    def sign_mutant(self) -> dict:
        self.read("run", "--jobs", "1")
        records = self.read("export", "-")
        return next(r for r in records if r["kind"] == "mutant" and SIGN in r["name"])


@pytest.fixture
def campaign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Campaign:
    monkeypatch.chdir(tmp_path)
    return Campaign(tmp_path, capsys)


def test_a_flipped_sign_that_the_loss_hides_is_masked_by_printed_values_alone(
    campaign: Campaign,
) -> None:
    campaign.write()
    mutant = campaign.sign_mutant()
    assert (mutant["rung"], mutant["compared"]) == ("masked", ["values"])
    (status,) = campaign.read("status")
    assert status["rungs"]["masked (printed values)"] == 1
    assert "masked" not in status["rungs"]
    assert status["covers"]["parts"] == ["values"]
    tables = {table["name"]: table for table in campaign.read("report")}
    assert "masked (printed values)" in tables["ledger"]["columns"]


def test_outputs_show_a_flipped_sign(campaign: Campaign) -> None:
    campaign.write(subject='outputs = ["*.csv"]')
    mutant = campaign.sign_mutant()
    assert (mutant["rung"], mutant["compared"]) == ("propagated", ["files", "values"])
    assert mutant["why"].endswith("The result differs only in the file model.csv.")


def test_a_printed_state_shows_a_flipped_sign(campaign: Campaign) -> None:
    campaign.write(PROGRAM + 'print("trainwreck: state=%r" % w)\n')
    mutant = campaign.sign_mutant()
    assert (mutant["rung"], mutant["compared"]) == ("propagated", ["parameters", "values"])


def test_an_import_of_the_export_has_the_same_results(campaign: Campaign) -> None:
    campaign.write(subject='outputs = ["*.csv"]')
    campaign.sign_mutant()
    (before,) = campaign.read("status")
    assert run(["export", "all.jsonl"]) == 0
    assert run(["--campaign", "copy", "import", "all.jsonl"]) == 0
    assert "no doubts" in campaign.capsys.readouterr().out
    (after,) = campaign.read("--campaign", "copy", "status")
    assert (after["rungs"], after["covers"]) == (before["rungs"], before["covers"])


def test_outputs_that_match_nothing_are_an_error_that_names_the_pattern(
    campaign: Campaign,
) -> None:
    campaign.write(subject='outputs = ["model.*", "runs/*.npz"]')
    assert run(["baseline"]) == 2
    said = campaign.capsys.readouterr().err
    assert "no file in its folder that matches `runs/*.npz`, which `outputs` names" in said


def test_baseline_names_a_file_that_cannot_repeat(campaign: Campaign) -> None:
    stamped = PROGRAM.replace('"%r" % w', '"%r %r" % (w, os.urandom(8))')
    campaign.write(stamped, 'outputs = ["model.csv"]')
    (baseline,) = campaign.read("baseline")
    assert baseline["covers"]["unsteady"] == ["model.csv"]
    assert run(["status"]) == 0
    said = campaign.capsys.readouterr().out
    assert "model.csv differs between clean runs with the same seed" in said


def test_status_says_why_no_run_ends_early_with_outputs(
    campaign: Campaign,
) -> None:
    campaign.write(subject='outputs = ["*.csv"]')
    campaign.read("baseline")
    assert run(["status"]) == 0
    said = campaign.capsys.readouterr().out
    assert "no state at the first report holds written files or printed states" in said
