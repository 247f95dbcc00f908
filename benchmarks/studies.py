"""What a clean run of each bundled study costs, and what a second slot gains."""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from figures import Figure, figure
from subject import QUICK, STUDY, open_study, say, study_settings
from trainwreck.campaign.baseline import clean_problem
from trainwreck.campaign.session import Session
from trainwreck.engine.local import run_all
from trainwreck.model import IMPORT_PHASE, Outcome, Trial
from trainwreck.model.trials import clean_trials, warming_trial
from trainwreck.run.launcher import run_trial
from trainwreck.run.limits import Limits
from trainwreck.subject.preparation import obstacles
from trainwreck.subject.studies import studies

BATCH = 4
SLOTS = 2
GOAL_GAIN = 1.7


def measure(
    python: str, rounds: int = 3, names: Sequence[str] = (), profiles: Sequence[str] = (QUICK,)
) -> list[Figure]:
    """Every study that can run on this machine, or those of ``names``, in each of ``profiles``.

    ``python`` is for the Keras study; all others have environments of their own.
    """
    found: list[Figure] = []
    for name in names or studies():
        own = python if name == STUDY else ""
        problems = obstacles(study_settings(own, name))
        if problems:
            say(f"  {name} is left out: {'; '.join(problems)}")
            continue
        for profile in profiles:
            with tempfile.TemporaryDirectory() as folder:
                session = open_study(own, Path(folder), name, profile)
                found += _measure_study(session, f"{name}, {profile}", rounds)
    return found


def _measure_study(session: Session, what: str, rounds: int) -> list[Figure]:
    """One run goes unmeasured: it fills the caches, the study's own where it keeps one."""
    _run_trials(session, what, [warming_trial(session.subject_id)], 1)
    runs = _run_trials(session, what, clean_trials(session.subject_id, 1, rounds - 1, 1), 1)
    shares = [phase_shares(run) for run in runs]
    return [
        figure(f"{what}: clean run", "s", (run.seconds for run in runs)),
        *(figure(f"{what}: {name}", "%", (each[name] for each in shares)) for name in shares[0]),
        figure(f"{what}: peak memory", "MB", (run.peak_rss / 2**20 for run in runs)),
        *_gain(session, what),
    ]


def phase_shares(outcome: Outcome) -> dict[str, float]:
    """Percent of a run's seconds by phase: import lasts to the first mark, the last to the end."""
    names = [IMPORT_PHASE, *(phase.name for phase in outcome.phases)]
    begins = [0.0, *(phase.seconds for phase in outcome.phases)]
    ends = [*begins[1:], outcome.seconds]
    shares = dict.fromkeys(names, 0.0)
    for name, begin, end in zip(names, begins, ends, strict=True):
        shares[name] += 100 * (end - begin) / outcome.seconds
    return shares


def _gain(session: Session, what: str) -> list[Figure]:
    """Runs per second in ``SLOTS`` slots to those in one; nothing without a processor for each."""
    processors = len(os.sched_getaffinity(0))
    if processors < SLOTS:
        say(f"  {what}: {SLOTS} slots are left out: {processors} usable processor")
        return []
    one, more = (_batch_seconds(session, what, jobs) for jobs in (1, SLOTS))
    return [figure(f"{what}: runs/s, {SLOTS} slots to 1", "ratio", [one / more], floor=GOAL_GAIN)]


def _batch_seconds(session: Session, what: str, jobs: int) -> float:
    began = time.perf_counter()
    _run_trials(
        session, f"{what}, {jobs} at once", clean_trials(session.subject_id, 1, BATCH - 1, 1), jobs
    )
    return time.perf_counter() - began


def _run_trials(session: Session, what: str, trials: Iterable[Trial], jobs: int) -> list[Outcome]:
    """The outcomes of clean runs, all of which must work; each slot has its own processor."""
    settings = session.settings.trials
    limits = Limits(settings.clean_timeout, settings.clean_timeout, settings.memory)

    def run_one(trial: Trial, slot: int, cpu: int | None, must_stop: Callable[[], bool]) -> Outcome:
        outcome = run_trial(trial, session.context, limits, slot, cpu, must_stop).outcome
        problem = clean_problem(session.settings.subject.metrics, outcome)
        if problem:
            raise SystemExit(f"{what}: the clean program does not work: {problem}")
        say(f"  {what}: {trial.kind} run, {outcome.seconds:.2f} s")
        return outcome

    with closing(run_all(trials, run_one, jobs)) as results:
        return [outcome for _, outcome in results]
