"""The measures of chaos and zoo notice what they are there for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from canary import Canary, harm, make_canary
from chaos import build_shim
from disturbances import FAULTS, Way, drawn
from record import differences

COMPILER = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler is here")
THESIS = "documents/thesis.txt"


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return make_canary(tmp_path)


def _rewrite_as_old(path: Path) -> None:
    facts = path.stat()
    path.write_bytes(b"x" * facts.st_size)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "mode": lambda path: path.chmod(0o600),
    "changed": lambda path: os.utime(path, (1, 1)),
    "size": lambda path: path.write_text("short"),
    "content": _rewrite_as_old,
    "new": lambda path: path.with_name("new.txt").symlink_to(path),
}


@pytest.mark.parametrize("change", CHANGES)
def test_harm_names_each_change_of_a_file(canary: Canary, change: str) -> None:
    before = canary.snapshot()
    assert harm(before, canary.snapshot()) == []
    CHANGES[change](canary.root / THESIS)
    path = THESIS if change != "new" else "documents/new.txt"
    assert f"{path}: {change}" in harm(before, canary.snapshot())


def test_canary_finds_processes_by_environment_or_command_line(canary: Canary) -> None:
    sleep = "import time; time.sleep(60)"
    by_name = [sys.executable, "-c", sleep, canary.token]
    started = [
        subprocess.Popen(by_name, env={}),
        subprocess.Popen([sys.executable, "-c", sleep], env={"CANARY": str(canary.root)}),
    ]
    try:
        found = {process.pid for process in canary.processes()}
        assert found == {process.pid for process in started}
        canary.sweep()
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert canary.processes() == []


@pytest.mark.parametrize("way", ["", "/nonexistent"])
def test_hostile_programs_refuse_to_act_without_a_tree(canary: Canary, way: str) -> None:
    program = "import acts; acts.perform('delete_own_folder')"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=canary.program,
        env={"CANARY": way},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "refused" in ended.stderr
    assert (canary.program / "acts.py").exists()


def test_differences_name_what_is_lost_new_and_different() -> None:
    found = differences({"a": "1", "b": "2"}, {"b": "3", "c": "4"})
    assert found == {"lost": ["a"], "new": ["c"], "different": ["b: 2 / 3"]}


def test_disturbances_are_those_of_their_seed() -> None:
    first, again = ([drawn(Random("7-1")) for _ in range(1)] for _ in range(2))
    assert first == again
    random = Random("7-2")
    assert {drawn(random).fault for _ in range(2000)} == set(FAULTS)


SCRIPT = """
import sqlite3, sys, time
began = time.monotonic()
for number in range(4):
    open(f"{sys.argv[1]}/{number}", "w").close()
print(int(time.monotonic() - began))
time.sleep(0.01)
"""


@COMPILER
@pytest.mark.parametrize(
    ("plan", "code", "files", "out"),
    [
        ("count 1 0 0", 0, 4, "0"),
        ("signal 3 1 9", -9, 2, ""),
        ("torn 3 1 0", -9, 2, ""),
        ("error 3 1 28", 1, 2, ""),
        ("monotonic 2 1 3600", 0, 4, "3600"),
        ("real 2 1 3600", 0, 4, "0"),
    ],
)
def test_shim_disturbs_the_nth_change(
    tmp_path: Path, plan: str, code: int, files: int, out: str
) -> None:
    shim, folder = build_shim(tmp_path), tmp_path / "folder"
    folder.mkdir()
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env={
            "LD_PRELOAD": str(shim),
            "CHAOS": f"{plan} {folder}",
            "CHAOS_COUNT": str(tmp_path / "n"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert len(list(folder.iterdir())) == files
    assert ended.stdout.strip() == out
    assert (tmp_path / "n.hit").exists() is (plan != "count 1 0 0")
    if code == 0:
        assert (tmp_path / "n").read_text() == "4\n"


def test_every_fault_has_what_its_way_needs() -> None:
    assert all(bool(fault.plan) == (fault.way is Way.CHANGE) for fault in FAULTS.values())
