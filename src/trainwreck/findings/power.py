"""The power of checks: how many bugs that change the result each one would have noticed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    mean_over_seeds,
    tolerance_and_residual,
    work_counts,
)
from trainwreck.findings.fates import Fate, fate_of
from trainwreck.findings.tables import files_of, weights_of
from trainwreck.model import Gap, Judged, Missing, Share, Table
from trainwreck.stats.describe import mean_and_deviation, rate_not_excluded, wilson_interval
from trainwreck.stats.groups import Chance, share_interval, weighted_share

TOLERANCES = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2)
SEEDS = (1, 2, 3, 5, 8, 10)
GROUPS = (Fate.HURTS, Fate.MAY_HURT, Fate.HARMLESS)
LISTED = 20


@dataclass(frozen=True, slots=True)
class Observed:
    """A mutant that changes the result without an error, as checks would have seen it.

    ``first`` is its first run, ``finals`` are the final values of each metric over its seeds.
    """

    item: Judged
    first: Trajectory
    finals: Trajectory


@dataclass(frozen=True)
class Observations:
    """All that checks would have seen of one campaign.

    - ``mutants`` change the result; ``masked`` is the number of those that do not.
    - ``same_seed`` are the clean runs with the first seed; the first one is the golden run.
    - ``seeds`` has one clean run for each seed and fold.
    """

    name: str
    mutants: Sequence[Observed]
    same_seed: Sequence[Trajectory]
    seeds: Sequence[Trajectory]
    masked: int = 0
    metrics: tuple[str, ...] = field(default=())

    @cached_property
    def reference(self) -> Reference:
        """Return what a check of this campaign is compared with."""
        return Reference(self.same_seed[0], usual_of(self.seeds, self.metrics))

    @property
    def reports(self) -> int:
        """Return the number of reports of the golden run."""
        return max(map(len, self.reference.golden.values.values()), default=0)


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


def power_tables(seen: Observations) -> list[Table]:
    """Return all tables on the power of checks, those of one campaign."""
    checks = standard_checks(seen.reports)
    found = {
        check.name: [check.alarm(mutant.first, seen.reference) for mutant in seen.mutants]
        for check in checks
    }
    return [
        table_power(seen, checks, found),
        table_tolerance(seen),
        table_seeds(seen),
        table_cheapest(seen, checks, found),
        table_unnoticed(seen, found),
    ]


def table_power(
    seen: Observations, checks: Sequence[Comparison], found: Mapping[str, Sequence[bool]]
) -> Table:
    """Tabulate what each check notices, by the fate of the mutants, and its false alarms."""
    fates = [fate_of(mutant.item.verdict) for mutant in seen.mutants]
    rows = []
    for check in checks:
        hits = found[check.name]
        by_fate = [
            _share(hit for hit, fate in zip(hits, fates, strict=True) if fate is group)
            for group in GROUPS
        ]
        rows.append(
            (check.name, check.cost, *by_fate, *_noticed(seen, hits), *_alarms(check, seen))
        )
    columns = ("A check that …", "Trainings", *(group.value for group in GROUPS))
    columns += ("All", "Share of all", "False alarms", "Clean runs")
    note = (
        "Noticed: mutants that change the result without an error, with the first seed. Each of "
        f"the {seen.masked} masked ones ends as a clean run, so no check of values notices it. "
        "Crashes and hangs show without a check. False alarms: of checks with a golden run, over "
        "further clean runs with its seed; of the others, over clean runs with other seeds. In "
        "brackets: 95 % intervals, that of the share robust to files."
    )
    title = f"Checks of {seen.name}: the bugs that each would have noticed"
    return Table("power", title, columns, tuple(rows), note)


def table_tolerance(seen: Observations) -> Table:
    """Tabulate the share that a golden run notices against the tolerance."""
    makers: Sequence[Callable[[float], Comparison]] = (
        lambda tolerance: first_report(tolerance, seen.reports),
        every_report,
        last_report,
    )
    rows = []
    for tolerance in TOLERANCES:
        cells: list[object] = []
        for make in makers:
            check = make(tolerance)
            hits = [check.alarm(mutant.first, seen.reference) for mutant in seen.mutants]
            cells += [_share(hits), _alarms(check, seen)[0]]
        rows.append((f"{tolerance:g}", *cells))
    groups = (("", 1), ("First report", 2), ("Every report", 2), ("Last report", 2))
    columns = ("Tolerance", *("Noticed", "False alarms") * 3)
    title = "A golden run with the same seed, against its tolerance"
    return Table("power-tolerance", title, columns, tuple(rows), "", groups)


def table_seeds(seen: Observations) -> Table:
    """Tabulate the share that a mean over seeds notices, of mutants that ran as often."""
    rows = []
    for number in SEEDS:
        check = mean_over_seeds(number)
        members = [mutant for mutant in seen.mutants if _runs(mutant) >= number]
        hits = [check.alarm(mutant.finals, seen.reference) for mutant in members]
        rows.append((number, _share(hits), *_alarms(check, seen)))
    columns = ("Seeds", "Noticed", "False alarms", "Groups of clean runs")
    title = "A mean over seeds, outside two standard errors of clean runs"
    note = "Of mutants with as many normal runs; a campaign stops the runs of a decided mutant."
    return Table("power-seeds", title, columns, tuple(rows), note)


def table_cheapest(
    seen: Observations, checks: Sequence[Comparison], found: Mapping[str, Sequence[bool]]
) -> Table:
    """Tabulate what each check adds to those before it, the one with most bugs for its cost next.

    A greedy cover is at most ln(n) + 1 times as large as the smallest one (Chvátal, Mathematics of
    Operations Research 4, 1979). Checks with false alarms are left out.
    """
    quiet = [check for check in checks if not false_alarms(check, seen).count]
    left = set(range(len(seen.mutants)))
    total, rows = len(left), []
    while quiet:
        gains = [(len(_hits(found[check.name]) & left) / check.cost, check) for check in quiet]
        gain, best = max(gains, key=lambda pair: pair[0])
        if not gain:
            break
        added = _hits(found[best.name]) & left
        left -= added
        rows.append((best.name, best.cost, len(added), Share(total - len(left), total)))
        quiet.remove(best)
    columns = ("Check", "Trainings", "Adds", "Noticed so far")
    title = "The cheapest set of checks without a false alarm"
    return Table("power-set", title, columns, tuple(rows))


def table_unnoticed(seen: Observations, found: Mapping[str, Sequence[bool]]) -> Table:
    """List mutants that no check notices but one that asks for equal values; harmful ones first."""
    rows = []
    for index, mutant in enumerate(seen.mutants):
        names = [name for name, hits in found.items() if hits[index]]
        if len(names) <= 1:
            fate = fate_of(mutant.item.verdict)
            rows.append((GROUPS.index(fate) if fate in GROUPS else len(GROUPS), mutant, names))
    rows.sort(key=lambda row: row[0])
    cells = tuple(
        (
            mutant.item.mutant.id,
            mutant.item.mutant.name,
            fate_of(mutant.item.verdict).value,
            names[0] if names else Missing(Gap.NONE),
        )
        for _, mutant, names in rows[:LISTED]
    )
    columns = ("Mutant", "Change", "Fate", "Only noticed by")
    note = f"{len(rows)} in all; the first {LISTED} are listed." if len(rows) > LISTED else ""
    title = "Bugs that at most one of these checks notices"
    return Table("power-unnoticed", title, columns, cells, note)


def _hits(found: Sequence[bool]) -> set[int]:
    return {index for index, hit in enumerate(found) if hit}


def _runs(mutant: Observed) -> int:
    return min(map(len, mutant.finals.values.values()), default=0)


def _share(hits: Iterable[bool]) -> object:
    hits = list(hits)
    return Share(sum(hits), len(hits)) if hits else Missing(Gap.NO_MUTANT)


def _noticed(seen: Observations, hits: Sequence[bool]) -> tuple[object, object]:
    """Return the share of all mutants with its interval, robust to files."""
    items = [mutant.item for mutant in seen.mutants]
    if not items:
        return Missing(Gap.NO_MUTANT), Missing(Gap.NO_MUTANT)
    weights = weights_of(items)
    share = weighted_share(hits, weights)
    interval = share_interval(hits, files_of(items), weights=weights)
    return Share(sum(hits), len(hits)), Chance(share, *interval)


def _alarms(check: Comparison, seen: Observations) -> tuple[object, object]:
    """Return the rate of false alarms with its 95 % interval, and the number of clean runs."""
    alarms = false_alarms(check, seen)
    if not alarms.total:
        return Missing(Gap.TOO_FEW_RUNS), 0
    low, high = wilson_interval(alarms.count, alarms.total)
    if not alarms.count:
        low, high = 0.0, rate_not_excluded(alarms.total)
    return Chance(alarms.value, low, high), alarms.total
