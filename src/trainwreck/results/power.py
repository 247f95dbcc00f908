"""Reads what checks would have seen of a campaign, from every value that its runs reported."""

from collections.abc import Sequence

from trainwreck.errors import UsageError
from trainwreck.findings.comparisons import Trajectory
from trainwreck.findings.measured_checks import Execution, Observations, Observed, finals_of
from trainwreck.model import FIRST, Draw, Outcome, Rung, Selection, TrialKind
from trainwreck.results.judged_campaign import judge_mutants
from trainwreck.results.own_checks import read_own_checks
from trainwreck.results.source import ResultSource
from trainwreck.store.campaign_file import CampaignFile

VERIFIES = "verifies"
"""The observation that names the comparison which a training was made to verify."""


def read_observations(
    source: ResultSource, selection: Selection = Selection.SAMPLE
) -> Observations:
    """Return the clean runs of a campaign, and the first runs of mutants that change the result.

    The mutants are those of the sample, or the chosen ones, such as bugs of the user's own.

    Raises UsageError where there is nothing to learn from: no values step by step, no clean run, or
    no mutant that changes the result.
    """
    source.check_readable()
    file, evidence = source.file, source.evidence
    if file.has_records():
        raise UsageError(
            "records of another tool hold no values step by step",
            "Ask about a campaign that trainwreck ran, or about an export of it.",
        )
    judged = judge_mutants(evidence, selection).judged
    metrics = evidence.metric_names
    mutants = []
    for item in judged:
        if item.verdict.rung is Rung.PROPAGATED:
            runs = {draw: run for draw, run in file.outcomes_of(item.mutant.id) if run.exit.fine}
            if FIRST in runs:
                finals = [trajectory_of(run) for _, run in sorted(runs.items())]
                first = trajectory_of(runs[FIRST])
                mutants.append(Observed(item, first, finals_of(finals, metrics)))
    if not mutants:
        raise UsageError(
            "no mutant of the campaign changes the result without an error",
            "Run more mutants with `trainwreck run`.",
        )
    masked = [item.mutant.id for item in judged if item.verdict.rung is Rung.MASKED]
    ids = [mutant.item.mutant.id for mutant in mutants]
    return Observations(
        name=source.name,
        mutants=mutants,
        same_seed=_same_seed(file),
        seeds=_seeds(file),
        masked=len(masked),
        metrics=metrics,
        executed=_executed(file),
        own=read_own_checks(file, ids, masked, _training_seconds(file)),
    )


def trajectory_of(outcome: Outcome) -> Trajectory:
    """Return a run as a check sees it."""
    values = {name: [float(value) for value in steps] for name, steps in outcome.steps.items()}
    return Trajectory(values, outcome.work)


def _same_seed(file: CampaignFile) -> Sequence[Trajectory]:
    """Return the clean runs and controls with the first seed, the golden run first."""
    kinds = (TrialKind.CLEAN, TrialKind.CONTROL)
    return [trajectory_of(run) for _, _, run in file.outcomes(*kinds, draw=FIRST) if run.exit.fine]


def _seeds(file: CampaignFile) -> Sequence[Trajectory]:
    """Return one clean run for each seed and fold."""
    first: dict[Draw, Outcome] = {}
    for draw, _, run in file.outcomes(TrialKind.CLEAN):
        if run.exit.fine:
            first.setdefault(draw, run)
    return [trajectory_of(run) for _, run in sorted(first.items())]


def _training_seconds(file: CampaignFile) -> float:
    """Return the mean processor seconds of a clean run; 0 where none was measured."""
    seconds = [run.cpu_seconds for _, _, run in file.outcomes(TrialKind.CLEAN) if run.exit.fine]
    return sum(seconds) / len(seconds) if seconds else 0.0


def _executed(file: CampaignFile) -> list[Execution]:
    """Return the trainings that were made to verify predictions, of those that prove something."""
    names = file.observations(VERIFIES)
    if not names:
        return []
    return [
        Execution(
            mutant_id or "",
            str(names[run.trial_id]),
            trajectory_of(run) if run.exit.fine else None,
        )
        for _, mutant_id, run in file.outcomes(TrialKind.CHECK)
        if run.trial_id in names and run.exit.proves
    ]
