"""Makes a campaign ready to work: its lock, its file, its subject, and what runs its trials."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trainwreck.campaign.attempts import FILE_NAME as ATTEMPTS
from trainwreck.campaign.attempts import Attempts
from trainwreck.campaign.cluster import engine_of
from trainwreck.campaign.levels import choose_policy
from trainwreck.campaign.prepare import PreparedSubject, prepare_subject
from trainwreck.campaign.session import Session
from trainwreck.campaign.shards import lane_of
from trainwreck.campaign.untouched import Untouched
from trainwreck.engine import Engine
from trainwreck.errors import UsageError
from trainwreck.model.start import Start
from trainwreck.run.kept_copies import remove_copies
from trainwreck.run.launcher import ColdLauncher, Launcher, clear_leftovers
from trainwreck.run.stem.launcher import WarmLauncher
from trainwreck.store.campaign_file import CampaignFile, campaign_lock
from trainwreck.subject.environment import environment_in_use
from trainwreck.subject.studies import cache_folder
from trainwreck.temporary import sweep

if TYPE_CHECKING:
    from trainwreck.campaign.campaign import Campaign


@contextmanager
def open_session(campaign: Campaign) -> Iterator[Session]:
    """Lock a campaign and make its subject ready.

    Raises:
        UsageError: It cannot be run on this machine, or holds imported records.

    """
    sweep()
    with campaign_lock(campaign.folder), CampaignFile.open(campaign.folder, create=True) as file:
        if file.has_records():
            raise UsageError(
                "the campaign holds imported records, which no run can be added to",
                "Run in another folder with `--campaign DIR`.",
            )
        roots = {part.root for item in file.chosen() for part in item.mutant.parts}
        subject = prepared(campaign, roots, file)
        with environment_in_use(subject.interpreter.executable, subject.cache):
            try:
                clear_leftovers(subject.context.work)
                with engine_of(campaign, subject, file) as engine:
                    yield _session(campaign, subject, file, engine)
            finally:
                remove_copies(subject.context.work)


def _session(
    campaign: Campaign, subject: PreparedSubject, file: CampaignFile, engine: Engine
) -> Session:
    """Return the session of a campaign, with what runs its trials."""
    launcher = campaign.launcher or _launcher(subject, engine.jobs)
    untouched = Untouched(subject, file)
    attempts = Attempts(campaign.folder / ATTEMPTS)
    attempts.tidy()
    lane = lane_of(file)
    file.count_from(lane)
    return Session(subject, file, campaign.progress, engine, launcher, untouched, attempts, lane)


def _launcher(subject: PreparedSubject, jobs: int) -> Launcher:
    """Return what starts trials, warm where the settings say so."""
    cold = ColdLauncher(subject.context)
    if subject.settings.trials.start is not Start.WARM:
        return cold
    return WarmLauncher(subject.context, cold, subject.interpreter, jobs)


def prepared(
    campaign: Campaign, further: Collection[str] = (), file: CampaignFile | None = None
) -> PreparedSubject:
    """Return the campaign's subject, ready to run.

    Args:
        campaign: The campaign.
        further: Libraries in which bugs are planted beside those of the settings.
        file: The campaign's file, with the containment of its runs so far.

    Raises:
        UsageError: It has no settings, or cannot be run on this machine.

    """
    if campaign.settings is None:
        raise UsageError(
            f"the campaign in {campaign.folder} was opened to be read",
            "Use `Campaign.create` with the settings.",
        )
    cache, say = campaign.cache or cache_folder(), campaign.progress.say
    policy = choose_policy(campaign.settings, campaign.folder, file, say)
    return prepare_subject(
        campaign.settings, campaign.folder, cache, campaign.data, say, further, policy
    )
