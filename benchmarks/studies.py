"""What a clean run of each bundled study costs, and what a second slot gains."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from figures import Figure, figure
from subject import QUICK, STUDY, say, study_campaign, study_settings
from trainwreck import Campaign
from trainwreck.campaign.controls import clean_problem
from trainwreck.model import IMPORT_PHASE, Outcome, Trial
from trainwreck.model.trials import clean_trials, warming_trial
from trainwreck.run.limits import Limits
from trainwreck.subject.preparation import obstacles
from trainwreck.subject.studies import studies

BATCH = 4
SLOTS = 2
GOAL_GAIN = 1.7
WithJobs = Callable[[int], Campaign]
"""Returns a study's campaign with a number of trials at a time."""


def measure(
    python: str, rounds: int = 3, names: Sequence[str] = (), profiles: Sequence[str] = (QUICK,)
) -> list[Figure]:
    """Measure every study that can run on this machine, or those of ``names``, by profile.

    ``python`` is for the Keras study; all others have environments of their own.
    """
    figures: list[Figure] = []
    for name in names or studies():
        own = python if name == STUDY else ""
        problems = obstacles(study_settings(own, name))
        if problems:
            say(f"  {name} is left out: {'; '.join(problems)}")
            continue
        for profile in profiles:
            with tempfile.TemporaryDirectory() as folder:
                with_jobs = partial(study_campaign, own, Path(folder), name, profile)
                figures += _measure_study(with_jobs, f"{name}, {profile}", rounds)
    return figures


def _measure_study(with_jobs: WithJobs, what: str, rounds: int) -> list[Figure]:
    """Measure clean runs; one goes unmeasured, which fills the study's own caches."""
    with with_jobs(1) as campaign, campaign.session() as session:
        _run_trials(campaign, what, [warming_trial(session.id)])
        runs = _run_trials(campaign, what, clean_trials(session.id, 1, rounds - 1, 1))
    shares = [phase_shares(run) for run in runs]
    return [
        figure(f"{what}: clean run", "s", (run.seconds for run in runs)),
        *(figure(f"{what}: {name}", "%", (share[name] for share in shares)) for name in shares[0]),
        figure(f"{what}: peak memory", "MB", (run.peak_rss / 2**20 for run in runs)),
        *_gain(with_jobs, what),
    ]


def phase_shares(outcome: Outcome) -> dict[str, float]:
    """Return percents of a run's seconds by phase; import lasts to the first mark."""
    names = [IMPORT_PHASE, *(phase.name for phase in outcome.phases)]
    begins = [0.0, *(phase.seconds for phase in outcome.phases)]
    ends = [*begins[1:], outcome.seconds]
    shares = dict.fromkeys(names, 0.0)
    for name, begin, end in zip(names, begins, ends, strict=True):
        shares[name] += 100 * (end - begin) / outcome.seconds
    return shares


def _gain(with_jobs: WithJobs, what: str) -> list[Figure]:
    """Compare runs per second in ``SLOTS`` slots and in one, with a processor for each."""
    processors = len(os.sched_getaffinity(0))
    if processors < SLOTS:
        say(f"  {what}: {SLOTS} slots are left out: {processors} usable processor")
        return []
    one, more = (_batch_seconds(with_jobs, what, jobs) for jobs in (1, SLOTS))
    return [figure(f"{what}: runs/s, {SLOTS} slots to 1", "ratio", [one / more], floor=GOAL_GAIN)]


def _batch_seconds(with_jobs: WithJobs, what: str, jobs: int) -> float:
    with with_jobs(jobs) as campaign, campaign.session() as session:
        trials = clean_trials(session.id, 1, BATCH - 1, 1)
        began = time.perf_counter()
        _run_trials(campaign, f"{what}, {jobs} at once", trials)
        return time.perf_counter() - began


def _run_trials(campaign: Campaign, what: str, trials: Sequence[Trial]) -> list[Outcome]:
    """Return the outcomes of clean runs, all of which must work, though they ran before."""
    outcomes = []
    with campaign.session() as session:
        settings = session.subject.settings
        limits = Limits(
            settings.trials.clean_timeout, settings.trials.clean_timeout, settings.trials.memory
        )
        again = [trial.id for trial in trials]
        for result in session.execute(trials, limits, repeat=again):
            outcome = result.outcome
            problem = clean_problem(settings.subject.metrics, outcome)
            if problem:
                raise SystemExit(f"{what}: the clean program does not work: {problem}")
            say(f"  {what}: {result.trial.kind} run, {outcome.seconds:.2f} s")
            outcomes.append(outcome)
    return outcomes
