"""The bundled studies, and what each needs on this machine."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from trainwreck.errors import UsageError
from trainwreck.subject.environment import required_packages
from trainwreck.subject.preparation import has_environment, obstacles, requirements_of
from trainwreck.subject.settings_file import FILE_NAME, load_settings

BUNDLED = Path(__file__).resolve().parent.parent / "studies"


CHECKOUT = Path(__file__).resolve().parents[3] / "studies"


def cache_folder() -> Path:
    """Where environments, data and listings are kept for all campaigns of this user."""
    return Path(os.environ.get("TRAINWRECK_CACHE") or platformdirs.user_cache_dir("trainwreck"))


def is_bundled(folder: Path) -> bool:
    """Return whether a folder belongs to the installation, and must stay as it is."""
    return folder.is_relative_to(BUNDLED)


def studies() -> dict[str, Path]:
    """The bundled studies by name."""
    folder = BUNDLED if BUNDLED.is_dir() else CHECKOUT
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{FILE_NAME}"))}


@dataclass(frozen=True, slots=True)
class StudyState:
    """What a study is, what it needs, and what keeps it from running here (nothing: it can)."""

    name: str
    targets: tuple[str, ...]
    python: str
    packages: tuple[str, ...]
    programs: tuple[str, ...]
    made: bool
    obstacles: tuple[str, ...]
    note: str


def study_states(python: str | None) -> list[StudyState]:
    """Every bundled study."""
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
        made=requirements is None or has_environment(settings, cache_folder()),
        obstacles=tuple(obstacles(settings)),
        note=settings.note,
    )


def study_folder(name: str) -> Path:
    """The folder of a bundled study. Raises UsageError."""
    known = studies()
    if name not in known:
        raise UsageError(
            f"there is no study `{name}`", f"Choose one of {', '.join(known) or 'none'}."
        )
    return known[name]
