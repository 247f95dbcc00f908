"""A shard at work: which part of the plan a session runs."""

from trainwreck.campaign.session import Session
from trainwreck.errors import UsageError
from trainwreck.model import TrialKind
from trainwreck.model.shard import Shard, Shards
from trainwreck.report.words import counted
from trainwreck.results.shards import SHARDS, shards_of
from trainwreck.store.campaign_file import CampaignFile


def begin_shard(session: Session, shard: Shard | None) -> None:
    """Let the campaign hold this part of its plan as well; without one, what it holds.

    Raises:
        UsageError: The campaign was divided into another number of parts, or has run without them.

    """
    if shard is None:
        return
    here = shards_of(session.file)
    _check_division(session, here, shard)
    numbers = sorted({shard.number, *(here.numbers if here else ())})
    session.file.set_meta(SHARDS, {"of": shard.of, "numbers": numbers})
    session.lane = shard.number
    session.file.count_from(session.lane)


def lane_of(file: CampaignFile) -> int:
    """Return the number of the last shard that a campaign holds; 0 where it holds the plan."""
    here = shards_of(file)
    return max(here.numbers) if here else 0


def _check_division(session: Session, here: Shards | None, shard: Shard) -> None:
    if here and here.of != shard.of:
        raise UsageError(
            f"the plan of this campaign is divided into {counted(here.of, 'shard')}, "
            f"and {shard} is one of {shard.of}",
            "Use one number of shards for one campaign, or another folder with `--campaign DIR`.",
        )
    if here is None and next(session.file.outcomes(TrialKind.MUTANT), None):
        raise UsageError(
            "the campaign has run mutants of its whole plan, which no shard can take back",
            "Start shards from a campaign that has a baseline and no run of a mutant.",
        )
