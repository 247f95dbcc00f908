"""The power of checks: how many bugs that change the result each one would have noticed."""

from collections.abc import Iterator, Sequence

from trainwreck.findings.fates import fate_of
from trainwreck.findings.measured_checks import (
    MeasuredCheck,
    Observations,
    chosen_of,
    measured_checks,
)
from trainwreck.findings.own_checks import OwnCheck
from trainwreck.findings.power_cells import alarm_cells, noticed_cells, share_of
from trainwreck.findings.power_curves import (
    table_report,
    table_seeds,
    table_steps,
    table_tolerance,
)
from trainwreck.findings.power_groups import tables_by_group
from trainwreck.findings.power_sets import (
    GROUPS,
    LISTED,
    table_alone,
    table_cheapest,
    table_unnoticed,
)
from trainwreck.model import Gap, Missing, Remark, Table, Uncompared

ALL = "all"
HOUR = 3600
"""Seconds."""


def power_tables(
    seen: Observations, names: Sequence[str] = (), price: float | None = None
) -> list[Table]:
    """Return all tables on the power of checks, those of one campaign.

    Args:
        seen: What the checks would have seen.
        names: The checks that the tables are about, all where none is named. With names there are
            no curves, which are of other checks.
        price: What an hour of one processor costs, in any currency.

    Raises:
        UsageError: A check is not known.

    """
    seen = chosen_of(seen, names)
    checks = measured_checks(seen)
    usable = [check for check in checks if not check.refused]
    curves = (table_tolerance, table_steps, table_report, table_seeds)
    return [
        table_power(seen, checks),
        table_costs(seen, checks, price),
        *([table_own(seen)] if seen.own else []),
        *([table_circumstances(seen)] if any(check.otherwise for check in seen.own) else []),
        *([table_verified(seen)] if seen.executed else []),
        *([] if names else [table(seen) for table in curves]),
        *(_tables_of_sets(seen, usable) if usable else []),
    ]


def _tables_of_sets(seen: Observations, checks: Sequence[MeasuredCheck]) -> list[Table]:
    """Return the tables on groups of bugs, and on what checks notice together."""
    return [
        *tables_by_group(seen, checks),
        table_alone(seen, checks),
        table_cheapest(checks),
        table_unnoticed(seen, checks),
    ]


def table_power(seen: Observations, checks: Sequence[MeasuredCheck]) -> Table:
    """Tabulate what each check notices, by the fate of the mutants, and its false alarms."""
    fates = [fate_of(mutant.item.verdict) for mutant in seen.mutants]
    rows: list[tuple[object, ...]] = []
    refused = Missing(Gap.REFUSED)
    has_kinds = len(seen.clean) > 1
    for check in checks:
        by_fate = [
            share_of(hit for hit, fate in zip(check.found, fates, strict=True) if fate is group)
            for group in GROUPS
        ]
        cost = Missing(Gap.NOT_KNOWN) if check.cost is None else check.cost
        noticed = noticed_cells(seen, check.found)
        if check.refused:
            by_fate, noticed = [refused] * len(GROUPS), (refused, refused)
        elsewhere = [_elsewhere(check)] if has_kinds else []
        rows.append((check.name, cost, *by_fate, *noticed, *alarm_cells(check.alarms), *elsewhere))
    columns = ("A check that …", "Trainings", *(group.value for group in GROUPS))
    columns += ("All", "Share of all", "False alarms", "Clean runs")
    columns += ("On another kind",) if has_kinds else ()
    note = (
        "Noticed: mutants that change the result without an error, with the first seed. Each of "
        f"the {seen.masked} masked ones ends as a clean run, so no check of values notices it. "
        "Crashes and hangs show without a check. False alarms: of checks with a golden run, over "
        "further clean runs with its seed; of the others, over clean runs with other seeds. In "
        "brackets: 95 % intervals, that of the share robust to files, that of false alarms exact."
    )
    if has_kinds:
        note += (
            " On another kind: clean runs that raise an alarm when they are compared with those of "
            "another kind of machine."
        )
    for check in checks:
        note += f" {check.name} is refused: {check.refused}." if check.refused else ""
    title = f"Checks of {seen.name}: the bugs that each would have noticed"
    return Table("power", title, columns, tuple(rows), note, remarks=tuple(_remarks(seen)))


