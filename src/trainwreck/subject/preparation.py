"""The interpreter that a subject runs on, found or made."""

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
    """The path of the subject's interpreter; its environment is made if the settings ask for it.

    Raises UsageError, which says what is missing and how to get it.
    """
    _check_programs(settings)
    python = _written(settings)
    requirements = requirements_of(settings)
    if requirements is None or is_environment(python):
        return find_python(python) if python else ""
    if not requirements.is_file():
        raise UsageError(f"{settings.file}: there is no {settings.requirements}")
    base = find_python(python)
    check_version(base)
    if settings.note and not is_complete(_folder(settings, base, cache)):
        say(settings.note)
    return make_environment(settings.subject.name, requirements, base, cache, say)


def obstacles(settings: Settings) -> list[str]:
    """Why the subject cannot run on this machine, each with what to do about it."""
    found = []
    for check in (_check_programs, _check_interpreter):
        try:
            check(settings)
        except UsageError as error:
            found.append(f"{error.what}. {error.hint}" if error.hint else error.what)
    return found


def has_environment(settings: Settings, cache: Path) -> bool:
    """Whether the environment is there already, so that nothing needs to be fetched."""
    try:
        return is_complete(_folder(settings, find_python(_written(settings)), cache))
    except UsageError:
        return False


def requirements_of(settings: Settings) -> Path | None:
    """The requirements file, where the settings name one."""
    return settings.folder / settings.requirements if settings.requirements else None


def _folder(settings: Settings, base: str, cache: Path) -> Path:
    requirements = requirements_of(settings)
    assert requirements is not None
    return environment_folder(settings.subject.name, requirements, base, cache)


def _written(settings: Settings) -> str:
    """The interpreter as it is written; a relative path is relative to the settings."""
    python = settings.subject.python
    return str(settings.file.parent / python) if os.sep in python else python


def _check_interpreter(settings: Settings) -> None:
    check_version(find_python(_written(settings)))


def _check_programs(settings: Settings) -> None:
    missing = missing_programs(settings.programs)
    if missing:
        raise UsageError(
            f"{settings.subject.name} needs {' and '.join(missing)}, not found on the path",
            f"Run `sudo apt install {' '.join(missing)}`, or on Fedora install gcc-c++ for g++.",
        )
