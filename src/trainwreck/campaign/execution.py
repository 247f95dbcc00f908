"""Runs trials and keeps each result the moment it is there."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from typing import Protocol

from trainwreck.campaign.session import Session
from trainwreck.engine.local import run_all
from trainwreck.model import Outcome, Trial
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.launcher import TrialResult, run_trial
from trainwreck.run.limits import Limits
from trainwreck.store.campaign_file import CampaignFile


class Progress(Protocol):
    """Somebody who wants to know how far a long piece of work is."""

    def begin(self, title: str, total: int) -> None:
        """A piece of work of ``total`` trials begins."""

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """One of its trials ended."""

    def say(self, text: str) -> None:
        """Something worth a line."""

    def end(self) -> None:
        """The piece of work is through."""


def execute(
    session: Session,
    file: CampaignFile,
    trials: Iterable[Trial],
    limits: Limits,
    jobs: int,
    progress: Progress,
    instructions_of: Callable[[Trial], Instructions] = lambda _: NO_INSTRUCTIONS,
    again: Collection[str] = (),
) -> Iterator[tuple[Trial, TrialResult]]:
    """Run the trials that the campaign has not run yet, and store each as it ends.

    The trials ``again`` are run although they have been.
    """
    known = file.finished_ids().difference(again)
    left = (trial for trial in trials if trial.id not in known)

    def run_one(
        trial: Trial, slot: int, cpu: int | None, must_stop: Callable[[], bool]
    ) -> TrialResult:
        orders = instructions_of(trial)
        return run_trial(trial, session.context, limits, slot, cpu, must_stop, orders=orders)

    with closing(run_all(left, run_one, jobs)) as results:
        for trial, finished in results:
            file.add_run(trial, finished.outcome, finished.log, session.interpreter.environment)
            progress.finished(trial, finished.outcome)
            yield trial, finished
