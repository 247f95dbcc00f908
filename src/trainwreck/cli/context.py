"""What the commands share: where the settings, the campaign and the cache are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trainwreck.campaign.session import Session, check_own, open_session
from trainwreck.cli.progress import LiveProgress
from trainwreck.cli.rules import report_removed
from trainwreck.store.campaign_file import CampaignFile, campaign_lock
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import BUNDLED, cache_folder

CAMPAIGN = ".trainwreck"


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


@contextmanager
def at_work(
    options: Options, folder: Path | None = None
) -> Iterator[tuple[Session, CampaignFile, LiveProgress]]:
    """A locked campaign, ready to run."""
    settings = options.settings(folder)
    campaign = options.campaign_folder(folder)
    progress = LiveProgress(tuple(metric.name for metric in settings.subject.metrics))
    report_removed(settings.trials.removed_rules, progress.say)
    try:
        with campaign_lock(campaign), CampaignFile.open(campaign, create=True) as file:
            check_own(file)
            yield (
                open_session(settings, campaign, cache_folder(), options.data, progress.say),
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
