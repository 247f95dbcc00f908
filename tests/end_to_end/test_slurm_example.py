"""The array job of `examples/cluster`, with the variables that Slurm sets for its tasks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guest import ROOT
from trainwreck import Campaign
from trainwreck.campaign.merge import Merged
from trainwreck.subject.settings_file import FILE_NAME, load_settings

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("no_process_is_left")]

SCRIPT = ROOT / "examples/cluster/slurm.sh"
PARTS = 3
PROGRAM = """\
import sys
weight = 0.0
for epoch in range(3):
    weight = weight + 0.1
print("loss", 1 - weight + int(sys.argv[1]) / 1000)
"""
SETTINGS = """\
[subject]
name = "tiny"
command = ["train.py", "{seed}"]

[metrics.loss]
pattern = 'loss (\\S+)'
better = "lower"

[mutants]
per_file = 6

[trials]
clean = 2
seeds = 1
repeats = 1
rules = []
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A program with its plan, the array job for three parts, and a command to run it with."""
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / FILE_NAME).write_text(SETTINGS)
    lines = SCRIPT.read_text().splitlines(keepends=True)
    assert lines.count("parts=8\n") == 1
    (tmp_path / "slurm.sh").write_text("".join(lines).replace("parts=8\n", f"parts={PARTS}\n"))
    command = tmp_path / "bin" / "trainwreck"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m trainwreck "$@"\n')
    command.chmod(0o755)
    settings = load_settings(tmp_path / FILE_NAME, python=sys.executable)
    with Campaign.create(settings) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.export(tmp_path / "plan.jsonl.xz")
    return tmp_path


def submit(folder: Path, *tasks: int) -> list[subprocess.CompletedProcess[str]]:
    """Run tasks of an array as Slurm does: it counts those of this array alone."""
    ended = []
    for task in tasks:
        slurm = {
            "SLURM_ARRAY_TASK_ID": str(task),
            "SLURM_ARRAY_TASK_COUNT": str(len(tasks)),
            "SLURM_ARRAY_TASK_MIN": str(min(tasks)),
            "SLURM_ARRAY_TASK_MAX": str(max(tasks)),
            "SLURM_CPUS_PER_TASK": "1",
        }
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        ended.append(
            subprocess.run(
                ["bash", "slurm.sh"],
                cwd=folder,
                env={**os.environ, **slurm, "PATH": path},
                capture_output=True,
                text=True,
                timeout=200,
            )
        )
    return ended


def merged(folder: Path, **how: bool) -> Merged:
    return Campaign.merge(sorted(folder.glob(".trainwreck-shard-*")), folder / "all", **how)


def test_slurm_example_runs_single_tasks_again_as_parts_of_the_same_division(folder: Path) -> None:
    (first,) = submit(folder, 1)
    assert first.returncode == 0, first.stderr
    so_far = merged(folder)
    assert (so_far.of, so_far.missing_shards) == (PARTS, (2, 3))
    rest = submit(folder, 2, 3)
    assert [task.returncode for task in rest] == [0, 0], [task.stderr for task in rest]
    (again,) = submit(folder, 3)
    assert again.returncode == 0, again.stderr
    together = merged(folder, complete=True)
    assert together.planned > PARTS
    assert (together.missing, together.missing_shards) == (0, ())


def test_slurm_example_refuses_a_task_that_is_no_part(folder: Path) -> None:
    (wrong,) = submit(folder, PARTS + 1)
    assert wrong.returncode == 1
    assert wrong.stderr == "there is no part 4 of 3: submit with --array=1-3\n"
    assert not list(folder.glob(".trainwreck-shard-*"))
