"""Curves of the power of checks: against their tolerance, against reports, against seeds."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from trainwreck.findings.comparisons import (
    Comparison,
    every_report,
    first_report,
    first_reports,
    last_report,
    mean_over_seeds,
    one_report,
)
from trainwreck.findings.measured_checks import Observations, Observed, false_alarms
from trainwreck.findings.power_cells import alarm_cells, noticed_cells
from trainwreck.model import Table

TOLERANCES = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2)
TOLERANCES_OVER_STEPS = (0.0, 1e-3, 0.01, 0.05)
STEPS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
DOUBLING = tuple(2**power for power in range(14))
SEEDS = (1, 2, 3, 5, 8, 10)
NOTICED = ("Noticed", "Share of all")
"""The columns of what a check notices: a number, and a share with its 95 % interval."""


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
            cells += noticed_cells(seen, seen.alarms(check))
            cells.append(alarm_cells(false_alarms(check, seen))[0])
        rows.append((f"{tolerance:g}", *cells))
    groups = (("", 1), ("First report", 3), ("Every report", 3), ("Last report", 3))
    columns = ("Tolerance", *(*NOTICED, "False alarms") * 3)
    title = "A golden run with the same seed, against its tolerance"
    return Table("power-tolerance", title, columns, tuple(rows), "", groups)


def table_steps(seen: Observations) -> Table:
    """Tabulate the share that a golden run notices against the number of reports it waits for."""
    title = "A golden run with the same seed, against the reports that it compares"
    return _over_reports("power-steps", title, "Reports", seen, first_reports, STEPS)


def table_report(seen: Observations) -> Table:
    """Tabulate the share that a golden run notices against the one report that it compares."""
    title = "A golden run with the same seed, against the one report that it compares"
    return _over_reports("power-report", title, "Report", seen, one_report, DOUBLING)


def _over_reports(
    name: str,
    title: str,
    head: str,
    seen: Observations,
    make: Callable[[int, float, int], Comparison],
    steps: Sequence[int],
) -> Table:
    """Tabulate what checks of a number of reports notice, by their tolerance."""
    numbers = sorted({*(number for number in steps if number < seen.reports), seen.reports})
    rows = []
    for number in numbers:
        cells: list[object] = []
        for limit in TOLERANCES_OVER_STEPS:
            cells += noticed_cells(seen, seen.alarms(make(number, limit, seen.reports)))
        rows.append((number, *cells))
    groups = (("", 1), *((f"Tolerance {limit:g}", 2) for limit in TOLERANCES_OVER_STEPS))
    columns = (head, *NOTICED * len(TOLERANCES_OVER_STEPS))
    return Table(name, title, columns, tuple(rows), "", groups)


def table_seeds(seen: Observations) -> Table:
    """Tabulate the share that a mean over seeds notices, of mutants that ran as often."""
    rows = []
    for number in SEEDS:
        check = mean_over_seeds(number)
        members = [mutant for mutant in seen.mutants if _runs(mutant) >= number]
        hits = [seen.alarm(check, mutant.finals, mutant.kind) for mutant in members]
        noticed = noticed_cells(replace(seen, mutants=members), hits)
        rows.append((number, *noticed, *alarm_cells(false_alarms(check, seen))))
    columns = ("Seeds", *NOTICED, "False alarms", "Groups of clean runs")
    title = "A mean over seeds, outside two standard errors of clean runs"
    note = "Of mutants with as many normal runs; a campaign stops the runs of a decided mutant."
    return Table("power-seeds", title, columns, tuple(rows), note)


def _runs(mutant: Observed) -> int:
    return min(map(len, mutant.finals.values.values()), default=0)
