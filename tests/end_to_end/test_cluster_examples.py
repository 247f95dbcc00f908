"""The array job and the program of `examples/cluster`, without a cluster: as on this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guest import ROOT
from trainwreck import Campaign
from trainwreck.campaign.merge import Merged
from trainwreck.subject.settings_file import FILE_NAME, load_settings

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("no_process_is_left")]

EXAMPLES = ROOT / "examples/cluster"
SCRIPT = EXAMPLES / "slurm.sh"
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


def write_program(folder: Path) -> None:
    (folder / "train.py").write_text(PROGRAM)
    (folder / FILE_NAME).write_text(SETTINGS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A program with its plan, the array job for three parts, and a command to run it with."""
    write_program(tmp_path)
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


def verdicts(folder: Path) -> dict[str, str]:
    judged = Campaign.open(folder).results().study.judged
    return {item.mutant.id: str(item.verdict.rung) for item in judged}


def test_with_submitit_runs_all_parts_as_processes_and_joins_them(tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    write_program(tmp_path)
    command = [sys.executable, str(EXAMPLES / "with_submitit.py"), str(PARTS), "local"]
    for _ in range(2):  # The second time, all parts are there.
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=250)
        assert done.returncode == 0, done.stderr
        found = verdicts(tmp_path / ".trainwreck-all")
        last = done.stdout.splitlines()[-1]
        assert last.startswith(f"{len(found)} mutants in {PARTS} parts, ")
    parts = [verdicts(tmp_path / f".trainwreck-shard-{n + 1}") for n in range(PARTS)]
    assert all(0 < len(part) < len(found) for part in parts)
    assert {mutant: rung for part in parts for mutant, rung in part.items()} == found
    assert len(list((tmp_path / "submitit").glob("*_result.pkl"))) == 2 * PARTS
