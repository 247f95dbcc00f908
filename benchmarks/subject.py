"""The bundled study that is measured, ready to run."""

import sys
from pathlib import Path

from trainwreck.campaign import Desk, open_desk
from trainwreck.cli.context import cache_folder, study_folder
from trainwreck.config import FILE_NAME, Settings, load_settings
from trainwreck.run import make_environment

STUDY = "keras"


def study_python() -> str:
    """The interpreter of the study's own environment, which is made if it is not there."""
    requirements = study_folder(STUDY) / (_settings("").requirements or "requirements.txt")
    return make_environment(STUDY, requirements, "", cache_folder(), say)


def open_study(python: str, campaign: Path) -> Desk:
    """The study with its quick settings, its data fetched if need be."""
    return open_desk(_settings(python), campaign, cache_folder(), None, say)


def say(text: str) -> None:
    """Progress, out of the way of the results."""
    print(text, file=sys.stderr, flush=True)


def _settings(python: str) -> Settings:
    return load_settings(study_folder(STUDY) / FILE_NAME, None, python)
