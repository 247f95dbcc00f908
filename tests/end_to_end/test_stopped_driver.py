"""A driver that is stopped for longer than a run may take and goes on calls no run a hang."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from trainwreck.cli.main import run
from trainwreck.model import Ending, Outcome, TrialKind
from trainwreck.model.start import STARTED
from trainwreck.store.campaign_file import CampaignFile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")

LIMIT, STOPPED = 5.0, 7.0
SETTINGS = """\
[subject]
name = "stopped"
command = ["train.py"]

[metrics.loss]
pattern = 'loss: (\\S+)'

[trials]
clean = 1
repeats = 1
seeds = 1
timeout_factor = 1.5
start = "{start}"
"""
# What it prints fills any pipe, so that it waits for a driver that reads nothing.
TRAIN = f"""\
import time
number = 1 + 1
# phase: learning
for _ in range(3000):
    print("{"x" * 99}")
time.sleep(1.5)
print("loss:", number)
"""
DRIVER = f"""\
import sys
from trainwreck.run import limits
limits.SHORTEST_TIME = {LIMIT}
from trainwreck.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def trials_below(driver: psutil.Process) -> list[psutil.Process]:
    """Return the processes of trials; warm ones are forks of a process with the same command."""
    found = []
    for process in driver.children(recursive=True):
        with suppress(psutil.Error):  # It may end just now.
            found += [process] if "train.py" in process.cmdline() else []
    return found


def stop_and_continue(driver: psutil.Process, has_all: bool) -> None:
    stopped = [driver, *(driver.children(recursive=True) if has_all else [])]
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for process in stopped:
            os.kill(process.pid, number)
        if number is signal.SIGSTOP:
            time.sleep(STOPPED)


def outcomes(folder: Path, kind: TrialKind) -> list[Outcome]:
    with CampaignFile.open(folder / ".trainwreck") as file:
        return [outcome for _, _, outcome in file.outcomes(kind)]


@pytest.mark.parametrize(
    ("start", "operator", "has_all"),
    [("cold", "ArOR", False), ("cold", "ArOR", True), ("warm", "NVR", False)],
    ids=["cold", "with its runs", "warm"],
)
def test_a_driver_stopped_for_longer_than_the_limit_calls_no_run_a_hang(
    start: str, operator: str, has_all: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trainwreck.toml").write_text(SETTINGS.format(start=start))
    (tmp_path / "train.py").write_text(TRAIN)
    monkeypatch.chdir(tmp_path)
    assert run(["baseline"]) == 0
    # With one slot, the mutant runs alone once the control is stored: there is time to find it.
    command = [
        sys.executable,
        "-c",
        DRIVER,
        "run",
        "--operator",
        operator,
        "--exact",
        "--jobs",
        "1",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        driver, until = psutil.Process(process.pid), time.monotonic() + 60
        while not (outcomes(tmp_path, TrialKind.CONTROL) and trials_below(driver)):
            assert time.monotonic() < until
            time.sleep(0.05)
        stop_and_continue(driver, has_all)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    made = outcomes(tmp_path, TrialKind.MUTANT)
    ways = [outcome.observations.get(STARTED, {"how": "cold"})["how"] for outcome in made]
    assert start in ways
    assert {outcome.exit.ending for outcome in made} == {Ending.EXITED}
    assert max(outcome.seconds for outcome in made) < LIMIT
