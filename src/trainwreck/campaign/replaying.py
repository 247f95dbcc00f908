"""Runs one planned mutant again, in the foreground, without adding it to the campaign."""

from collections.abc import Callable
from dataclasses import replace

from trainwreck.campaign.baseline import limits_for
from trainwreck.campaign.desk import Desk
from trainwreck.campaign.judging import Evidence
from trainwreck.campaign.views import Story, tell_story
from trainwreck.model import Trial, TrialKind
from trainwreck.plan import FIRST
from trainwreck.run import run_trial
from trainwreck.store import CampaignFile

REPLAY_SLOT = 1000
"""A working copy of its own, apart from those of a campaign that may be running."""


def replay(desk: Desk, file: CampaignFile, prefix: str, echo: Callable[[bytes], object]) -> Story:
    """The story of a mutant as this run tells it; ``echo`` gets the output as it comes."""
    story = tell_story(file, prefix)
    trial = Trial(desk.subject_id, TrialKind.MUTANT, FIRST.seed, mutant=story.mutant)
    limits = limits_for(desk, file)
    finished = run_trial(trial, desk.workbench, limits, REPLAY_SLOT, None, echo=echo)
    verdict = Evidence(file).verdict(story.mutant, trial.draw, finished.outcome)
    log = finished.log.decode("utf-8", "replace")
    return replace(story, verdict=verdict, outcome=finished.outcome, log=log)
