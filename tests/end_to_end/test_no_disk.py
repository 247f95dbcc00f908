"""A machine without a disk to work on says so once, and no mutant gets a verdict from it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trainwreck.cli.main import run
from trainwreck.errors import ExitCode
from trainwreck.model import Ending, TrialKind
from trainwreck.store.campaign_file import CampaignFile

SETTINGS = """\
[subject]
name = "no-disk"
command = ["train.py"]

[metrics.loss]
pattern = 'loss: (\\S+)'

[trials]
clean = 1
repeats = 1
seeds = 1
"""
TRAIN = "number = 1 + 1\nprint('loss:', number)\n"
MOUNT = 'mount -t tmpfs -o "$1" tmpfs .trainwreck/work && shift && exec "$@"'


def endings(folder: Path) -> list[Ending]:
    with CampaignFile.open(folder / ".trainwreck") as file:
        return [outcome.exit.ending for _, _, outcome in file.outcomes(TrialKind.MUTANT)]


def in_a_disk(options: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command that sees another disk where trials work; nothing else on the machine does."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no `unshare`")
    line = ["unshare", "--mount", "sh", "-c", MOUNT, "sh", options, *command]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this user may mount nothing")
    return done


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("ro,size=4g", "Read-only file system"),
        ("size=4g,nr_inodes=3", "No space left on device"),
        ("size=1m", "has 1 MB left"),
    ],
    ids=["read-only", "without inodes", "full"],
)
def test_run_without_a_disk_to_work_on_pauses_and_goes_on_later(
    options: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trainwreck.toml").write_text(SETTINGS)
    (tmp_path / "train.py").write_text(TRAIN)
    monkeypatch.chdir(tmp_path)
    assert run(["baseline"]) == 0
    (tmp_path / ".trainwreck" / "work").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "trainwreck", "run", "--operator", "ArOR"]
    done = in_a_disk(options, *command)
    assert done.returncode == ExitCode.INTERRUPTED, done.stderr
    assert done.stderr.count(why) == 1
    assert endings(tmp_path) == []
    assert run(["run", "--operator", "ArOR"]) == 0
    assert endings(tmp_path) == [Ending.EXITED]
