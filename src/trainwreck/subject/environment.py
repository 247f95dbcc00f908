"""Makes the environment of a study: one venv under the user's cache for all its campaigns."""

import fcntl
import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model import content_id
from trainwreck.subject.pythons import find_python

FOLDER = "environments"
"""The folder of all environments within the cache."""
ENVIRONMENT_NAME = re.compile(r"-[0-9a-f]{16}$")
COMPLETE = "complete"
"""A file that is written last: an environment without it is never used."""

PIP_FOR_TODAYS_WHEELS = 20
"""The oldest major version of pip that reads the wheels of today (manylinux2014)."""
PIP_FOR_OLD_PYTHONS = "pip>=20,<22"
VARIABLES_OF_PYTHON = ("PYTHONPATH", "PYTHONHOME")
"""Variables of our own Python, which would give the environment our packages."""


def make_environment(
    name: str, requirements: Path, python: str, cache: Path, say: Callable[[str], None]
) -> str:
    """Return the interpreter of the environment for a requirements file; make it where needed.

    An incomplete environment of an interrupted call is made again; pip's own cache keeps what was
    downloaded.

    Args:
        name: A name for people; the environment's folder begins with it.
        requirements: The requirements file.
        python: The name or path of the interpreter to make it from.
        cache: The folder of the user's cache.
        say: Called with a message about each step.

    Raises:
        UsageError: There is no such interpreter, or a step failed.

    """
    interpreter = find_python(python)
    folder = environment_folder(name, requirements, interpreter, cache)
    executable = folder / "bin" / "python"
    if is_complete(folder):
        return str(executable)
    with _locked(folder, say):
        if not is_complete(folder):
            _make(name, requirements, interpreter, folder, say)
    return str(executable)


def environment_folder(name: str, requirements: Path, interpreter: str, cache: Path) -> Path:
    """Return the environment's folder, one for each pair of requirements and interpreter.

    Args:
        name: A name for people, with which the folder's name begins.
        requirements: The file with the packages; its text is part of the key.
        interpreter: The path of the interpreter that makes the environment; part of the key.
        cache: The user's cache, in which the folder lies.

    """
    key = content_id(requirements.read_text(encoding="utf-8"), interpreter)
    return cache / FOLDER / f"{name}-{key}"


def is_complete(folder: Path) -> bool:
    """Return whether an environment was completed and its interpreter still exists."""
    return (folder / COMPLETE).exists() and (folder / "bin" / "python").exists()


def required_packages(requirements: Path) -> list[str]:
    """Return the lines of a requirements file without comments."""
    lines = (line.partition("#")[0].strip() for line in requirements.read_text().splitlines())
    return [line for line in lines if line]


def missing_programs(programs: Sequence[str]) -> list[str]:
    """Return those of the programs that are not on the path, in their order."""
    return [program for program in programs if shutil.which(program) is None]


def _make(
    name: str, requirements: Path, interpreter: str, folder: Path, say: Callable[[str], None]
) -> None:
    """Make the environment and install the requirements. Raises UsageError."""
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
def environment_in_use(executable: str, cache: Path) -> Iterator[None]:
    """Keep the environment of an interpreter from being removed while runs use it.

    Any other interpreter is used as it is. Raises UsageError where it has just been removed.
    """
    folder = Path(executable).parents[1]
    lock = _lock_of(folder)
    is_ours = folder.parent.resolve() == (cache / FOLDER).resolve() and lock.exists()
    if not is_ours:
        yield
        return
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        if not is_complete(folder):
            raise UsageError(
                f"the environment {folder} has just been removed",
                "Run the same command again; it makes the environment again.",
            )
        yield


def environments(cache: Path) -> Iterator[Path]:
    """Yield the folders of the environments that `make_environment` made, complete or not."""
    with suppress(OSError):
        for folder in sorted((cache / FOLDER).iterdir()):
            is_named = ENVIRONMENT_NAME.search(folder.name) is not None
            if is_named and _is_own_folder(folder) and _lock_of(folder).is_file():
                yield folder


@contextmanager
def removable_environment(folder: Path) -> Iterator[bool]:
    """Hold the lock of an environment; yield false where another process has it."""
    try:
        with _lock_of(folder).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
    except BlockingIOError:
        yield False


def _is_own_folder(path: Path) -> bool:
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


@contextmanager
def _locked(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock, so that two campaigns do not make one environment at the same time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock_of(folder).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another trainwreck that makes {folder}")
            with INTERRUPTS.interruptible():
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_old(version: str) -> bool:
    """Return whether the answer ``pip 18.1 from …`` is of a pip that cannot read today's wheels."""
    match = re.match(r"pip (\d+)", version)
    return match is not None and int(match[1]) < PIP_FOR_TODAYS_WHEELS


def _call(command: list[str], problem: str) -> str:
    """Run a command and return its output. Raises UsageError, with ``problem``, where it fails."""
    environment = {k: v for k, v in os.environ.items() if k not in VARIABLES_OF_PYTHON}
    try:
        with INTERRUPTS.interruptible():
            finished = subprocess.run(
                command, capture_output=True, text=True, check=False, env=environment
            )
    except OSError as error:
        raise UsageError(f"{problem}: {error}") from None
    if finished.returncode:
        last_lines = "\n".join((finished.stderr or finished.stdout).strip().splitlines()[-3:])
        raise UsageError(
            f"{problem}:\n{last_lines}",
            "Check the network, and repeat the command; it goes on where this one stopped.",
        )
    return finished.stdout
