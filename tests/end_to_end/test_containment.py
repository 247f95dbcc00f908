"""Programs that write where they should not, at each level of containment."""

import os
from pathlib import Path

import pytest

from trainwreck import Campaign
from trainwreck.campaign.checks import ContainmentFacts, OutsideFiles, Question
from trainwreck.errors import ControlError
from trainwreck.model import Level
from trainwreck.results.baseline import REPORTED
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import load_settings

TRAIN = """\
import os
import pathlib

data = pathlib.Path("large.bin").read_bytes()
keep = True
if not keep:
    pathlib.Path("large.bin").write_bytes(b"")
cache = pathlib.Path.home() / ".cache" / "toy"
cache.mkdir(parents=True, exist_ok=True)
(cache / "runs").write_text("1")
print("trainwreck: setting token=%s" % os.environ.get("A_TOKEN"))
print("trainwreck: setting tracker=%s" % os.environ["WANDB_MODE"])
print("trainwreck: loss=%d" % len(data))
"""
SETTINGS = """\
[subject]
name = "toy"
command = ["train.py"]

[metrics.loss]
better = "lower"

[trials]
clean = 2
seeds = 1
repeats = 1
rules = []
containment = "{level}"
"""
LARGE = 3 << 20


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program whose mutants delete its large input file, and which writes into the home."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "train.py").write_text(TRAIN)
    (folder / "large.bin").write_bytes(os.urandom(LARGE))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("A_TOKEN", "secret")
    return folder


def campaign(program: Path, level: Level) -> Campaign:
    file = program / "trainwreck.toml"
    file.write_text(SETTINGS.format(level=level), encoding="utf-8")
    return Campaign.create(load_settings(file), program / ".trainwreck")


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return mode, time and bytes of every file below a folder, but for the campaign's."""
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and ".trainwreck" not in path.parts
    }


def test_level_copy_keeps_the_users_files_from_every_mutant(program: Path) -> None:
    work = campaign(program, Level.COPY)
    before = tree(program.parent)
    work.baseline()
    work.plan()
    assert work.run() > 5
    assert tree(program.parent) == before
    assert [item.level for item in work.status().held] == [Level.COPY]
    with CampaignFile.open(work.folder) as file:
        assert file.meta(REPORTED) == {"token": "None", "tracker": "offline"}


def test_doctor_says_what_is_kept_apart_withheld_and_written_outside(program: Path) -> None:
    checks = {check.question: check for check in campaign(program, Level.COPY).doctor()}
    assert all(check.passed for check in checks.values())
    contained, outside = checks[Question.CONTAINED].facts, checks[Question.WRITES_OUTSIDE].facts
    assert isinstance(contained, ContainmentFacts)
    assert isinstance(outside, OutsideFiles)
    assert contained.held.level is Level.COPY
    assert "A_TOKEN" in contained.withheld
    assert contained.copied == LARGE
    home = program.parent / "home"
    assert [(item.path, item.files) for item in outside.written] == [(f"{home}/.cache/toy", 1)]
    assert list(home.iterdir()) == []


def test_level_none_stops_at_the_mutant_that_changes_a_large_file(program: Path) -> None:
    work = campaign(program, Level.NONE)
    work.baseline()
    work.plan()
    with pytest.raises(ControlError) as stopped:
        work.run()
    assert (program / "large.bin").stat().st_size == 0, "it is why this is not the default"
    assert f"{program}/large.bin changed while this mutant ran" in stopped.value.what
    assert "replace `True` with `False`" in stopped.value.what or "delete" in stopped.value.what
    assert "Restore it from your own copy" in stopped.value.hint


def test_level_none_expects_what_the_clean_program_changes_itself(program: Path) -> None:
    touched = TRAIN + 'os.utime("large.bin")\n'
    (program / "train.py").write_text(touched.replace("if not keep", "if keep is None"))
    work = campaign(program, Level.NONE)
    work.baseline()
    work.plan()
    assert work.run() > 5
    facts = next(c.facts for c in work.doctor() if c.question is Question.WRITES_OUTSIDE)
    assert isinstance(facts, OutsideFiles)
    assert facts.shared
    assert [item.path for item in facts.written] == [f"{program}/large.bin"]
