"""Warm starts of a check's runs: a clean run of its command shows where its mutants may fork.

The training's runs do not show that: a check imports, reads and calls in an order of its own. Some
of the warm runs are made again from a cold start, as those of trainings are.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from trainwreck.campaign.early_decisions import plan_probes, records_of
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.campaign.warm_checks import CHECKED
from trainwreck.campaign.warm_starts import (
    FirstEvaluation,
    StartRecord,
    WarmStarts,
    first_evaluations,
    may_start_warm,
)
from trainwreck.errors import AuditError
from trainwreck.model import (
    CHECK,
    FIRST,
    Mutant,
    Outcome,
    Probe,
    Trial,
    TrialKind,
    check_trial,
    content_id,
    fired_in,
    has_noticed,
    version_of,
)
from trainwreck.model.probe import DoubtOfValues
from trainwreck.model.start import STARTED, is_warm
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.limits import Limits

LEAST = 12
"""The fewest runs for which a probed run and a stem, three runs of the check, may pay."""
REFUTED = "checks cold for good"
"""Key for the versions of checks with a warm run that answered otherwise than cold ones."""

InstructionsOf = Callable[[Trial], Instructions]


def _alone(_: Trial) -> Instructions:
    return NO_INSTRUCTIONS


def starts_of(
    session: Session, name: str, version: str, trials: Sequence[Trial], limits: Limits
) -> InstructionsOf:
    """Return what says how each trial of a check starts, after one clean run with probes.

    Args:
        session: The campaign, with what runs the check.
        name: The check.
        version: Its version.
        trials: Its trials that are to run, each with a mutant.
        limits: Those of each.

    """
    if len(trials) < LEAST or not may_start_warm(session) or version in _refuted(session):
        return _alone
    digests = frozenset(
        run.digest
        for draw, mutant, run in session.file.outcomes(TrialKind.CHECK)
        if mutant is None and draw == FIRST and _is_usual(session, name, version, run)
    )
    mutants = [trial.mutant for trial in trials if trial.mutant]
    record = _record(session, name, version, mutants, limits, digests) if digests else None
    if record is None:
        return _alone
    starts = WarmStarts(record, mutants)
    return lambda trial: starts.applied(trial, NO_INSTRUCTIONS)


def _is_usual(session: Session, name: str, version: str, run: Outcome) -> bool:
    """Return whether a run is a clean one of the check on this kind of machine, without alarm."""
    own = run.observations.get(CHECK) or {}
    is_here = session.evidence.kind_of(run.trial_id) == session.environment.kind
    return own == {"name": name, "version": version} and is_here and not has_noticed(name, run)


def _record(
    session: Session,
    name: str,
    version: str,
    mutants: Sequence[Mutant],
    limits: Limits,
    digests: frozenset[str],
) -> StartRecord | None:
    """Make one clean run of the check with probes; None where it does not end as the others."""
    plan = plan_probes(session.subject, mutants)
    if not plan.watched:
        return None
    trial = check_trial(version_of(version, "probes"), FIRST)
    session.progress.begin(Title(Stage.PROBES, f"check {name}, clean run with probes"), 1)
    (result,) = session.execute([trial], limits, lambda _: plan.instructions, {trial.id})
    session.progress.end()
    outcome, probed = result.outcome, result.probed
    if probed is None or outcome.digest not in digests or has_noticed(name, outcome) is not False:
        return None
    groups = {mutant: watch.group for mutant, (watch, _) in plan.watched.items()}
    ranks = first_evaluations(groups, probed.firsts)
    certain = {probe.mutant_id: probe for probe in records_of(trial, plan, probed)}
    return StartRecord(
        digests={FIRST: digests},
        repeats=True,
        seconds=outcome.cpu_seconds,
        evaluated={mutant: FirstEvaluation(trial.id, *first) for mutant, first in ranks.items()},
        probe_of=lambda mutant: _certain(certain.get(mutant.id)),
    )


def _certain(probe: Probe | None) -> Probe | None:
    """Return a record where it shows for certain when a mutant is evaluated first."""
    return probe if probe and (not probe.doubt or probe.doubt in set(DoubtOfValues)) else None


def check_answers(
    session: Session, name: str, version: str, trials: Collection[Trial], limits: Limits
) -> int:
    """Run a random part of a check's warm runs again, cold; return the number of runs.

    Raises:
        AuditError: One answered otherwise. Then all warm runs of this check are withdrawn, and
            it starts none any more.

    """
    warm = _warm_runs(session, trials)
    # Ids are hashes: the first ones in the order of another hash are a random part.
    sample = sorted(warm, key=lambda trial: content_id(CHECK, trial.id))
    sample = sample[: ceil(CHECKED * len(sample))]
    cold = _Cold(session, name, version, limits)
    first = cold.answers(sample, 0)
    doubted = [trial for trial in sample if first[trial.id] != _answer(name, warm[trial])]
    second = cold.answers(doubted, 1)
    # A check whose cold runs differ from one another refutes nothing.
    refuted = [trial for trial in doubted if first[trial.id] == second[trial.id]]
    if refuted:
        session.file.set_meta(REFUTED, sorted({*_refuted(session), version}))
        withdrawn = session.file.withdraw_runs({trial.id for trial in warm})
        bugs = ", ".join(trial.mutant.name for trial in refuted if trial.mutant)
        raise AuditError(
            f"the check `{name}` answered otherwise after a warm start than after a cold one, on "
            f"{bugs}; its {withdrawn} runs that started warm were withdrawn",
            "Repeat the command: from now on every run of this check starts cold.",
        )
    return cold.ran


def _refuted(session: Session) -> list[str]:
    """Return the versions of checks that start no run warm any more."""
    return session.file.meta(REFUTED) or []


def _warm_runs(session: Session, trials: Iterable[Trial]) -> dict[Trial, Outcome]:
    """Return the runs of these trials that started warm."""
    by_id = {trial.id: trial for trial in trials}
    return {
        by_id[run.trial_id]: run
        for _, _, run in session.file.outcomes(TrialKind.CHECK)
        if run.trial_id in by_id and is_warm(run.observations.get(STARTED))
    }


Answer = tuple[bool | None, frozenset[str]]
"""The answer of a run of a check: whether it noticed the bug, and what fired in it."""


def _answer(name: str, run: Outcome) -> Answer:
    return has_noticed(name, run), frozenset(fired_in(run))


@dataclass
class _Cold:
    """Runs a check again from cold starts; ``ran`` is the number of runs.

    They have a version of their own, so that no reader takes them for answers.
    """

    session: Session
    name: str
    version: str
    limits: Limits
    ran: int = 0

    def answers(self, trials: Collection[Trial], repeat: int) -> dict[str, Answer]:
        """Return the answers of cold runs, by the ids of the trials that they repeat."""
        version = version_of(self.version, "cold")
        again = {check_trial(version, FIRST, repeat, trial.mutant).id: trial.id for trial in trials}
        missing = self.session.missing(
            check_trial(version, FIRST, repeat, trial.mutant) for trial in trials
        )
        if missing:
            title = Title(Stage.COLD, f"check {self.name}, cold runs of what started warm")
            self.session.progress.begin(title, len(missing))
            self.ran += sum(1 for _ in self.session.execute(missing, self.limits))
            self.session.progress.end()
        return {
            again[run.trial_id]: _answer(self.name, run)
            for _, _, run in self.session.file.outcomes(TrialKind.CHECK)
            if run.trial_id in again
        }
