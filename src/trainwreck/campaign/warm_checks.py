"""Checks of warm starts: a random part of them runs again, cold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.errors import AuditError
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import FIRST, Draw, Ending, Mutant, Outcome, TrialKind, content_id
from trainwreck.model.start import COLD_FOR_GOOD, STARTED, is_warm
from trainwreck.model.trials import audit_trial

CHECKED = 0.02
"""The share of warm starts that run again from a cold start."""

RunKey = tuple[Draw, str]
"""A draw, and the id of the mutant that ran with it."""


def check_warm_starts(session: Session, mutants: Iterable[Mutant]) -> int:
    """Run a random part of the mutants that started warm again, cold; return the number of runs.

    Raises:
        AuditError: One ended otherwise. Then all runs that started warm are withdrawn, and this
            campaign starts none any more.

    """
    checks = Checks(session, {mutant.id: mutant for mutant in mutants})
    ran = checks.run_cold()
    for mutant in checks.refuted():
        session.file.set_meta(COLD_FOR_GOOD, mutant.id)
        withdrawn = session.file.withdraw_runs(checks.warm_ids)
        raise AuditError(
            f"{mutant.name} ended otherwise after a warm start than after a cold one; the "
            f"{withdrawn} runs that started warm were withdrawn",
            "Repeat the command: from now on every run of this campaign starts cold.",
        )
    return ran


@dataclass(frozen=True)
class Checks:
    """The checks of a campaign's warm starts among ``mutants``, which are found by their ids."""

    session: Session
    mutants: Mapping[str, Mutant]

    @cached_property
    def warm_ids(self) -> set[str]:
        """Return the ids of the trials that started warm."""
        starts = self.session.file.observations(STARTED)
        return {trial for trial, value in starts.items() if is_warm(value)}

    @cached_property
    def _warm(self) -> dict[RunKey, Outcome]:
        """Return the outcomes of warm starts on this kind of machine."""
        return {
            (draw, mutant): outcome
            for draw, mutant, outcome in self.session.file.outcomes(TrialKind.MUTANT)
            if mutant is not None
            and outcome.trial_id in self.warm_ids
            and _is_here(self.session, outcome)
        }

    @cached_property
    def _sample(self) -> list[RunKey]:
        return [run for run in _sample_of(self._warm) if run[1] in self.mutants]

    def run_cold(self) -> int:
        """Run the sample cold, and once more what ends otherwise; return the number of runs."""
        outcomes = self.session.file.outcomes(TrialKind.AUDIT)
        done = {(draw, mutant) for draw, mutant, _ in outcomes}
        left = [(draw, mutant) for draw, mutant in self._sample if (draw, mutant) not in done]
        ran = self._run("cold runs of mutants that started warm", left, 0)
        once = [run for run, cold in self._doubted() if len(cold) == 1]
        return ran + self._run("cold runs that differ from warm ones, once more", once, 1)

    def _run(self, title: str, runs: Iterable[RunKey], repeat: int) -> int:
        trials = [
            audit_trial(self.session.id, self.mutants[mutant], repeat=repeat, draw=draw)
            for draw, mutant in runs
        ]
        return self.session.run_all(Title(Stage.COLD, title), trials)

    def _doubted(self) -> Iterator[tuple[RunKey, list[Outcome]]]:
        """Yield those of the sample whose first cold run ended otherwise, with all cold runs."""
        cold = _cold_runs(self.session)
        for run in self._sample:
            is_checked = run in cold
            if is_checked and not _agree(self.session, run[0], self._warm[run], cold[run][0]):
                yield run, cold[run]

    def refuted(self) -> Iterator[Mutant]:
        """Yield the mutants whose warm run cold ones refute."""
        for (draw, mutant), cold in self._doubted():
            if _is_refuted(self.session, draw, self._warm[draw, mutant], cold):
                yield self.mutants[mutant]


def _sample_of(outcomes: Iterable[RunKey]) -> list[RunKey]:
    """Return a random part of the runs with the first seed, and one of those with further ones.

    Ids are hashes: the first ones in their order are a random part.
    """
    firsts = sorted(mutant for draw, mutant in outcomes if draw == FIRST)
    others = [(draw, mutant) for draw, mutant in outcomes if draw != FIRST]
    others.sort(key=lambda run: content_id(run[1], str(run[0].seed), str(run[0].fold)))
    return [
        *((FIRST, mutant) for mutant in firsts[: ceil(CHECKED * len(firsts))]),
        *others[: ceil(CHECKED * len(others))],
    ]


def _is_here(session: Session, outcome: Outcome) -> bool:
    """Return whether a run was made on the kind of machine at work."""
    return session.evidence.kind_of(outcome.trial_id) == session.evidence.here


def _cold_runs(session: Session) -> dict[RunKey, list[Outcome]]:
    """Return the complete cold runs that check others here, by draw and mutant."""
    runs: dict[RunKey, list[Outcome]] = {}
    for draw, mutant, outcome in session.file.outcomes(TrialKind.AUDIT):
        if mutant is not None and _is_here(session, outcome):
            runs.setdefault((draw, mutant), []).append(outcome)
    return runs


def _is_refuted(session: Session, draw: Draw, warm: Outcome, cold: Sequence[Outcome]) -> bool:
    """Return whether cold runs of a mutant refute its warm one, which ended unlike the first.

    A mutant that reads the clock, for example, does not repeat: its cold runs differ from one
    another, and only another symptom refutes its warm run.
    """
    first, *others = cold
    if all(_agree(session, draw, first, other) for other in others):
        return True
    metrics = session.evidence.metric_names
    return symptom_of(warm, metrics) not in {symptom_of(run, metrics) for run in cold}


def _agree(session: Session, draw: Draw, warm: Outcome, cold: Outcome) -> bool:
    """Return whether a warm and a cold run of one mutant ended in the same way."""
    if not (warm.exit.proves and cold.exit.proves):
        return True
    metrics = session.evidence.metric_names
    digests = session.evidence.clean[draw].determinism.digests
    # Otherwise it was ended early as a clean run, so the complete one must end clean.
    if warm.settled and warm.exit.ending is not Ending.STUCK:
        return cold.exit.fine and (len(digests) > 1 or cold.digest in digests)
    if symptom_of(warm, metrics) is not symptom_of(cold, metrics):
        return False
    if not warm.exit.fine or len(digests) > 1:
        return True
    return warm.digest == cold.digest and warm.hits == cold.hits
