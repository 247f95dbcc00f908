"""Finds the bundled studies, and checks what each needs on this machine."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from trainwreck.errors import UsageError
from trainwreck.subject.environment import required_packages
from trainwreck.subject.preparation import has_environment, obstacles, requirements_of
from trainwreck.subject.settings_file import FILE_NAME, load_settings

BUNDLED = Path(__file__).resolve().parent.parent / "studies"
"""The folder of the studies in an installed package."""
CHECKOUT = Path(__file__).resolve().parents[3] / "studies"
"""The folder of the studies in a checkout."""


def cache_folder() -> Path:
    """Return the folder of environments, data and listings for all campaigns of this user."""
    return Path(os.environ.get("TRAINWRECK_CACHE") or platformdirs.user_cache_dir("trainwreck"))


def is_bundled(folder: Path) -> bool:
    """Return whether a folder belongs to the installation, which must not be written to."""
    return folder.is_relative_to(BUNDLED)


def studies() -> dict[str, Path]:
    """Return the folders of the bundled studies by name."""
    folder = BUNDLED if BUNDLED.is_dir() else CHECKOUT
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{FILE_NAME}"))}


@dataclass(frozen=True, slots=True)
class StudyState:
    """A bundled study with its needs, and the obstacles to running it on this machine.

    ``packages`` go into its environment; ``has_environment`` is true where that exists, or none is
    needed. ``programs`` must be on the path. Without ``obstacles``, which are sentences, the study
    can run. ``note`` is shown before the environment is made.
    """

    name: str
    targets: tuple[str, ...]
    python: str
    packages: tuple[str, ...]
    programs: tuple[str, ...]
    has_environment: bool
    obstacles: tuple[str, ...]
    note: str


def study_states(python: str | None) -> list[StudyState]:
    """Return the state of every bundled study; ``python`` replaces the interpreter of each."""
    return [_study_state(name, folder, python) for name, folder in studies().items()]


def _study_state(name: str, folder: Path, python: str | None) -> StudyState:
    settings = load_settings(folder / FILE_NAME, python=python)
    requirements = requirements_of(settings)
    return StudyState(
        name=name,
        targets=settings.subject.targets,
        python=settings.subject.python,
        packages=tuple(required_packages(requirements)) if requirements else (),
        programs=settings.programs,
        has_environment=requirements is None or has_environment(settings, cache_folder()),
        obstacles=tuple(obstacles(settings)),
        note=settings.note,
    )


def study_folder(name: str) -> Path:
    """Return the folder of a bundled study. Raises UsageError where there is none."""
    folders = studies()
    if name not in folders:
        names = ", ".join(folders) or "none"
        raise UsageError(f"there is no study `{name}`", f"Choose one of {names}.")
    return folders[name]
