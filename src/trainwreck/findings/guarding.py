"""The checks of a guard: which ones, and what they were measured to notice."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from trainwreck.findings.comparisons import Comparison, Trajectory, Usual
from trainwreck.findings.measured_checks import (
    CleanTrajectories,
    MeasuredCheck,
    Observations,
    measured_checks,
    standard_checks,
)
from trainwreck.findings.power_sets import cheapest_set
from trainwreck.findings.tables import files_of, weights_of
from trainwreck.model import Share
from trainwreck.stats.groups import Chance, share_interval, weighted_share


@dataclass(frozen=True, slots=True)
class GuardCheck:
    """One check of a guard: what it compares, and what it was measured to notice."""

    comparison: Comparison
    noticed: Share
    alarms: Share


@dataclass(frozen=True, slots=True)
class Guard:
    """Everything that a guard file says.

    ``noticed`` and ``chance`` are what its checks notice together, ``bugs`` the ids of the mutants,
    ``files`` the number of files that all measured mutants lie in.
    ``folder`` is the program's, from that of the file. ``golden`` has the values of a clean run as
    printed, ``usual`` the final values over clean seeds. ``patterns`` has the pattern and the
    stream of each metric. ``machine`` is the kind of machine that all of it was measured on, and
    ``versions`` are those of packages there. ``left_out`` names the metrics that it cannot read.
    """

    subject: str
    checks: tuple[GuardCheck, ...]
    noticed: Share
    chance: Chance
    bugs: tuple[str, ...]
    files: int
    command: tuple[str, ...]
    folder: str
    env: Mapping[str, str]
    golden: Mapping[str, Sequence[str]]
    usual: Mapping[str, Usual]
    patterns: Mapping[str, tuple[str, str]]
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    seconds: float
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The checks that a guard has, and what they notice together."""

    checks: tuple[GuardCheck, ...]
    noticed: Share
    chance: Chance
    bugs: tuple[str, ...]
    files: int


def only_metrics(seen: Observations, names: Collection[str]) -> Observations:
    """Return what checks would have seen if these were all metrics."""

    def part(run: Trajectory) -> Trajectory:
        return replace(run, values={n: v for n, v in run.values.items() if n in names})

    return replace(
        seen,
        mutants=[replace(m, first=part(m.first), finals=part(m.finals)) for m in seen.mutants],
        clean={
            kind: CleanTrajectories(
                [part(run) for run in clean.same_seed], [part(run) for run in clean.seeds]
            )
            for kind, clean in seen.clean.items()
        },
        metrics=tuple(name for name in seen.metrics if name in names),
    )


def guardable(seen: Observations) -> dict[str, tuple[Comparison, MeasuredCheck]]:
    """Return the checks that a file can make, without false alarms in the clean runs, by name."""
    measured = {check.name: check for check in measured_checks(seen)}
    return {
        comparison.name: (comparison, measured[comparison.name])
        for comparison in standard_checks(seen.reports)
        if comparison.form and _is_quiet(measured[comparison.name])
    }


def _is_quiet(check: MeasuredCheck) -> bool:
    return bool(check.alarms.total and not check.alarms.count)


def choose_guards(seen: Observations, names: Sequence[str]) -> Chosen:
    """Choose checks of one training: those with these names, or a greedy cover of what is noticed.

    Nothing is chosen where no check without a false alarm notices a bug.
    """
    usable = guardable(seen)
    # All of them share the one training of the guard.
    alike = [replace(measured, cost=1.0) for _, measured in usable.values()]
    chosen = [measured.name for measured, _ in cheapest_set(alike, range(len(seen.mutants)))]
    chosen = list(names) or chosen
    found = [usable[name][1].found for name in chosen]
    hits = [any(each[index] for each in found) for index in range(len(seen.mutants))]
    items = [mutant.item for mutant in seen.mutants]
    weights = weights_of(items)
    chance = Chance(
        weighted_share(hits, weights), *share_interval(hits, files_of(items), weights=weights)
    )
    checks = tuple(
        GuardCheck(
            usable[name][0],
            Share(sum(map(bool, usable[name][1].found)), len(hits)),
            usable[name][1].alarms,
        )
        for name in chosen
    )
    bugs = tuple(item.mutant.id for item, hit in zip(items, hits, strict=True) if hit)
    files = len(set(files_of(items)))
    return Chosen(checks, Share(sum(hits), len(hits)), chance, bugs, files)
