"""The bundled studies that are measured, ready to run."""

import sys
from pathlib import Path

from trainwreck import Campaign
from trainwreck.campaign.progress import NoProgress
from trainwreck.subject.environment import make_environment
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import cache_folder, study_folder

STUDY = "keras"
QUICK = "quick"


def study_python() -> str:
    """Return the interpreter of the Keras study's environment; make it if it is not there."""
    requirements = study_folder(STUDY) / (study_settings().requirements or "requirements.txt")
    return make_environment(STUDY, requirements, "", cache_folder(), say)


def study_settings(python: str = "", name: str = STUDY, profile: str = QUICK) -> Settings:
    """Return a study's settings; those outside of any profile are the quick ones."""
    file = study_folder(name) / FILE_NAME
    return load_settings(file, None if profile == QUICK else profile, python)


class Said(NoProgress):
    """Progress that shows nothing but what is worth a line."""

    def say(self, text: str) -> None:
        """Print a line, out of the way of the results."""
        say(text)


def study_campaign(
    python: str, folder: Path, name: str = STUDY, profile: str = QUICK, jobs: int = 1
) -> Campaign:
    """Return a campaign of a study; entering it makes environment and data where need be."""
    settings = study_settings(python, name, profile)
    return Campaign.create(settings, folder, jobs=jobs, progress=Said())


def say(text: str) -> None:
    """Print progress, out of the way of the results."""
    print(text, file=sys.stderr, flush=True)
