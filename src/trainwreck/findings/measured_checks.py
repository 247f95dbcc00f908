"""Checks with what each of them noticed of a campaign, or would have noticed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from trainwreck.errors import UsageError
from trainwreck.findings.comparisons import (
    Comparison,
    Needs,
    Reference,
    Trajectory,
    Usual,
    every_report,
    final_value,
    first_report,
    first_value,
    last_report,
    tolerance_and_residual,
    work_counts,
)
from trainwreck.findings.own_checks import OwnCheck
from trainwreck.model import Judged, Machines, Mutant, Share
from trainwreck.stats.describe import mean_and_deviation

OWN = "check "
"""The first word of the name of a check of the user's own, as tables show it."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A mutant that changes the result without an error, as checks would have seen it.

    ``first`` is its first run, ``finals`` are the final values of each metric over its seeds.
    ``kind`` is the kind of machine that all of them ran on.
    """

    item: Judged
    first: Trajectory
    finals: Trajectory
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CleanTrajectories:
    """The clean runs on one kind of machine, as checks see them.

    ``same_seed`` are those with the first seed; the first one is the golden run. ``seeds`` has one
    run for each seed and fold.
    """

    same_seed: Sequence[Trajectory]
    seeds: Sequence[Trajectory]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer of a check on one mutant, by the stored run."""

    mutant: Mutant
    comparison: str
    noticed: bool


@dataclass(frozen=True, slots=True)
class Execution:
    """A training that was made to verify a prediction, as a check sees it; None where it failed.

    ``kind`` is the kind of machine that it ran on.
    """

    mutant_id: str
    comparison: str
    run: Trajectory | None
    kind: str = ""


@dataclass(frozen=True)
class Observations:
    """All that checks would have seen of one campaign.

    - ``mutants`` change the result; ``masked`` is the number of those that do not.
    - ``clean`` has the clean runs by kind of machine, first the kind that is asked for or that of
      the baseline. A run is compared with clean runs of its own kind alone.
    - ``own`` are checks of the user's own, which ran or watched.
    - ``executed`` are trainings that verify predictions of computed checks.
    - ``computed`` names the computed checks that count; None where all do.
    - ``machines`` names the kinds of machine; ``uncompared`` is the number of mutants that ran on a
      kind without a clean run.
    - ``seconds`` are the mean processor seconds of a clean run, 0 where none was measured, and
      ``shares`` the mean shares of its costs that are spent at each report.
    """

    name: str
    mutants: Sequence[Observed]
    clean: Mapping[str, CleanTrajectories]
    masked: int = 0
    metrics: tuple[str, ...] = field(default=())
    own: Sequence[OwnCheck] = ()
    executed: Sequence[Execution] = ()
    computed: frozenset[str] | None = None
    machines: Machines | None = None
    uncompared: int = 0
    seconds: float = 0.0
    shares: Sequence[float] = ()

    @cached_property
    def references(self) -> dict[str, Reference]:
        """Return what a check is compared with on each kind of machine."""
        return {
            kind: Reference(
                clean.same_seed[0],
                usual_of(clean.seeds, self.metrics),
                usual_of(clean.seeds, self.metrics, 0),
            )
            for kind, clean in self.clean.items()
        }

    @property
    def reference(self) -> Reference:
        """Return what a check is compared with on the first kind of machine."""
        return next(iter(self.references.values()))

    @property
    def seeds(self) -> Sequence[Trajectory]:
        """Return one clean run for each seed and fold, on the first kind of machine."""
        return next(iter(self.clean.values())).seeds

    @property
    def reports(self) -> int:
        """Return the number of reports of the golden run."""
        return max(map(len, self.reference.golden.values.values()), default=0)

    def cost(self, check: Comparison) -> float:
        """Return the share of a training that a check takes.

        One that ends at a report has started as a complete one does, which may be most of it.
        """
        report = round(check.cost * self.reports)
        is_part = check.cost < 1 and 0 < report <= len(self.shares)
        return round(self.shares[report - 1], 2) if is_part else check.cost

    def alarm(self, check: Comparison, run: Trajectory, kind: str) -> bool | None:
        """Return whether a run on a kind of machine raises an alarm.

        None where no clean run of this kind has what the check is compared with.
        """
        known = self.references.get(kind)
        if known is None or (check.needs is Needs.SEEDS and not known.usual):
            return None
        return check.alarm(run, known)

    def alarms(self, check: Comparison) -> list[bool | None]:
        """Return the answer of a check on each mutant, by its first run."""
        return [self.alarm(check, mutant.first, mutant.kind) for mutant in self.mutants]

    @property
    def comparisons(self) -> list[Comparison]:
        """Return the computed checks that count."""
        checks = standard_checks(self.reports)
        return [c for c in checks if self.computed is None or c.name in self.computed]

    def predictions(self) -> list[Prediction]:
        """Return what each computed check answers on each mutant, by its stored run."""
        return [
            Prediction(seen.item.mutant, check.name, noticed)
            for check in self.comparisons
            for seen, noticed in zip(self.mutants, self.alarms(check), strict=True)
            if noticed is not None
        ]


