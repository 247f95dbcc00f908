"""Options that commands share, and the campaign that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.campaign.campaign import FOLDER, Campaign
from trainwreck.errors import UsageError

if TYPE_CHECKING:
    from trainwreck.subject.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """The values of the options that commands share."""

    campaign: Path | None = None
    profile: str | None = None
    python: str | None = None
    data: Path | None = None
    json: bool = False

    def load_settings(self, folder: Path | None = None) -> Settings:
        """Load the settings of a folder, by default of the working folder."""
        from trainwreck.subject.settings_file import FILE_NAME, load_settings

        return load_settings((folder or Path.cwd()) / FILE_NAME, self.profile, self.python)

    def campaign_folder(self, folder: Path | None = None) -> Path:
        """Return ``.trainwreck`` beside the settings, with the profile's name if one is given.

        For a study that was installed with the tool it lies in the working folder: what is
        installed stays as it is.
        """
        if self.campaign:
            return self.campaign
        name = f"{FOLDER}-{self.profile}" if self.profile else FOLDER
        if folder is None:
            return Path.cwd() / name
        from trainwreck.subject.studies import is_bundled

        return Path.cwd() / f"{name}-{folder.name}" if is_bundled(folder) else folder / name

    def reading(self) -> Campaign:
        """Return the campaign, to be read. Raises UsageError where there is none."""
        return Campaign.open(self.campaign_folder())

    def reading_any(self) -> Campaign:
        """Return the campaign, to be read, with its settings if they are those at hand.

        Raises UsageError where there is no campaign.
        """
        campaign = self.reading()
        with suppress(UsageError), campaign.source() as source:
            settings = self.load_settings()
            if settings.fingerprint == source.file.meta("settings"):
                campaign.settings = settings
        return campaign

    @contextmanager
    def working(
        self, folder: Path | None = None, jobs: int = 1, ray: str | None = None
    ) -> Iterator[Campaign]:
        """Lock the campaign of a subject's folder, and show its progress."""
        from trainwreck.cli.events import EventProgress
        from trainwreck.cli.printing import event
        from trainwreck.cli.progress import LiveProgress
        from trainwreck.cli.rules import report_removed

        settings = self.load_settings(folder)
        metrics = tuple(metric.name for metric in settings.subject.metrics)
        progress = EventProgress(metrics) if self.json else LiveProgress(metrics, jobs=jobs)
        report_removed(settings.trials.removed_rules, progress.say)
        place = self.campaign_folder(folder)
        campaign = Campaign(place, settings, self.data, jobs, progress, ray=ray)
        event("campaign", subject=settings.subject.name, folder=str(campaign.folder))
        try:
            with campaign:
                yield campaign
        finally:
            progress.close()
