"""Chooses what the trials of a campaign may write and reach, and keeps that it held."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.model import Level, Means
from trainwreck.report.containment import BEFORE_LEVELS, goes_on
from trainwreck.results.containment import HELD, held_so_far
from trainwreck.run.means import strict_means
from trainwreck.run.policy import Policy
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings import Settings


def choose_policy(
    settings: Settings, campaign: Path, file: CampaignFile | None, say: Callable[[str], None]
) -> Policy:
    """Return what the trials of a campaign may write and reach.

    A campaign goes on as it began, unless the settings name another level.

    Args:
        settings: The settings of the subject.
        campaign: The folder of the campaign.
        file: The campaign so far; None for one that is only listed.
        say: Called with a sentence where the containment is not that of the runs so far, or is none
            without the settings saying so.

    Raises:
        UsageError: This machine cannot give the level, or a folder in ``writable`` cannot be used.

    """
    _check_writable(settings, campaign)
    begun = held_so_far(file) if file is not None and file.finished_number() else ()
    trials = settings.trials
    level = trials.containment or (begun[-1].level if begun else None)
    means = _means_for(level, bool(begun) and trials.containment is None)
    if level is None:
        level = Level.STRICT if means else Level.COPY
    policy = Policy(
        level=level,
        means=means,
        is_online=trials.network or means is not Means.MOUNTS,
        writable=settings.writable,
        credentials=settings.credentials,
        disk=trials.disk,
    )
    if begun and not begun[-1].is_like(policy.held):
        say(goes_on(begun[-1], policy.held))
    elif begun and trials.containment is None and file and file.meta(HELD) is None:
        say(BEFORE_LEVELS)
    return policy


def keep_held(file: CampaignFile, policy: Policy) -> None:
    """Store what holds from now on, after what held for the runs so far."""
    runs = file.finished_number()
    held = list(held_so_far(file)) if runs else []
    if not (held and held[-1].is_like(policy.held)):
        held.append(replace(policy.held, after=runs))
    file.set_meta(HELD, [asdict(item) for item in held])


def _means_for(level: Level | None, is_resumed: bool) -> Means | None:
    """Return the means of a level, or for None the best that there are. Raises UsageError."""
    if level not in (None, Level.STRICT):
        return None
    means, problem = strict_means()
    if level is Level.STRICT and means is None:
        began = "the campaign began at level `strict`, which" if is_resumed else "level `strict`"
        raise UsageError(
            f"{began} this machine cannot give: {problem}",
            'Write `containment = "copy"` under [trials], or run where user namespaces or Landlock '
            "are allowed.",
        )
    return means


def _check_writable(settings: Settings, campaign: Path) -> None:
    """Raise UsageError for a folder that no trial may write to."""
    campaign = campaign.resolve()
    for name, folder in zip(settings.trials.writable, settings.writable, strict=True):
        problem, hint = "", "Name only what the program writes to."
        if not folder.exists():
            problem, hint = "is not there", "Create it, or correct `writable` under [trials]."
        elif folder == Path(folder.anchor):
            problem = "is the root of the file system: nothing would be kept from the program"
        elif campaign.is_relative_to(folder):
            problem = f"holds the campaign, {campaign}"
        elif folder.is_relative_to(campaign):
            problem = f"is part of the campaign, {campaign}"
        if problem:
            raise UsageError(f"{settings.file}: `{name}` in `trials.writable` {problem}", hint)
