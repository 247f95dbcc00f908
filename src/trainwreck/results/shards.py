"""Reads which part of its plan a campaign holds."""

from collections.abc import Iterator
from itertools import compress, islice

from trainwreck.model import PlannedMutant
from trainwreck.model.shard import Shards
from trainwreck.store.campaign_file import CampaignFile

SHARDS = "shards"
"""The key of the shards of a campaign: their number, and those that are here."""


def shards_of(file: CampaignFile) -> Shards | None:
    """Return the shards that a campaign holds; None where it holds its whole plan."""
    stored = file.meta(SHARDS)
    return Shards(stored["of"], frozenset(stored["numbers"])) if stored else None


def members(file: CampaignFile) -> Iterator[PlannedMutant]:
    """Yield the planned mutants of the shards that a campaign holds, in the order of the plan."""
    return head(file, None)


def outlines_of_members(file: CampaignFile) -> Iterator[PlannedMutant]:
    """Yield what `members` does, without edits and phases."""
    return outlines_of_head(file, None)


def outlines_of_head(file: CampaignFile, number: int | None) -> Iterator[PlannedMutant]:
    """Yield what `head` does, without edits and phases."""
    return _taken(file, file.outlines(), number)


def head(file: CampaignFile, number: int | None) -> Iterator[PlannedMutant]:
    """Yield those of the first ``number`` planned mutants, or of all, that the shards here have."""
    return _taken(file, file.mutants(), number)


def _taken(
    file: CampaignFile, mutants: Iterator[PlannedMutant], number: int | None
) -> Iterator[PlannedMutant]:
    """Yield those of the first ``number`` mutants of the plan that the shards here have."""
    shards = shards_of(file)
    if shards is None:
        return islice(mutants, number)
    taken = shards.takes(planned.mutant for planned in file.outlines())
    return compress(islice(mutants, number), taken)


def number_of_members(file: CampaignFile) -> int:
    """Return the number of planned mutants of the shards that a campaign holds."""
    if shards_of(file) is None:
        return file.planned_number()
    return sum(1 for _ in outlines_of_members(file))
