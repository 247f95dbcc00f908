"""The bundled studies that are measured, ready to run."""

import sys
from pathlib import Path

from trainwreck.campaign.session import Session, open_session
from trainwreck.subject.environment import make_environment
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import cache_folder, study_folder

STUDY = "keras"
QUICK = "quick"


def study_python() -> str:
    """The interpreter of the Keras study's own environment, which is made if it is not there."""
    requirements = study_folder(STUDY) / (study_settings().requirements or "requirements.txt")
    return make_environment(STUDY, requirements, "", cache_folder(), say)


def study_settings(python: str = "", name: str = STUDY, profile: str = QUICK) -> Settings:
    """A study's settings; those outside of any profile are the quick ones."""
    file = study_folder(name) / FILE_NAME
    return load_settings(file, None if profile == QUICK else profile, python)


def open_study(python: str, campaign: Path, name: str = STUDY, profile: str = QUICK) -> Session:
    """A study, its environment made and its data fetched if need be."""
    return open_session(study_settings(python, name, profile), campaign, cache_folder(), None, say)


def say(text: str) -> None:
    """Progress, out of the way of the results."""
    print(text, file=sys.stderr, flush=True)