def table_costs(
    seen: Observations, checks: Sequence[MeasuredCheck], price: float | None = None
) -> Table:
    """Tabulate what each run of a check takes: trainings, processor time and, by a price, money.

    Args:
        seen: What the checks would have seen.
        checks: The checks.
        price: What an hour of one processor costs; None where it is not known.

    """
    unknown = Missing(Gap.NOT_KNOWN)
    rows: list[tuple[object, ...]] = []
    for check in checks:
        spent = check.cost * seen.seconds if check.cost is not None and seen.seconds else None
        paid = [] if price is None else [unknown if spent is None else 1000 * spent / HOUR * price]
        trainings = unknown if check.cost is None else check.cost
        rows.append((check.name, trainings, unknown if spent is None else spent, *paid))
    columns = (
        "Check",
        "Trainings",
        "Processor s",
        *(["Price of 1,000"] if price is not None else []),
    )
    note = (
        f"Of each run of a check, where a training takes {seen.seconds:.3g} s of processor. The "
        "golden run, and clean runs with other seeds, are made once and kept."
    )
    if price is not None:
        note += f" Price: at {price:g} for an hour of one processor."
    return Table("power-costs", "What each run of a check costs", columns, tuple(rows), note)


def _remarks(seen: Observations) -> Iterator[Remark]:
    """Yield the kinds of machine, and how many mutants none of them can be compared on."""
    if seen.machines:
        yield seen.machines
    if seen.uncompared:
        yield Uncompared(seen.uncompared)


def table_own(seen: Observations) -> Table:
    """Tabulate what else is known of the user's own checks: masked mutants, reach and times."""
    unknown = Missing(Gap.NOT_KNOWN)
    rows = tuple(
        (
            check.name,
            unknown if check.reached is None else check.reached,
            _masked(check),
            check.masked.total,
            *alarm_cells(check.alarms),
            check.seeds,
            unknown if check.seconds is None else check.seconds,
        )
        for check in seen.own
    )
    known = ("Check", "Bugs executed", "Masked noticed", "Masked run")
    columns = (*known, "False alarms", "Clean runs", "Seeds", "Seconds")
    of_masked = max(check.of_masked for check in seen.own)
    note = (
        "Bugs executed: of those that change the result, the bugs whose line the check ran. Masked "
        f"run: a sample of the {of_masked} mutants that end as a clean run. False alarms: over "
        "clean runs of the check itself, in brackets: the exact 95 % interval. "
        "Seconds: processor time of one run."
    )
    return Table("power-own", "Checks of your own", columns, rows, note)


def table_circumstances(seen: Observations) -> Table:
    """Tabulate the false alarms of checks with a fixed seed, also with other threads and load."""
    rows = [
        (check.name, how, *alarm_cells(alarms))
        for check in seen.own
        if check.otherwise
        for how, alarms in (("as with each bug", check.alarms), *check.otherwise.items())
    ]
    note = (
        "Runs with one seed are alike, so they show no alarm that other threads or a busy machine "
        "would raise. Only those as with each bug count against the limit of a check."
    )
    title = "Checks with a fixed seed, on the clean program in several circumstances"
    columns = ("Check", "Clean runs that are made …", "False alarms", "Clean runs")
    return Table("power-circumstances", title, columns, tuple(rows), note)


def _masked(check: OwnCheck) -> object:
    if check.is_refused:
        return Missing(Gap.REFUSED)
    return check.masked if check.masked.total else Missing(Gap.NO_MUTANT)


def table_verified(seen: Observations) -> Table:
    """Tabulate how many predictions agree with trainings that were made to verify them.

    A training that ended with an error, or reported nothing, is noticed by every check.
    """
    predicted = {(each.mutant.id, each.comparison): each.noticed for each in seen.predictions()}
    checks = {check.name: check for check in seen.comparisons}
    agree: dict[str, list[bool]] = {}
    noticed: dict[str, list[bool]] = {}
    apart: list[str] = []
    for each in seen.executed:
        expected = predicted.get((each.mutant_id, each.comparison))
        if expected is None:
            continue
        check = checks[each.comparison]
        answer = True if each.run is None else seen.alarm(check, each.run, each.kind)
        if answer is None:
            continue
        was_noticed = answer
        agree.setdefault(each.comparison, []).append(was_noticed == expected)
        noticed.setdefault(each.comparison, []).append(was_noticed)
        apart += [] if was_noticed == expected else [each.mutant_id]
    rows = [(name, share_of(noticed[name]), share_of(hits)) for name, hits in agree.items()]
    together = [hit for hits in agree.values() for hit in hits]
    rows.append(
        (ALL, share_of(hit for hits in noticed.values() for hit in hits), share_of(together))
    )
    note = f"Predictions of these mutants differ: {', '.join(apart[:LISTED])}." if apart else ""
    title = "Predictions from stored values, executed as trainings of their own"
    columns = ("Check", "Noticed in the execution", "As predicted")
    return Table("power-verified", title, columns, tuple(rows), note)


def _elsewhere(check: MeasuredCheck) -> object:
    asked = check.elsewhere
    return asked if asked and asked.total else Missing(Gap.NOT_KNOWN)
