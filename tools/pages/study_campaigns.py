"""Campaigns of the bundled studies, which pages report on side by side."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from machine import machine
from trainwreck import Campaign, __version__
from trainwreck.cli.progress import LiveProgress
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import studies

JOBS = 2
METRIC = "accuracy"
QUICK = "quick"
"""The name of the settings outside of any profile."""


def study_settings(study: str, profile: str, *, clean: int, same_seed: int) -> Settings:
    """Return a study's settings, with ``clean`` seeds and ``same_seed`` clean runs of the first."""
    settings = load_settings(studies()[study] / FILE_NAME, None if profile == QUICK else profile)
    trials = replace(settings.trials, clean=clean, repeats=same_seed - 1, seeds=1)
    return replace(settings, trials=trials)


@contextmanager
def at_work(settings: Settings, folder: Path) -> Iterator[Campaign]:
    """Lock a campaign for all steps within, and show its progress."""
    progress = LiveProgress(tuple(metric.name for metric in settings.subject.metrics))
    try:
        with Campaign.create(settings, folder, jobs=JOBS, progress=progress) as campaign:
            yield campaign
    finally:
        progress.close()


def opened(folders: Mapping[str, Path]) -> dict[str, Campaign]:
    """Return the campaigns that were begun, by the same names as their folders."""
    return {name: Campaign.open(path) for name, path in folders.items() if path.is_dir()}


def machine_of_campaigns() -> str:
    """Return the machine, and what ran the campaigns on it."""
    return f"{machine()}; trainwreck {__version__}, {JOBS} trials at a time"
