"""Programs that catch what goes wrong, that are archives, and that leave processes behind."""

import os
import sys
import zipfile
from pathlib import Path
from statistics import median

import pytest

from trainwreck.cli.main import run
from trainwreck.store.campaign_file import CampaignFile

Capsys = pytest.CaptureFixture[str]
SWALLOWING = """\
def step(w, x):
    return w - 0.1 * (w * x - 2 * x) * x

w = 0.0
for epoch in range(3):
    for b in range(10):
        try:
            w = step(w, (b + 1) / 10)
        except Exception as error:
            print("failed, skipping batch:", error)
    print("epoch", epoch, "loss=%.5f" % abs(w - 2))
"""
LEAVING = """\
import os, subprocess, sys, time
if sys.argv[1:]:
    while time.process_time() < 0.6:
        pass
    print("loss=1.5", flush=True)
    time.sleep(1.0)
else:
    child = subprocess.Popen([sys.executable, "train.py", "child"], stdout=subprocess.PIPE)
    print(child.stdout.readline().decode(), end="", flush=True)
    time.sleep(0.8)
    os._exit(0)
"""


def init(folder: Path, *words: str) -> int:
    before = Path.cwd()
    os.chdir(folder)
    try:
        return run(["init", *words])
    finally:
        os.chdir(before)


def test_doctor_knows_a_program_that_catches_every_exception(
    tmp_path: Path, capsys: Capsys
) -> None:
    (tmp_path / "train.py").write_text(SWALLOWING)
    assert init(tmp_path, sys.executable, "train.py") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "note a certain crash in app: train.py:2 ran 30 times; the program" in said


def test_an_archive_is_refused_before_it_runs(tmp_path: Path, capsys: Capsys) -> None:
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as archive:
        archive.writestr("__main__.py", "print('loss=0.5')")
    assert init(tmp_path, sys.executable, "app.pyz") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "the code of app.pyz is in an archive" in said
    assert "runs `" not in said


def test_the_time_of_a_process_that_nobody_waited_for_counts(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LEAVING)
    init(tmp_path, "--no-doctor", sys.executable, "train.py")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        run(["baseline", "--jobs", "1"])
    finally:
        os.chdir(before)
    with CampaignFile.open(tmp_path / ".trainwreck") as file:
        used = [outcome.cpu_seconds for _, _, outcome in file.clean_outcomes()]
    assert used
    # It is seen while it is there, which a busy machine may miss once.
    assert median(used) > 0.5


def test_init_hands_the_named_data_to_the_program(tmp_path: Path, capsys: Capsys) -> None:
    (tmp_path / "rate.txt").write_text("0.5")
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "train.py").write_text(
        "import sys\nrate = float(open(sys.argv[1] + '/rate.txt').read())\n"
        "w = 0.0\nfor epoch in range(4):\n"
        "    w += rate * (1 - w)\n    print('loss=%.4f' % (1 - w))\n"
    )
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert run(["--data", "..", "init", sys.executable, "train.py", "{data}"]) == 0
        assert run(["--data", "..", "run", "--mutants", "2", "--jobs", "1"]) == 0
    finally:
        os.chdir(before)
    assert 'command = ["train.py", "{data}"]' in (folder / "trainwreck.toml").read_text()
    assert "changed since" not in capsys.readouterr().err
