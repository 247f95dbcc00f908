"""The step `power --verify`: predicted answers of checks, compared with real executions."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from trainwreck.campaign.arriving import run_clean_here
from trainwreck.campaign.baseline import complete_seeds
from trainwreck.campaign.identity import remember
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.run import check_sources
from trainwreck.campaign.session import Session
from trainwreck.errors import UsageError
from trainwreck.findings.measured_checks import Prediction, chosen_of
from trainwreck.model import FIRST, Mutant, Trial, check_trial, version_of
from trainwreck.model.slot import MustStop, Slot
from trainwreck.results.own import OwnResults
from trainwreck.results.power import VERIFIES, read_observations
from trainwreck.run.launcher import ColdLauncher, TrialRequest, TrialResult


@dataclass(frozen=True, slots=True)
class VerifyingLauncher:
    """Runs trainings, and notes of each trial which comparison it is to verify."""

    comparisons: Mapping[str, str]
    training: ColdLauncher

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        """Launch every trial alone."""
        return ([request] for request in requests)

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        """Run one trial after the other; see `Launcher.launch`."""
        for result in self.training.launch(requests, slot, must_stop):
            name = self.comparisons.get(result.trial.id)
            if name is None:
                yield result
                continue
            observed = {**result.outcome.observations, VERIFIES: name}
            yield replace(result, outcome=replace(result.outcome, observations=observed))


def verify_power(session: Session, number: int, checks: Sequence[str] = ()) -> int:
    """Run ``number`` of the predicted answers of checks as trainings; return the runs made.

    Each is a training of its own, with the bug planted again. The draw is at random and always the
    same, so that a larger number goes on from a smaller one. With ``checks``, it is among these.

    Raises UsageError where the campaign predicts nothing.
    """
    remember(session.subject, session.file)
    seen = chosen_of(read_observations(OwnResults(session.file)), checks)
    if not seen.comparisons:
        raise UsageError(
            "none of these checks is computed, so that nothing of them is predicted",
            "Name a computed check, or leave out `--verify`.",
        )
    predictions = sorted(seen.predictions(), key=lambda each: (each.comparison, each.mutant.id))
    random.Random(session.subject.settings.mutants.seed).shuffle(predictions)
    chosen = predictions[:number]
    check_sources(session, [each.mutant for each in chosen])
    # An execution is compared with clean runs of the machine that it is made on.
    run_clean_here(session)
    if session.clean_lane != session.lane:
        complete_seeds(session)
    trials = {_trial(session.id, each): each.comparison for each in chosen}
    names = {trial.id: name for trial, name in trials.items()}
    launcher = VerifyingLauncher(names, ColdLauncher(session.subject.context))
    at_work = replace(session, launcher=launcher)
    return at_work.run_all(
        Title(Stage.COMPARISONS, "predicted comparisons"), session.missing(trials)
    )


def _trial(subject: str, each: Prediction) -> Trial:
    """Return the training that verifies one prediction."""
    mutant: Mutant = each.mutant
    return check_trial(version_of(VERIFIES, subject, each.comparison), FIRST, mutant=mutant)
