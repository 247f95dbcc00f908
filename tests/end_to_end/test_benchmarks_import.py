"""The programs in benchmarks/ can be imported, and make up small campaigns."""

import json
import os
import subprocess
import sys
from pathlib import Path

from guest import ROOT

BENCHMARKS = ROOT / "benchmarks"
SMALL_REPORT = """
import pathlib, sys, report
report.MUTANTS, report.RUNS = 60, 300
for stage in report.STAGES.values():
    stage(pathlib.Path(sys.argv[1]))
"""
SMALL_MEMORY = """
import pathlib, sys, memory
folder = pathlib.Path(sys.argv[1])
memory.FILES = 2
memory.write_program(folder)
for stage in memory.STAGES:
    memory.main(stage, folder)
"""


SMALL_SEALS = """
import seals
seals.RUNS = 3
figures = seals.measure("", rounds=1)
assert all(each.median > 0 for each in figures if "its seals" not in each.what), figures
print(len(figures))
"""


def python(code: str, *arguments: str, **environment: str) -> list[str]:
    """Run code in the folder of the benchmarks; return the lines that it prints."""
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=BENCHMARKS,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_benchmarks_import_what_they_use() -> None:
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    assert {"memory", "report", "run", "verdicts"} <= set(names)
    python(f"import {', '.join(names)}")


def test_benchmarks_report_goes_through_its_stages(tmp_path: Path) -> None:
    python(SMALL_REPORT, str(tmp_path))


def test_benchmarks_memory_goes_through_its_stages(tmp_path: Path) -> None:
    lines = python(SMALL_MEMORY, str(tmp_path), PYTHONPATH=str(tmp_path / "libraries"))
    stages = [json.loads(line) for line in lines]
    assert len(stages) == 6
    assert stages[0]["planned"] == 0
    assert all(stage["planned"] > 20 and stage["peak"] > 1 for stage in stages[1:])


def test_benchmarks_seals_measures_each_check() -> None:
    assert python(SMALL_SEALS) == ["5"]
