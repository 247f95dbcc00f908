"""What the commands share: where the settings, the campaign and the cache are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from trainwreck.campaign import (
    Desk,
    check_own,
    has_environment,
    obstacles,
    open_desk,
    requirements_of,
)
from trainwreck.cli.progress import LiveProgress
from trainwreck.cli.rules import report_removed
from trainwreck.config import FILE_NAME, Settings, load_settings
from trainwreck.errors import UsageError
from trainwreck.run import required_packages
from trainwreck.store import CampaignFile, campaign_lock

CAMPAIGN = ".trainwreck"
BUNDLED = Path(__file__).resolve().parent.parent / "studies"
CHECKOUT = Path(__file__).resolve().parents[3] / "studies"


@dataclass(frozen=True, slots=True)
class Options:
    """The options before the command."""

    campaign: Path | None
    profile: str | None
    python: str | None
    data: Path | None
    json: bool

    def settings(self, folder: Path | None = None) -> Settings:
        """The settings of a folder, by default of this one."""
        return load_settings((folder or Path.cwd()) / FILE_NAME, self.profile, self.python)

    def campaign_folder(self, folder: Path | None = None) -> Path:
        """``.trainwreck`` beside the settings, with the profile's name if one is given.

        For a study that was installed with the tool it lies in the working folder: what is
        installed stays as it is.
        """
        if self.campaign:
            return self.campaign
        name = f"{CAMPAIGN}-{self.profile}" if self.profile else CAMPAIGN
        if folder and folder.is_relative_to(BUNDLED):
            return Path.cwd() / f"{name}-{folder.name}"
        return (folder or Path.cwd()) / name


def cache_folder() -> Path:
    """Where environments, data and listings are kept for all campaigns of this user."""
    return Path(os.environ.get("TRAINWRECK_CACHE") or platformdirs.user_cache_dir("trainwreck"))


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
        raise UsageError(f"there is no study `{name}`", f"studies: {', '.join(known) or 'none'}")
    return known[name]


@contextmanager
def at_work(
    options: Options, folder: Path | None = None
) -> Iterator[tuple[Desk, CampaignFile, LiveProgress]]:
    """A locked campaign, ready to run."""
    settings = options.settings(folder)
    campaign = options.campaign_folder(folder)
    progress = LiveProgress(tuple(metric.name for metric in settings.subject.metrics))
    report_removed(settings.trials.removed_rules, progress.say)
    try:
        with campaign_lock(campaign), CampaignFile.open(campaign, create=True) as file:
            check_own(file)
            yield (
                open_desk(settings, campaign, cache_folder(), options.data, progress.say),
                file,
                progress,
            )
    finally:
        progress.close()


@contextmanager
def looking(options: Options) -> Iterator[CampaignFile]:
    """A campaign to read from, whoever is writing to it."""
    with CampaignFile.open(options.campaign_folder()) as file:
        yield file
