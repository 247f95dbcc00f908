"""Runs one planned mutant again, in the foreground, without adding it to the campaign."""

from collections.abc import Callable
from dataclasses import replace

from trainwreck.campaign.baseline import limits_for
from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, Trial, TrialKind
from trainwreck.results.evidence import Evidence
from trainwreck.results.story import Story, read_story
from trainwreck.run.launcher import run_trial
from trainwreck.store.campaign_file import CampaignFile

REPLAY_SLOT = 1000
"""A working copy of its own, apart from those of a campaign that may be running."""


def replay(
    session: Session, file: CampaignFile, prefix: str, echo: Callable[[bytes], object]
) -> Story:
    """The story of a mutant as this run tells it; ``echo`` gets the output as it comes."""
    story = read_story(file, prefix)
    trial = Trial(session.subject_id, TrialKind.MUTANT, FIRST.seed, mutant=story.mutant)
    limits = limits_for(session, file)
    finished = run_trial(trial, session.context, limits, REPLAY_SLOT, None, echo=echo)
    verdict = Evidence(file).verdict(story.mutant, trial.draw, finished.outcome)
    log = finished.log.decode("utf-8", "replace")
    return replace(story, verdict=verdict, outcome=finished.outcome, log=log)
