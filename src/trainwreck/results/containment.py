"""Reads which containment held for the runs of a campaign."""

from typing import TYPE_CHECKING

from trainwreck.model import Held, Level, held_of
from trainwreck.store.campaign_file import CampaignFile

if TYPE_CHECKING:
    from trainwreck.exchange.records import ContainmentRecord

HELD = "containment"
"""The key of what held; campaigns that began before there were levels have none."""


def held_so_far(file: CampaignFile) -> tuple[Held, ...]:
    """Return the containment of the runs so far, oldest first; that before levels was none.

    Of imported records it is known where they say it; before the first run there is none.
    """
    stored = file.meta(HELD)
    if stored is not None:
        return tuple(map(held_of, stored))
    if file.has_records():
        return _held_of_records(file)
    return (Held(Level.NONE),) if file.finished_number() else ()


def _held_of_records(file: CampaignFile) -> tuple[Held, ...]:
    # `status` asks at once, and most campaigns have no imported records.
    from trainwreck.exchange.records import subject_record

    record = subject_record(file)
    return tuple(map(_held, record.containment)) if record else ()


def _held(record: "ContainmentRecord") -> Held:
    return Held(record.level, record.means, record.is_online, record.after)
