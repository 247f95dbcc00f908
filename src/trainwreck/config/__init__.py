"""``trainwreck.toml`` to settings."""

from trainwreck.config.reading import FILE_NAME, load_settings
from trainwreck.config.settings import (
    DataSource,
    MutantSettings,
    Settings,
    TrialSettings,
    VerdictSettings,
)

__all__ = [
    "FILE_NAME",
    "DataSource",
    "MutantSettings",
    "Settings",
    "TrialSettings",
    "VerdictSettings",
    "load_settings",
]
