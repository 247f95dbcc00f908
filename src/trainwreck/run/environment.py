"""Makes the environment of a study: a venv under the user's cache, made once."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.model import content_id

COMPLETE = "complete"
"""A file that is written last: an environment without it is never used."""


def make_environment(
    name: str, requirements: Path, python: str, cache: Path, say: Callable[[str], None]
) -> str:
    """The interpreter of the environment for a requirements file. Raises UsageError.

    A half-made environment of an earlier, interrupted call is made anew; pip's own cache
    keeps what was downloaded.
    """
    interpreter = python or sys.executable
    folder = environment_folder(name, requirements, interpreter, cache)
    executable = folder / "bin" / "python"
    if is_complete(folder):
        return str(executable)
    shutil.rmtree(folder, ignore_errors=True)
    say(f"making the environment of {name} in {folder} (once; some minutes)")
    _call([interpreter, "-m", "venv", str(folder)], f"no environment could be made in {folder}")
    pip = [str(executable), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    say(f"installing {', '.join(required_packages(requirements))} from the package index")
    _call([*pip, "-r", str(requirements)], f"the requirements in {requirements} were not installed")
    (folder / COMPLETE).touch()
    return str(executable)


def environment_folder(name: str, requirements: Path, interpreter: str, cache: Path) -> Path:
    """Where the environment lies; other requirements or another interpreter make another one."""
    key = content_id(requirements.read_text(encoding="utf-8"), interpreter)
    return cache / "environments" / f"{name}-{key}"


def is_complete(folder: Path) -> bool:
    """Whether an environment was made to the end."""
    return (folder / COMPLETE).exists() and (folder / "bin" / "python").exists()


def required_packages(requirements: Path) -> list[str]:
    """The lines of a requirements file without comments."""
    lines = (line.partition("#")[0].strip() for line in requirements.read_text().splitlines())
    return [line for line in lines if line]


def _call(command: list[str], problem: str) -> None:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UsageError(f"{problem}: {error}") from None
    if ended.returncode:
        last = "\n".join((ended.stderr or ended.stdout).strip().splitlines()[-3:])
        raise UsageError(
            f"{problem}:\n{last}",
            "check the network; the same command again goes on where this one stopped",
        )