def usual_of(
    runs: Sequence[Trajectory], metrics: Iterable[str], report: int = -1
) -> dict[str, Usual]:
    """Return mean and deviation of the values in one report, by metric; of two values at least."""
    usual = {}
    for metric in metrics:
        values = [run.values[metric][report] for run in runs if run.values.get(metric)]
        if len(values) > 1:
            usual[metric] = Usual(*mean_and_deviation(values), len(values))
    return usual


def standard_checks(reports: int) -> list[Comparison]:
    """Return the checks that people write, for a program with ``reports``; cheap ones first."""
    return [
        first_report(0.0, reports),
        first_report(0.01, reports),
        first_value(2, reports),
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
    clean run, compared with the others. Both stay within a kind of machine.
    """
    alarms: list[bool] = []
    for kind, clean in seen.clean.items():
        known = seen.references[kind]
        if check.needs is Needs.GOLDEN:
            alarms += [check.alarm(run, known) for run in clean.same_seed[1:]]
        else:
            alarms += _alarms_of_seeds(check, clean.seeds, known, seen.metrics)
    return Share(sum(alarms), len(alarms))


def _alarms_of_seeds(
    check: Comparison, seeds: Sequence[Trajectory], known: Reference, metrics: Sequence[str]
) -> Iterable[bool]:
    """Yield the answer on each group of clean seeds, compared with all others."""
    size = max(1, round(check.cost))
    for start in range(0, len(seeds) - size + 1, size):
        usual = usual_of([*seeds[:start], *seeds[start + size :]], metrics, check.report)
        if usual:
            group = finals_of(seeds[start : start + size], metrics, check.report)
            yield check.alarm(group, replace(known, usual=usual, starts=usual))


def alarms_elsewhere(check: Comparison, seen: Observations) -> Share:
    """Return how many clean runs raise an alarm, compared with those of another kind of machine."""
    alarms = [
        answer
        for kind, clean in seen.clean.items()
        for run in (clean.same_seed if check.needs is Needs.GOLDEN else clean.seeds)
        for other in seen.clean
        if other != kind and (answer := seen.alarm(check, run, other)) is not None
    ]
    return Share(sum(alarms), len(alarms))


def finals_of(runs: Sequence[Trajectory], metrics: Iterable[str], report: int = -1) -> Trajectory:
    """Return the final values of several runs, or those of another report, as one trajectory."""
    values = {
        metric: [run.values[metric][report] for run in runs if run.values.get(metric)]
        for metric in metrics
    }
    return Trajectory(values, {})


@dataclass(frozen=True, slots=True)
class MeasuredCheck:
    """One check with what it noticed.

    ``cost`` is a share of a training, None where it is not known. ``found`` has an answer for each
    mutant of the campaign in their order; None for one that the check has not seen. ``elsewhere``
    are clean runs that raise an alarm when compared with another kind of machine; None of a check
    that was not asked so. ``refused`` says why its answers count for nothing; empty where they do.
    """

    name: str
    cost: float | None
    found: tuple[bool | None, ...]
    alarms: Share
    elsewhere: Share | None = None
    refused: str = ""

    @property
    def seen(self) -> int:
        """Return the number of mutants that the check has seen."""
        return sum(hit is not None for hit in self.found)


def chosen_of(seen: Observations, names: Sequence[str]) -> Observations:
    """Return what the named checks have seen, computed ones and the user's own; all without names.

    A check of the user's own is named as in the settings, or as the tables show it.

    Raises UsageError where a check is not known.
    """
    if not names:
        return seen
    computed = [check.name for check in standard_checks(seen.reports)]
    own = {OWN + check.name: check for check in seen.own}
    chosen = {name if name in computed or name in own else OWN + name for name in names}
    unknown = sorted(chosen.difference(computed, own))
    if unknown:
        known = ", ".join(f"`{name}`" for name in [*computed, *own])
        raise UsageError(
            f"there is no check `{unknown[0].removeprefix(OWN)}`; there is {known}",
            "Correct the name. A check of your own is there after `trainwreck run --check NAME`.",
        )
    return replace(
        seen,
        own=[check for name, check in own.items() if name in chosen],
        executed=[each for each in seen.executed if each.comparison in chosen],
        computed=frozenset(computed) & chosen,
    )


def measured_checks(seen: Observations) -> list[MeasuredCheck]:
    """Return the checks that are computed from stored values, then those of the user's own."""
    computed = [
        MeasuredCheck(
            check.name,
            seen.cost(check),
            tuple(seen.alarms(check)),
            false_alarms(check, seen),
            alarms_elsewhere(check, seen),
        )
        for check in seen.comparisons
    ]
    ids = [mutant.item.mutant.id for mutant in seen.mutants]
    own = [
        MeasuredCheck(
            OWN + check.name,
            check.cost,
            tuple(None if check.is_refused else check.noticed.get(mutant) for mutant in ids),
            check.alarms,
            refused=_refusal(check) if check.is_refused else "",
        )
        for check in seen.own
    ]
    return [*computed, *own]


def _refusal(check: OwnCheck) -> str:
    runs = f"an alarm in {check.alarms.count} of {check.alarms.total} clean runs"
    return runs if check.limit == 1 else f"{runs}, and its limit is {100 * check.limit:.0f} %"
