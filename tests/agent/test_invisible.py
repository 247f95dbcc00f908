"""Small programs run alike with and without the agent: output, exit status and written files.

Each file of ``programs`` is one program. What cannot be alike is listed in docs/decisions.md.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_agent import PYTHONS, VERSIONS
from test_guest import LAUNCHER, entry, python, write_order

from guest import AGENT

__all__ = ["python"]

OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
PROGRAMS = Path(__file__).parent / "programs"
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.py"))
AS_MODULE = ("run_as_module",)
WITH_INPUT = ("stdin_lines",)
NOT_COMPILED = ("syntax_error", "future_import")
ACCIDENTAL = re.compile(rb"0x[0-9a-f]+|repeated \d+ more")
"""Addresses, and the depth of recursion, which the agent's own frames take from."""


@dataclass(frozen=True)
class Result:
    """Everything that a program leaves behind."""

    status: int
    output: bytes
    errors: bytes
    files: dict[str, bytes]


def prepare(folder: Path, name: str) -> None:
    """Create a folder with the program and with the modules that it imports."""
    shutil.copytree(PROGRAMS / "beside", folder)
    own = PROGRAMS / f"beside_{name}"
    if own.exists():
        shutil.copytree(own, folder, dirs_exist_ok=True)
    shutil.copy(PROGRAMS / f"{name}.py", folder / "prog.py")


def result(python: str, folder: Path, name: str, order: "Path | None" = None) -> Result:
    """Run a program once, in a folder that has the same path each time."""
    prepare(folder, name)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    environment |= {
        "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"
    }  # fmt: skip
    launcher = []
    if order:
        environment |= {"TRAINWRECK_ORDER": str(order), "PYTHONPATH": str(AGENT)}
        launcher = [str(LAUNCHER)]
    arguments = ["-m", "prog", "a"] if name in AS_MODULE else ["prog.py"]
    ended = subprocess.run(
        [python, *launcher, *arguments],
        cwd=folder,
        env=environment,
        input=b"one\ntwo\nthree" if name in WITH_INPUT else b"",
        capture_output=True,
        timeout=120,
        check=False,
    )
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    shutil.rmtree(folder)
    prefix = f"{folder}{os.sep}".encode()
    texts = (ACCIDENTAL.sub(b"#", t.replace(prefix, b"")) for t in (ended.stdout, ended.stderr))
    return Result(ended.returncode, *texts, files)


def difference(python: str, folder: Path, name: str, is_planted: bool) -> str:
    """Return how a program differs with the agent, which plants a file that is no other."""
    folder.mkdir()
    without = result(python, folder / "run", name)
    code = shutil.copy(PROGRAMS / f"{name}.py", folder / "code.py")
    prepare(folder / "run", name)
    program = (folder / "run" / "prog.py").resolve()
    planted = entry(program, code=str(code), mutated=True)
    shutil.rmtree(folder / "run")
    metrics = [["loss", r"loss: (\S+)"]]
    files = [planted] if is_planted and name not in NOT_COMPILED else []
    order = write_order(folder, files=files, digest=True, metrics=metrics)
    with_agent = result(python, folder / "run", name, order)
    if with_agent == without:
        return ""
    return f"{name}, planted: {is_planted}\nwithout: {without}\nwith:    {with_agent}"


def differences(python: str, folder: Path, names: list[str], is_planted: bool) -> list[str]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(difference, python, folder / n, n, is_planted) for n in names]
        return [text for text in (task.result() for task in tasks) if text]


def test_there_are_enough_programs() -> None:
    assert len(NAMES) >= 70


def test_programs_run_alike_with_an_agent_that_plants_a_file(python: str, tmp_path: Path) -> None:
    """The oldest, the newest and this Python run all programs, each other one a third of them."""
    version = next(version for version, path in PYTHONS.items() if path == python)
    whole = (*sorted(PYTHONS, key=VERSIONS.index)[:: len(PYTHONS) - 1], OWN)
    names = NAMES if version in whole else NAMES[VERSIONS.index(version) % 3 :: 3]
    assert differences(python, tmp_path, names, is_planted=True) == []


def test_programs_run_alike_with_an_agent_that_plants_nothing(tmp_path: Path) -> None:
    assert differences(PYTHONS[OWN], tmp_path, NAMES, is_planted=False) == []


@pytest.mark.parametrize("name", ["random", "token", "queue"])
def test_a_module_on_the_path_does_not_become_the_agents(
    python: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / f"{name}.py").write_text("mine = 1\n")
    order = write_order(tmp_path)
    ended = subprocess.run(
        [python, "-c", f"import {name}; print({name}.mine)"],
        env={
            **os.environ,
            "TRAINWRECK_ORDER": str(order),
            "PYTHONPATH": os.pathsep.join([str(AGENT), str(tmp_path / "path")]),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "1\n", "")
