"""Runs the planned mutants, as many as asked for, from wherever the campaign stands."""

from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path

from trainwreck.campaign.baseline import clean_problem, limits_for
from trainwreck.campaign.early_decisions import EarlyEnds, find_out, not_settled_by, settled_ids
from trainwreck.campaign.endings import settle_endings
from trainwreck.campaign.execution import Progress, execute
from trainwreck.campaign.session import Session, remember
from trainwreck.errors import ControlError, UsageError
from trainwreck.model import APP, FIRST, Mutant, Rule, Trial, TrialKind, analysis_points, draws
from trainwreck.model.trials import mutant_trial, mutant_trials
from trainwreck.results.evidence import Evidence, clean_sample, read_decision, read_metrics
from trainwreck.results.judged_campaign import open_mutants
from trainwreck.run.launcher import TrialResult
from trainwreck.source import hash_of
from trainwreck.store.campaign_file import CampaignFile


def run_campaign(
    session: Session,
    file: CampaignFile,
    number: int | None,
    jobs: int,
    progress: Progress,
    rules: Collection[Rule] | None = None,
    exact: bool = False,
) -> int:
    """Run the first ``number`` planned mutants that have not run yet; returns how many ran.

    ``rules`` may settle a mutant without a run or end its run early, by default those of the
    settings; only what is proven for this program where ``exact``.

    Raises UsageError where the sources are no longer those that the mutants were made for, and
    ControlError where a clean program in between does not work any more.
    """
    remember(session, file)
    _check_sources(session, file)
    # No run is ended by `cut` any more, but what it settled in an older campaign stays settled.
    asked = [*(session.settings.trials.rules if rules is None else rules), Rule.CUT]
    mutants = [planned.mutant for planned in islice(file.mutants(), number)]
    ran, usable = 0, None
    while usable != _usable(file, asked, exact):
        # A new clean ending, seen on the way, may leave less that is proven.
        find_out(session, file, mutants, _usable(file, asked, exact), progress, jobs)
        usable = _usable(file, asked, exact)
        ran += _run_first(session, file, mutants, usable, jobs, progress)
        ran += settle_endings(session, file, mutants, jobs, progress)
    return ran + _run_more_seeds(session, file, mutants, jobs, progress)


def _run_first(
    session: Session,
    file: CampaignFile,
    mutants: Sequence[Mutant],
    rules: frozenset[Rule],
    jobs: int,
    progress: Progress,
) -> int:
    """Run each mutant once that these rules do not settle; returns how many runs."""
    again = not_settled_by(file, rules)
    trials = _left(session, file, mutants, rules, again)
    early = EarlyEnds(Evidence(file), rules)
    orders = {trial.id: early.instructions_of(trial) for trial in trials}
    progress.begin("mutants", len(trials))
    limits, ran = limits_for(session, file), 0
    for trial, finished in execute(
        session, file, trials, limits, jobs, progress, lambda trial: orders[trial.id], again
    ):
        ran += 1
        if trial.kind is TrialKind.CONTROL:
            _check_control(session, file, trial, finished)
    progress.end()
    return ran


def _run_more_seeds(
    session: Session, file: CampaignFile, mutants: Sequence[Mutant], jobs: int, progress: Progress
) -> int:
    """Run propagated mutants with further seeds while that may decide them; return how many ran."""
    trials, ran = session.settings.trials, 0
    if not read_decision(file).worthwhile(clean_sample(file), read_metrics(file)):
        return 0
    order = draws(trials.seeds, trials.folds)
    for look in analysis_points(trials.seeds, trials.folds):
        open_ = open_mutants(file)
        members = [mutant for mutant in mutants if mutant.id in open_]
        planned = [mutant_trial(session.subject_id, m, d) for d in order[1:look] for m in members]
        known = file.finished_ids()
        left = [trial for trial in planned if trial.id not in known]
        progress.begin(f"open mutants, up to {look} runs of each", len(left))
        for _ in execute(session, file, left, limits_for(session, file), jobs, progress):
            ran += 1
        progress.end()
    return ran


def _usable(file: CampaignFile, rules: Collection[Rule], exact: bool) -> frozenset[Rule]:
    """The rules, or those of them that prove something for this program."""
    ends = len(Evidence(file).clean[FIRST].determinism.digests)
    return frozenset(rule for rule in rules if not exact or rule.proven_where(ends))


def _left(
    session: Session,
    file: CampaignFile,
    mutants: Sequence[Mutant],
    rules: Collection[Rule],
    again: Collection[str],
) -> list[Trial]:
    """The trials that must be run: not made yet, and of no mutant that a rule settles."""
    known = file.finished_ids().difference(again)
    settled = settled_ids(file, mutants, rules)
    return [
        trial
        for trial in mutant_trials(session.subject_id, mutants)
        if trial.id not in known and (trial.mutant is None or trial.mutant.id not in settled)
    ]


def _check_control(
    session: Session, file: CampaignFile, trial: Trial, finished: TrialResult
) -> None:
    """A control must work as clean runs do; one that does not is forgotten and made again."""
    problem = clean_problem(session.settings.subject.metrics, finished.outcome)
    if problem:
        file.forget_runs(trial.kind, trial.id)
        raise ControlError(
            f"the clean program, run between the mutants, does not work any more: {problem}",
            "what changed since the baseline (memory, disk, data)? the same command goes on",
        )


def _check_sources(session: Session, file: CampaignFile) -> None:
    """Every planned file must still be the one that was listed."""
    bases = {**session.context.bases, APP: session.context.folder}
    mutants = (planned.mutant for planned in file.mutants())
    expected = {(mutant.root, mutant.file): mutant.source_sha for mutant in mutants}
    for (root, name), sha in expected.items():
        path: Path = bases[root] / name
        if not path.is_file() or hash_of(path.read_bytes()) != sha:
            raise UsageError(
                f"{path} has changed since the campaign began",
                "put it back, or start anew in another folder: trainwreck --campaign DIR …",
            )
