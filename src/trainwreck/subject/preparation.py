"""Finds or makes the interpreter that a subject runs on."""

import os
from collections.abc import Callable
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.subject.environment import (
    environment_folder,
    is_complete,
    make_environment,
    missing_programs,
)
from trainwreck.subject.pythons import check_version, find_python, is_environment
from trainwreck.subject.settings import Settings

Say = Callable[[str], None]


def interpreter_of(settings: Settings, cache: Path, say: Say) -> str:
    """Return the path of the subject's interpreter; make its environment where settings ask for it.

    The path is empty where the settings name no interpreter.

    Args:
        settings: The settings of the subject.
        cache: The folder of the user's cache.
        say: Called with a message about each step.

    Raises:
        UsageError: A program or an interpreter is missing, or the environment cannot be made.

    """
    _check_programs(settings)
    python = _python_path(settings)
    requirements = requirements_of(settings)
    if requirements is None or is_environment(python):
        return find_python(python) if python else ""
    if not requirements.is_file():
        raise UsageError(
            f"{settings.file}: there is no file {settings.requirements}",
            "Correct `requirements`; it is relative to the folder of the subject.",
        )
    base = find_python(python)
    check_version(base, settings.untested_python)
    if settings.note and not is_complete(_environment_folder(settings, base, cache)):
        say(settings.note)
    return make_environment(_environment_name(requirements), requirements, base, cache, say)


def obstacles(settings: Settings) -> list[str]:
    """Return why the subject cannot run on this machine, each with its remedy; none if it can."""
    problems = []
    for check in (_check_programs, _check_interpreter):
        try:
            check(settings)
        except UsageError as error:
            problems.append(f"{error.what}. {error.hint}" if error.hint else error.what)
    return problems


def has_environment(settings: Settings, cache: Path) -> bool:
    """Return whether the environment exists already, so that nothing needs to be fetched."""
    try:
        base = find_python(_python_path(settings))
        return is_complete(_environment_folder(settings, base, cache))
    except UsageError:
        return False


def requirements_of(settings: Settings) -> Path | None:
    """Return the path of the requirements file, or None where the settings name none."""
    return settings.folder / settings.requirements if settings.requirements else None


def _environment_folder(settings: Settings, base: str, cache: Path) -> Path:
    requirements = requirements_of(settings)
    assert requirements is not None
    return environment_folder(_environment_name(requirements), requirements, base, cache)


def _environment_name(requirements: Path) -> str:
    """Return a name for people that all subjects with this requirements file share."""
    path = requirements.resolve()
    return path.parent.name if path.stem == "requirements" else path.stem


def _python_path(settings: Settings) -> str:
    """Return the interpreter of the settings; a path is relative to the settings file."""
    python = settings.subject.python
    return str(settings.file.parent / python) if os.sep in python else python


def _check_interpreter(settings: Settings) -> None:
    check_version(find_python(_python_path(settings)), settings.untested_python)


def _check_programs(settings: Settings) -> None:
    missing = missing_programs(settings.programs)
    if missing:
        raise UsageError(
            f"{settings.subject.name} needs {' and '.join(missing)}, not found on the path",
            f"Run `sudo apt install {' '.join(missing)}`, or on Fedora install gcc-c++ for g++.",
        )
