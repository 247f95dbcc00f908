"""The guard of examples/ci/guard, as CI runs it: pytest, the program, and no trainwreck."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guest import ROOT

EXAMPLE = ROOT / "examples" / "ci" / "guard"
GUARD = "tests/test_trainwreck_guard.py"


def guarded(folder: Path, before: str = "", after: str = "") -> subprocess.CompletedProcess[str]:
    """Run the guard on a copy of the program with one change."""
    copy = folder / "guard"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns(".trainwreck", "__pycache__"))
    program = copy / "train.py"
    text = program.read_text(encoding="utf-8")
    assert before in text
    program.write_text(text.replace(before, after, 1) if before else text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", GUARD]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=120)


def test_guard_example_passes_or_says_what_is_different_here(
    tmp_path: Path, no_process_is_left: None
) -> None:
    ended = guarded(tmp_path)
    assert ended.returncode == 0, ended.stdout
    assert " passed" in ended.stdout or "another kind of machine" in ended.stdout


def test_guard_example_fails_with_a_bug(tmp_path: Path, no_process_is_left: None) -> None:
    if " passed" not in guarded(tmp_path / "clean").stdout:
        pytest.skip("the golden values are of another kind of machine")
    ended = guarded(tmp_path / "buggy", "1 - value * value", "1 - value")
    assert ended.returncode == 1, ended.stdout


def test_guard_example_is_the_program_of_the_tutorial() -> None:
    tutorial = ROOT / "examples" / "moons" / "train.py"
    assert (EXAMPLE / "train.py").read_bytes() == tutorial.read_bytes()
