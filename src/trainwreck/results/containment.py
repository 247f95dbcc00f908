"""Reads which containment held for the runs of a campaign."""

from trainwreck.model import Held, Level, held_of
from trainwreck.store.campaign_file import CampaignFile

HELD = "containment"
"""The key of what held; campaigns that began before there were levels have none."""


def held_so_far(file: CampaignFile) -> tuple[Held, ...]:
    """Return the containment of the runs so far, oldest first; that before levels was none.

    Of imported records it is not known.
    """
    stored = file.meta(HELD)
    if stored is not None:
        return tuple(map(held_of, stored))
    return () if file.has_records() else (Held(Level.NONE),)
