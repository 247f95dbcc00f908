"""Checks with what each of them noticed of a campaign, or would have noticed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from trainwreck.findings.comparisons import (
    Comparison,
    Needs,
    Reference,
    Trajectory,
    Usual,
    every_report,
    final_value,
    first_report,
    last_report,
    tolerance_and_residual,
    work_counts,
)
from trainwreck.findings.own_checks import OwnCheck
from trainwreck.model import Judged, Mutant, Share
from trainwreck.stats.describe import mean_and_deviation


@dataclass(frozen=True, slots=True)
class Observed:
    """A mutant that changes the result without an error, as checks would have seen it.

    ``first`` is its first run, ``finals`` are the final values of each metric over its seeds.
    """

    item: Judged
    first: Trajectory
    finals: Trajectory


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer of a check on one mutant, by the stored run."""

    mutant: Mutant
    comparison: str
    noticed: bool


@dataclass(frozen=True, slots=True)
class Execution:
    """A training that was made to verify a prediction, as a check sees it; None where it failed."""

    mutant_id: str
    comparison: str
    run: Trajectory | None


@dataclass(frozen=True)
class Observations:
    """All that checks would have seen of one campaign.

    - ``mutants`` change the result; ``masked`` is the number of those that do not.
    - ``same_seed`` are the clean runs with the first seed; the first one is the golden run.
    - ``seeds`` has one clean run for each seed and fold.
    - ``own`` are checks of the user's own, which ran or watched.
    - ``executed`` are trainings that verify predictions of computed checks.
    """

    name: str
    mutants: Sequence[Observed]
    same_seed: Sequence[Trajectory]
    seeds: Sequence[Trajectory]
    masked: int = 0
    metrics: tuple[str, ...] = field(default=())
    own: Sequence[OwnCheck] = ()
    executed: Sequence[Execution] = ()

    @cached_property
    def reference(self) -> Reference:
        """Return what a check of this campaign is compared with."""
        return Reference(self.same_seed[0], usual_of(self.seeds, self.metrics))

    @property
    def reports(self) -> int:
        """Return the number of reports of the golden run."""
        return max(map(len, self.reference.golden.values.values()), default=0)

    def predictions(self) -> list[Prediction]:
        """Return what each computed check answers on each mutant, by its stored run."""
        return [
            Prediction(seen.item.mutant, check.name, check.alarm(seen.first, self.reference))
            for check in standard_checks(self.reports)
            for seen in self.mutants
        ]


def usual_of(runs: Sequence[Trajectory], metrics: Iterable[str]) -> dict[str, Usual]:
    """Return mean and deviation of the final values of each metric; of two values at least."""
    usual = {}
    for metric in metrics:
        values = [run.values[metric][-1] for run in runs if run.values.get(metric)]
        if len(values) > 1:
            usual[metric] = Usual(*mean_and_deviation(values), len(values))
    return usual


def standard_checks(reports: int) -> list[Comparison]:
    """Return the checks that people write, for a program with ``reports``; cheap ones first."""
    return [
        first_report(0.0, reports),
        first_report(0.01, reports),
        work_counts(),
        every_report(0.0),
        tolerance_and_residual(1e-3, 1e-5),
        every_report(1e-3),
        every_report(0.01),
        every_report(0.05),
        last_report(0.01),
        final_value(2),
        final_value(3),
    ]


def false_alarms(check: Comparison, seen: Observations) -> Share:
    """Return how many clean runs raise an alarm, of those that the check would meet.

    A check with a golden run meets further runs with its seed. One with several seeds meets each
    clean run, compared with the others.
    """
    if check.needs is Needs.GOLDEN:
        others = seen.same_seed[1:]
        return Share(sum(check.alarm(run, seen.reference) for run in others), len(others))
    alarms, total = 0, 0
    size = max(1, round(check.cost))
    for start in range(0, len(seen.seeds) - size + 1, size):
        rest = [*seen.seeds[:start], *seen.seeds[start + size :]]
        usual = usual_of(rest, seen.metrics)
        if usual:
            known = replace(seen.reference, usual=usual)
            alarms += check.alarm(finals_of(seen.seeds[start : start + size], seen.metrics), known)
            total += 1
    return Share(alarms, total)


def finals_of(runs: Sequence[Trajectory], metrics: Iterable[str]) -> Trajectory:
    """Return the final values of several runs as one trajectory, a value for each run."""
    values = {
        metric: [run.values[metric][-1] for run in runs if run.values.get(metric)]
        for metric in metrics
    }
    return Trajectory(values, {})


@dataclass(frozen=True, slots=True)
class MeasuredCheck:
    """One check with what it noticed.

    ``cost`` is a share of a training, None where it is not known. ``found`` has an answer for each
    mutant of the campaign in their order; None for one that the check has not seen.
    """

    name: str
    cost: float | None
    found: tuple[bool | None, ...]
    alarms: Share

    @property
    def seen(self) -> int:
        """Return the number of mutants that the check has seen."""
        return sum(hit is not None for hit in self.found)


def measured_checks(seen: Observations) -> list[MeasuredCheck]:
    """Return the checks that are computed from stored values, then those of the user's own."""
    computed = [
        MeasuredCheck(
            check.name,
            check.cost,
            tuple(check.alarm(mutant.first, seen.reference) for mutant in seen.mutants),
            false_alarms(check, seen),
        )
        for check in standard_checks(seen.reports)
    ]
    ids = [mutant.item.mutant.id for mutant in seen.mutants]
    own = [
        MeasuredCheck(
            f"check {check.name}",
            check.cost,
            tuple(check.noticed.get(mutant_id) for mutant_id in ids),
            check.alarms,
        )
        for check in seen.own
    ]
    return [*computed, *own]
