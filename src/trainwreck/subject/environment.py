"""Makes the environment of a study: a venv under the user's cache, made once."""

import fcntl
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.model import content_id
from trainwreck.subject.pythons import find_python

COMPLETE = "complete"
"""A file that is written last: an environment without it is never used."""

PIP_FOR_TODAYS_WHEELS = 20
PIP_FOR_OLD_PYTHONS = "pip>=20,<22"
VARIABLES_OF_PYTHON = ("PYTHONPATH", "PYTHONHOME")


def make_environment(
    name: str, requirements: Path, python: str, cache: Path, say: Callable[[str], None]
) -> str:
    """The interpreter of the environment for a requirements file. Raises UsageError.

    ``python`` is what it is made from. A half-made environment of an earlier, interrupted call is
    made anew; pip's own cache keeps what was downloaded.
    """
    interpreter = find_python(python)
    folder = environment_folder(name, requirements, interpreter, cache)
    executable = folder / "bin" / "python"
    if is_complete(folder):
        return str(executable)
    with _only_maker(folder, say):
        if not is_complete(folder):
            _make(name, requirements, interpreter, folder, say)
    return str(executable)


def environment_folder(name: str, requirements: Path, interpreter: str, cache: Path) -> Path:
    """Where the environment lies; other requirements or another interpreter make another one."""
    key = content_id(requirements.read_text(encoding="utf-8"), interpreter)
    return cache / "environments" / f"{name}-{key}"


def is_complete(folder: Path) -> bool:
    """Whether an environment was made to the end, and its interpreter is still there."""
    return (folder / COMPLETE).exists() and (folder / "bin" / "python").exists()


def required_packages(requirements: Path) -> list[str]:
    """The lines of a requirements file without comments."""
    lines = (line.partition("#")[0].strip() for line in requirements.read_text().splitlines())
    return [line for line in lines if line]


def missing_programs(programs: Sequence[str]) -> list[str]:
    """Those of the programs that are not on the path."""
    return [program for program in programs if shutil.which(program) is None]


def _make(
    name: str, requirements: Path, interpreter: str, folder: Path, say: Callable[[str], None]
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    say(f"making the environment of {name} with {interpreter} in {folder} (once; some minutes)")
    began = time.monotonic()
    _call([interpreter, "-m", "venv", str(folder)], f"no environment could be made in {folder}")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    say(f"installing {', '.join(required_packages(requirements))} from the package index")
    if _is_old(_call([*pip[:3], "--version"], "the new environment has no pip")):
        _call(
            [*pip, "--quiet", "--upgrade", PIP_FOR_OLD_PYTHONS],
            "pip could not be brought up to date",
        )
    problem = f"the requirements in {requirements} were not installed"
    _call([*pip, "--quiet", "--requirement", str(requirements)], problem)
    (folder / COMPLETE).touch()
    say(f"the environment of {name} was made in {time.monotonic() - began:.0f} s")


@contextmanager
def _only_maker(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Two campaigns that start at once make one environment, not two into each other."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another trainwreck that makes {folder}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_old(version: str) -> bool:
    """Whether ``pip 18.1 from …`` is older than the wheels of many packages (manylinux2014)."""
    found = re.match(r"pip (\d+)", version)
    return found is not None and int(found[1]) < PIP_FOR_TODAYS_WHEELS


def _call(command: list[str], problem: str) -> str:
    """What a command printed. Raises UsageError where it fails."""
    environment = {k: v for k, v in os.environ.items() if k not in VARIABLES_OF_PYTHON}
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment
        )
    except OSError as error:
        raise UsageError(f"{problem}: {error}") from None
    if ended.returncode:
        last = "\n".join((ended.stderr or ended.stdout).strip().splitlines()[-3:])
        raise UsageError(
            f"{problem}:\n{last}",
            "Check the network, and run the same command to resume.",
        )
    return ended.stdout
