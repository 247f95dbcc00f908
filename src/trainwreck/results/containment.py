"""Reads which containment held for the runs of a campaign."""

from trainwreck.exchange.records import ContainmentRecord, subject_record
from trainwreck.model import Held, Level, held_of
from trainwreck.store.campaign_file import CampaignFile

HELD = "containment"
"""The key of what held; campaigns that began before there were levels have none."""


def held_so_far(file: CampaignFile) -> tuple[Held, ...]:
    """Return the containment of the runs so far, oldest first; that before levels was none.

    Of imported records it is known where they say it.
    """
    stored = file.meta(HELD)
    if stored is not None:
        return tuple(map(held_of, stored))
    if file.has_records():
        record = subject_record(file)
        return tuple(map(_held, record.containment)) if record else ()
    return (Held(Level.NONE),)


def _held(record: ContainmentRecord) -> Held:
    return Held(record.level, record.means, record.is_online, record.after)
