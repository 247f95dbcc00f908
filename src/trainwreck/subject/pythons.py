"""Finds the interpreter that an environment is made from."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from trainwreck.errors import UsageError

OLDEST = (3, 6)
NAMED = re.compile(r"python(\d+\.\d+)")
ANSWER_SECONDS = 30


def find_python(name: str) -> str:
    """The path of an interpreter named like ``python3.7`` or given by its path; "" is this one.

    Looked for on the path, then among those of pyenv and of uv. Raises UsageError, which says
    how to get it.
    """
    if not name:
        return _base_of_this()
    if os.sep in name:
        return name
    named = NAMED.fullmatch(name)
    for candidate in _candidates(name, named[1] if named else ""):
        answered = version_of(candidate)
        if answered and (named is None or answered == named[1]):
            return candidate
    if named:
        _check_age(name, named[1])
    if named is None:
        raise UsageError(
            f"there is no interpreter `{name}` on the path",
            "Give the path of one with `--python PATH`.",
        )
    raise UsageError(
        f"there is no {name} on the path, under pyenv or under uv",
        f"Run `pyenv install {named[1]}` or `uv python install {named[1]}`, or give the path "
        "of one with `--python PATH`.",
    )


def is_environment(python: str) -> bool:
    """Whether an interpreter belongs to an environment (venv or conda) that somebody has made."""
    folder = Path(python).parent.parent
    return os.sep in python and (
        (folder / "pyvenv.cfg").is_file() or (folder / "conda-meta").is_dir()
    )


def check_version(python: str) -> None:
    """Raise UsageError where an interpreter does not run or is too old for the agent."""
    version = version_of(python)
    if not version:
        raise UsageError(
            f"the interpreter `{python}` cannot be run",
            "Give the path of a Python of version 3.6 or newer with `--python PATH`.",
        )
    _check_age(python, version)


def _check_age(python: str, version: str) -> None:
    if tuple(map(int, version.split("."))) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UsageError(
            f"`{python}` is Python {version}, and the oldest that can be used is {oldest}"
        )


def version_of(python: str) -> str:
    """Major and minor version as the interpreter tells it, or an empty text."""
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answered = subprocess.run(
            [python, "-c", question],
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answered.stdout.strip() if answered.returncode == 0 else ""


def _base_of_this() -> str:
    """Our interpreter outside the environment it may be in: the same for every checkout."""
    base: str | None = getattr(sys, "_base_executable", None)
    return os.path.realpath(base or sys.executable)


def _candidates(name: str, version: str) -> Iterator[str]:
    on_path = shutil.which(name)
    if on_path:
        yield on_path
    if not version:
        return
    for folder, pattern in (
        (_pyenv_folder() / "versions", f"{version}.*"),
        (_uv_folder(), f"cpython-{version}.*"),
    ):
        found = (path / "bin" / name for path in folder.glob(pattern))
        yield from map(str, sorted(found, key=_numbers, reverse=True))


def _numbers(path: Path) -> list[int]:
    """The numbers in a path, so that 3.6.15 is newer than 3.6.9."""
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def _pyenv_folder() -> Path:
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
