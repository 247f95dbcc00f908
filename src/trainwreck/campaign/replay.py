"""Runs one mutant again, in the foreground, without adding it to the campaign."""

from collections.abc import Callable
from dataclasses import replace

from trainwreck.campaign.devices import slot_beside
from trainwreck.campaign.session import Session
from trainwreck.model import FIRST, PlannedMutant, Trial, TrialKind
from trainwreck.results.own import OwnResults
from trainwreck.results.story import Story
from trainwreck.run.launcher import TrialRequest, run_trial

REPLAY_SLOT = 1000
"""A working copy of its own, apart from those of a campaign that may be running."""


def replay(session: Session, planned: PlannedMutant, echo: Callable[[bytes], object]) -> Story:
    """Run a mutant and return its story, as this run has it; ``echo`` receives its output."""
    story = OwnResults(session.file).story_of(planned)
    trial = Trial(session.id, TrialKind.MUTANT, FIRST.seed, mutant=story.mutant)
    context = session.subject.context
    slot = slot_beside(REPLAY_SLOT, context)
    result = run_trial(TrialRequest(trial, session.limits()), context, slot, echo=echo)
    verdict = session.evidence.verdict(story.mutant, trial.draw, result.outcome)
    log = result.log.decode("utf-8", "replace")
    return replace(story, verdict=verdict, outcome=result.outcome, log=log)
