"""The power of checks: how many bugs that change the result each one would have noticed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from trainwreck.findings.comparisons import (
    Comparison,
    every_report,
    first_report,
    first_reports,
    last_report,
    mean_over_seeds,
)
from trainwreck.findings.fates import Fate, fate_of
from trainwreck.findings.measured_checks import (
    MeasuredCheck,
    Observations,
    Observed,
    false_alarms,
    measured_checks,
    standard_checks,
)
from trainwreck.findings.tables import files_of, weights_of
from trainwreck.model import APP, Gap, Judged, Missing, Remark, Share, Table, Uncompared
from trainwreck.stats.describe import exact_interval
from trainwreck.stats.groups import AtMost, Chance, share_interval, weighted_share

TOLERANCES = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2)
TOLERANCES_OVER_STEPS = (0.0, 1e-3, 0.01, 0.05)
STEPS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
SEEDS = (1, 2, 3, 5, 8, 10)
GROUPS = (Fate.HURTS, Fate.MAY_HURT, Fate.HARMLESS)
LISTED = 20
MOST_GROUPS = 8
SAW_MOST = 0.9
"""The share of the mutants that a check must have seen to be compared with others."""
OTHERS = "others"
ALL = "all"


def power_tables(seen: Observations) -> list[Table]:
    """Return all tables on the power of checks, those of one campaign."""
    checks = measured_checks(seen)
    return [
        table_power(seen, checks),
        *([table_own(seen)] if seen.own else []),
        *([table_verified(seen)] if seen.executed else []),
        table_tolerance(seen),
        table_steps(seen),
        table_seeds(seen),
        *tables_by_group(seen, checks),
        table_alone(seen, checks),
        table_cheapest(checks),
        table_unnoticed(seen, checks),
    ]


def table_power(seen: Observations, checks: Sequence[MeasuredCheck]) -> Table:
    """Tabulate what each check notices, by the fate of the mutants, and its false alarms."""
    fates = [fate_of(mutant.item.verdict) for mutant in seen.mutants]
    rows: list[tuple[object, ...]] = []
    has_kinds = len(seen.clean) > 1
    for check in checks:
        by_fate = [
            _share(hit for hit, fate in zip(check.found, fates, strict=True) if fate is group)
            for group in GROUPS
        ]
        cost = Missing(Gap.NOT_KNOWN) if check.cost is None else check.cost
        noticed = _noticed(seen, check.found)
        elsewhere = [_elsewhere(check)] if has_kinds else []
        rows.append((check.name, cost, *by_fate, *noticed, *_alarms(check.alarms), *elsewhere))
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
    title = f"Checks of {seen.name}: the bugs that each would have noticed"
    return Table("power", title, columns, tuple(rows), note, remarks=tuple(_remarks(seen)))


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
            check.masked if check.masked.total else Missing(Gap.NO_MUTANT),
            check.masked.total,
            *_alarms(check.alarms),
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


def table_verified(seen: Observations) -> Table:
    """Tabulate how many predictions agree with trainings that were made to verify them.

    A training that ended with an error, or reported nothing, is noticed by every check.
    """
    predicted = {(each.mutant.id, each.comparison): each.noticed for each in seen.predictions()}
    checks = {check.name: check for check in standard_checks(seen.reports)}
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
    rows = [(name, _share(noticed[name]), _share(hits)) for name, hits in agree.items()]
    together = [hit for hits in agree.values() for hit in hits]
    rows.append((ALL, _share(hit for hits in noticed.values() for hit in hits), _share(together)))
    note = f"Predictions of these mutants differ: {', '.join(apart[:LISTED])}." if apart else ""
    title = "Predictions from stored values, executed as trainings of their own"
    columns = ("Check", "Noticed in the execution", "As predicted")
    return Table("power-verified", title, columns, tuple(rows), note)


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
            cells += [_share(seen.alarms(check)), _alarms(false_alarms(check, seen))[0]]
        rows.append((f"{tolerance:g}", *cells))
    groups = (("", 1), ("First report", 2), ("Every report", 2), ("Last report", 2))
    columns = ("Tolerance", *("Noticed", "False alarms") * 3)
    title = "A golden run with the same seed, against its tolerance"
    return Table("power-tolerance", title, columns, tuple(rows), "", groups)


def table_steps(seen: Observations) -> Table:
    """Tabulate the share that a golden run notices against the number of reports it waits for."""
    numbers = sorted({*(number for number in STEPS if number < seen.reports), seen.reports})
    rows = []
    for number in numbers:
        checks = [first_reports(number, limit, seen.reports) for limit in TOLERANCES_OVER_STEPS]
        rows.append((number, *(_share(seen.alarms(check)) for check in checks)))
    columns = ("Reports", *(f"Tolerance {limit:g}" for limit in TOLERANCES_OVER_STEPS))
    title = "A golden run with the same seed, against the reports that it compares"
    return Table("power-steps", title, columns, tuple(rows))


def table_seeds(seen: Observations) -> Table:
    """Tabulate the share that a mean over seeds notices, of mutants that ran as often."""
    rows = []
    for number in SEEDS:
        check = mean_over_seeds(number)
        members = [mutant for mutant in seen.mutants if _runs(mutant) >= number]
        hits = [seen.alarm(check, mutant.finals, mutant.kind) for mutant in members]
        rows.append((number, _share(hits), *_alarms(false_alarms(check, seen))))
    columns = ("Seeds", "Noticed", "False alarms", "Groups of clean runs")
    title = "A mean over seeds, outside two standard errors of clean runs"
    note = "Of mutants with as many normal runs; a campaign stops the runs of a decided mutant."
    return Table("power-seeds", title, columns, tuple(rows), note)


def tables_by_group(seen: Observations, checks: Sequence[MeasuredCheck]) -> list[Table]:
    """Tabulate what each check notices by operator, phase, library and function."""
    kinds: Sequence[tuple[str, Callable[[Judged], Iterable[str]]]] = (
        ("operator", lambda item: [str(item.mutant.operator)]),
        ("phase", lambda item: item.phases),
        ("library", lambda item: ["the program" if item.mutant.root == APP else item.mutant.root]),
        ("function", lambda item: [item.mutant.function]),
    )
    return [_by_group(seen, checks, kind, names_of) for kind, names_of in kinds]


def _by_group(
    seen: Observations,
    checks: Sequence[MeasuredCheck],
    kind: str,
    names_of: Callable[[Judged], Iterable[str]],
) -> Table:
    """Tabulate what each check notices in the largest groups, and in the others together."""
    names = [list(names_of(mutant.item)) for mutant in seen.mutants]
    numbers = Counter(name for each in names for name in each)
    largest = sorted(numbers, key=lambda name: (-numbers[name], name))[:MOST_GROUPS]
    columns = [*largest, *([OTHERS] if len(numbers) > len(largest) else [])]
    members = [
        {name if name in largest else OTHERS for name in each} if each else set() for each in names
    ]
    rows = tuple(
        (
            check.name,
            *(
                _share(hit for hit, own in zip(check.found, members, strict=True) if column in own)
                for column in columns
            ),
        )
        for check in checks
    )
    note = "A line that runs in several phases counts in each." if kind == "phase" else ""
    title = f"The bugs that each check notices, by {kind}"
    return Table(f"power-{kind}", title, ("Check", *columns), rows, note)


def table_alone(seen: Observations, checks: Sequence[MeasuredCheck]) -> Table:
    """Tabulate the bugs that only one check notices."""
    alone: dict[str, list[str]] = {check.name: [] for check in checks}
    for index, mutant in enumerate(seen.mutants):
        names = [check.name for check in checks if check.found[index]]
        if len(names) == 1:
            alone[names[0]].append(mutant.item.mutant.id)
    rows = tuple((name, len(ids), tuple(ids)) for name, ids in alone.items())
    columns = ("Check", "Bugs that only it notices", "Mutants")
    return Table("power-alone", "Bugs that one check notices and no other", columns, rows)


def table_cheapest(checks: Sequence[MeasuredCheck]) -> Table:
    """Tabulate what each check adds to those before it, the one with most bugs for its cost next.

    A greedy cover is at most ln(n) + 1 times as large as the smallest one (Chvátal, Mathematics of
    Operations Research 4, 1979). Checks with false alarms are left out, and those that have not
    seen most of the mutants. Mutants count that all others have seen.
    """
    quiet = [check for check in checks if is_quiet(check)]
    everywhere = {
        index
        for index in range(len(checks[0].found) if checks else 0)
        if all(check.found[index] is not None for check in quiet)
    }
    total, rows, noticed = len(everywhere), [], 0
    for check, added in cheapest_set(quiet, everywhere):
        noticed += added
        rows.append((check.name, check.cost, added, Share(noticed, total)))
    columns = ("Check", "Trainings", "Adds", "Noticed so far")
    title = "The cheapest set of checks without a false alarm"
    return Table("power-set", title, columns, tuple(rows))


def is_quiet(check: MeasuredCheck) -> bool:
    """Return whether a check may be part of a set: no false alarm, a cost, most mutants seen."""
    saw_most = check.seen >= SAW_MOST * len(check.found)
    return bool(not check.alarms.count and check.cost and saw_most)


def cheapest_set(
    quiet: Sequence[MeasuredCheck], mutants: Iterable[int]
) -> list[tuple[MeasuredCheck, int]]:
    """Return the checks of a greedy cover of mutants, each with the number that it adds."""
    left, rest, chosen = set(mutants), list(quiet), []
    while rest:
        gains = {check.name: left.intersection(_numbers(check)) for check in rest}
        best = max(rest, key=lambda check: len(gains[check.name]) / (check.cost or 1.0))
        if not gains[best.name]:
            break
        left -= gains[best.name]
        rest.remove(best)
        chosen.append((best, len(gains[best.name])))
    return chosen


def table_unnoticed(seen: Observations, checks: Sequence[MeasuredCheck]) -> Table:
    """List mutants that no check notices but one that asks for equal values; harmful ones first."""
    rows = []
    for index, mutant in enumerate(seen.mutants):
        names = [check.name for check in checks if check.found[index]]
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


def _numbers(check: MeasuredCheck) -> set[int]:
    return {index for index, hit in enumerate(check.found) if hit}


def _runs(mutant: Observed) -> int:
    return min(map(len, mutant.finals.values.values()), default=0)


def _share(hits: Iterable[bool | None]) -> object:
    known = [hit for hit in hits if hit is not None]
    return Share(sum(known), len(known)) if known else Missing(Gap.NO_MUTANT)


def _noticed(seen: Observations, found: Sequence[bool | None]) -> tuple[object, object]:
    """Return the share of the mutants that a check saw with its interval, robust to files."""
    pairs = zip(seen.mutants, found, strict=True)
    known = [(mutant.item, hit) for mutant, hit in pairs if hit is not None]
    if not known:
        return Missing(Gap.TOO_FEW_RUNS), Missing(Gap.TOO_FEW_RUNS)
    items, hits = [item for item, _ in known], [hit for _, hit in known]
    weights = weights_of(items)
    share = weighted_share(hits, weights)
    interval = share_interval(hits, files_of(items), weights=weights)
    return Share(sum(hits), len(hits)), Chance(share, *interval)


def _elsewhere(check: MeasuredCheck) -> object:
    asked = check.elsewhere
    return asked if asked and asked.total else Missing(Gap.NOT_KNOWN)


def _alarms(alarms: Share) -> tuple[object, object]:
    """Return the rate of false alarms with its exact interval, and the number of clean runs."""
    if not alarms.total:
        return Missing(Gap.TOO_FEW_RUNS), 0
    low, high = exact_interval(alarms.count, alarms.total)
    rate = Chance(alarms.value, low, high) if alarms.count else AtMost(high)
    return rate, alarms.total
