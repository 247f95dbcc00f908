"""Reads what checks would have seen of a campaign, from every value that its runs reported."""

from collections.abc import Container, Iterable
from statistics import fmean
from typing import NoReturn

from trainwreck.errors import UsageError
from trainwreck.findings.comparisons import Trajectory
from trainwreck.findings.measured_checks import (
    CleanTrajectories,
    Execution,
    Observations,
    Observed,
    finals_of,
)
from trainwreck.model import FIRST, Draw, Judged, Outcome, Rung, Selection, TrialKind
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_mutants
from trainwreck.results.machines import machines_behind
from trainwreck.results.own_checks import read_own_checks
from trainwreck.results.source import ResultSource
from trainwreck.store.campaign_file import CampaignFile

VERIFIES = "verifies"
"""The observation that names the comparison which a training was made to verify."""


def read_observations(
    source: ResultSource, selection: Selection = Selection.SAMPLE, kind: str = ""
) -> Observations:
    """Return the clean runs of a campaign, and the first runs of mutants that change the result.

    The mutants are those of the sample, or the chosen ones, such as bugs of the user's own. Clean
    runs on the kind of machine ``kind`` come first, without it those of the baseline.

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
    clean = _clean(evidence, kind)
    observed = [mutant for item in judged if (mutant := _observed(evidence, item))]
    mutants = [mutant for mutant in observed if mutant.kind in clean]
    uncompared = _uncompared(evidence, judged, clean)
    if not mutants:
        _refuse(uncompared)
    masked = [item.mutant.id for item in judged if item.verdict.rung is Rung.MASKED]
    ids = [mutant.item.mutant.id for mutant in mutants]
    seconds = _training_seconds(file)
    return Observations(
        name=source.name,
        mutants=mutants,
        clean=clean,
        masked=len(masked),
        metrics=evidence.metric_names,
        executed=_executed(evidence),
        own=read_own_checks(file, ids, masked, seconds, evidence.kind_of),
        machines=machines_behind(evidence, file.environments()),
        uncompared=uncompared,
        seconds=seconds,
        shares=_shares(file),
    )


def _uncompared(evidence: Evidence, judged: Iterable[Judged], kinds: Container[str]) -> int:
    """Return how many mutants may change the result, and ran on a kind without a clean run."""
    ran_on = (
        evidence.kind_of_first(item.mutant.id)
        for item in judged
        if item.verdict.rung in (None, Rung.PROPAGATED)
    )
    return sum(kind != "" and kind not in kinds for kind in ran_on)


def _refuse(uncompared: int) -> NoReturn:
    """Raise UsageError, as no mutant can be compared; ``uncompared`` ran where no clean run did."""
    if uncompared:
        mutants = "one mutant" if uncompared == 1 else f"{uncompared} mutants"
        raise UsageError(
            f"{mutants} ran on a kind of machine without clean runs, and no other one changes the "
            "result without an error",
            "Run `trainwreck baseline` on such a machine.",
        )
    raise UsageError(
        "no mutant of the campaign changes the result without an error",
        "Run more mutants with `trainwreck run`.",
    )


def trajectory_of(outcome: Outcome) -> Trajectory:
    """Return a run as a check sees it."""
    values = {name: [float(value) for value in steps] for name, steps in outcome.steps.items()}
    return Trajectory(values, outcome.work)


def _observed(evidence: Evidence, item: Judged) -> Observed | None:
    """Return the runs of a mutant on the kind of machine of the first; None of no use to checks."""
    if item.verdict.rung is not Rung.PROPAGATED:
        return None
    kind = evidence.kind_of_first(item.mutant.id)
    runs = {
        draw: trajectory_of(run)
        for draw, run in evidence.file.outcomes_of(item.mutant.id)
        if run.exit.fine and evidence.kind_of(run.trial_id) == kind
    }
    if FIRST not in runs:
        return None
    finals = finals_of([run for _, run in sorted(runs.items())], evidence.metric_names)
    return Observed(item, runs[FIRST], finals, kind)


def _clean(evidence: Evidence, first: str) -> dict[str, CleanTrajectories]:
    """Return the clean runs by kind of machine, ``first`` before the others.

    A kind without a run with the first seed has no golden run, and is left out.
    """
    kinds = (TrialKind.CLEAN, TrialKind.CONTROL)
    same_seed: dict[str, list[Trajectory]] = {}
    seeds: dict[str, dict[Draw, Trajectory]] = {}
    for _, _, run in evidence.file.outcomes(*kinds, draw=FIRST):
        if run.exit.fine:
            same_seed.setdefault(evidence.kind_of(run.trial_id), []).append(trajectory_of(run))
    for draw, _, run in evidence.file.outcomes(TrialKind.CLEAN):
        if run.exit.fine:
            own = seeds.setdefault(evidence.kind_of(run.trial_id), {})
            own.setdefault(draw, trajectory_of(run))
    return {
        kind: CleanTrajectories(
            same_seed[kind], [run for _, run in sorted(seeds.get(kind, {}).items())]
        )
        for kind in sorted(same_seed, key=lambda kind: kind != first)
    }


def _training_seconds(file: CampaignFile) -> float:
    """Return the mean processor seconds of a clean run; 0 where none was measured."""
    seconds = [run.cpu_seconds for _, _, run in file.outcomes(TrialKind.CLEAN) if run.exit.fine]
    return sum(seconds) / len(seconds) if seconds else 0.0


def _shares(file: CampaignFile) -> list[float]:
    """Return the mean share of a clean run's costs at each report, of runs with as many reports."""
    runs = [run.shares for _, _, run in file.outcomes(TrialKind.CLEAN, draw=FIRST) if run.exit.fine]
    reports = max(map(len, runs), default=0)
    whole = [shares for shares in runs if len(shares) == reports]
    return [fmean(at_report) for at_report in zip(*whole, strict=True)]


def _executed(evidence: Evidence) -> list[Execution]:
    """Return the trainings that were made to verify predictions, of those that prove something."""
    names = evidence.file.observations(VERIFIES)
    if not names:
        return []
    return [
        Execution(
            mutant_id or "",
            str(names[run.trial_id]),
            trajectory_of(run) if run.exit.fine else None,
            evidence.kind_of(run.trial_id),
        )
        for _, mutant_id, run in evidence.file.outcomes(TrialKind.CHECK)
        if run.trial_id in names and run.exit.proves
    ]
