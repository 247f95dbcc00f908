"""Finds the interpreter that an environment is made from."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.interrupts import INTERRUPTS

OLDEST = (3, 6)
NEWEST_TESTED = (3, 13)
"""The newest Python whose bytecode, tracebacks and hooks the agent's tests cover."""

VERSION = re.compile(r"\d+\.\d+")
NAME_WITH_VERSION = re.compile(r"python(\d+\.\d+)")
ANSWER_SECONDS = 30


def find_python(name: str) -> str:
    """Return the path of an interpreter, given by a name like ``python3.7`` or by its path.

    A name is searched on the path, then among the interpreters of pyenv and of uv. An empty name
    is the interpreter that runs trainwreck. Raises UsageError where there is none.
    """
    if not name:
        return _base_of_this()
    if os.sep in name:
        return name
    named = NAME_WITH_VERSION.fullmatch(name)
    for candidate in _candidates(name, named[1] if named else ""):
        version = version_of(candidate)
        if version and (named is None or version == named[1]):
            return candidate
    if named:
        check_range(name, numbers_of(named[1]), untested=True)
    if named is None:
        raise UsageError(
            f"there is no interpreter `{name}` on the path",
            f"Give the path of a Python from {supported()}: --python PATH.",
        )
    raise UsageError(
        f"there is no {name} on the path, under pyenv or under uv",
        f"Install it with `pyenv install {named[1]}` or `uv python install {named[1]}`, "
        "or give the path of one: --python PATH.",
    )


def is_environment(python: str) -> bool:
    """Return whether an interpreter is given by the path of a venv or a conda environment."""
    folder = Path(python).parent.parent
    return os.sep in python and (
        (folder / "pyvenv.cfg").is_file() or (folder / "conda-meta").is_dir()
    )


def check_version(python: str, untested: bool = False) -> None:
    """Raise UsageError where an interpreter does not run, or where the agent cannot run on it.

    Args:
        python: the path of the interpreter.
        untested: whether the settings allow a Python that is newer than the tested ones.

    """
    version = version_of(python)
    if not numbers_of(version):
        raise UsageError(
            f"`{python}` is no Python that can be run",
            f"Give the path of a Python from {supported()}: --python PATH.",
        )
    check_range(python, numbers_of(version), untested)


def check_range(python: str, version: tuple[int, ...], untested: bool = False) -> None:
    """Check that the agent supports a version of Python.

    Args:
        python: The interpreter, for messages.
        version: Its numbers, as (3, 11).
        untested: Whether a version newer than the agent's tests is allowed.

    Raises:
        UsageError: The version is older than the agent, or newer than its tests.

    """
    number = ".".join(map(str, version))
    if version < OLDEST:
        raise UsageError(
            f"`{python}` is Python {number}, and the agent needs syntax of Python 3.6",
            f"Set `python` under [subject] to a Python from {supported()}.",
        )
    if version > NEWEST_TESTED and not untested:
        raise UsageError(
            f"`{python}` is Python {number}, on which the agent is untested: it could change a run",
            f"Set `python` under [subject] to a Python from {supported()}, or allow this one "
            "there with `untested_python = true`.",
        )


def supported() -> str:
    """Return the range of Pythons that the agent is tested on: "3.6 to 3.13"."""
    return " to ".join(".".join(map(str, version)) for version in (OLDEST, NEWEST_TESTED))


def numbers_of(version: str) -> tuple[int, ...]:
    """Return the numbers of a version like "3.13"; of any other text, none."""
    return tuple(map(int, version.split("."))) if VERSION.fullmatch(version) else ()


def version_of(python: str) -> str:
    """Return major and minor version as ``3.7``; empty where the interpreter does not answer."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        with INTERRUPTS.interruptible():
            finished = subprocess.run(
                [python, "-c", code],
                capture_output=True,
                text=True,
                timeout=ANSWER_SECONDS,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return finished.stdout.strip() if finished.returncode == 0 else ""


def _base_of_this() -> str:
    """Return our interpreter outside any venv, so that all checkouts share environments.

    ``sys._base_executable`` is undocumented; where it is missing, our own interpreter serves.
    """
    base: str | None = getattr(sys, "_base_executable", None)
    return os.path.realpath(base or sys.executable)


def _candidates(name: str, version: str) -> Iterator[str]:
    """Yield paths where an interpreter may be, the best first; an empty version is any."""
    on_path = shutil.which(name)
    if on_path:
        yield on_path
    if not version:
        return
    for folder, pattern in (
        (_pyenv_folder() / "versions", f"{version}.*"),
        (_uv_folder(), f"cpython-{version}.*"),
    ):
        executables = (path / "bin" / name for path in folder.glob(pattern))
        yield from map(str, sorted(executables, key=_numbers, reverse=True))


def _numbers(path: Path) -> list[int]:
    """Return the numbers in a path, by which 3.6.15 sorts after 3.6.9."""
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def _pyenv_folder() -> Path:
    """Return the folder of pyenv: by its variable, its command, its default, or our own Python."""
    root = os.environ.get("PYENV_ROOT")
    if root:
        return Path(root)
    command = shutil.which("pyenv")
    at_command = Path(command).resolve().parents[1] if command else None
    if at_command and (at_command / "versions").is_dir():
        return at_command
    at_home, around_this = Path.home() / ".pyenv", Path(_base_of_this()).parents[2]
    if around_this.name == "versions" and not at_home.is_dir():
        return around_this.parent
    return at_home


def _uv_folder() -> Path:
    folder = os.environ.get("UV_PYTHON_INSTALL_DIR")
    return Path(folder) if folder else Path.home() / ".local" / "share" / "uv" / "python"
