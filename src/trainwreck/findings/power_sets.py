"""The bugs that checks notice together: the cheapest set, the bugs of one check alone, the rest."""

from collections.abc import Iterable, Sequence

from trainwreck.findings.fates import Fate, fate_of
from trainwreck.findings.measured_checks import MeasuredCheck, Observations
from trainwreck.model import Gap, Missing, Share, Table

GROUPS = (Fate.HURTS, Fate.MAY_HURT, Fate.HARMLESS)
LISTED = 20
SAW_MOST = 0.9
"""The share of the mutants that a check must have seen to be compared with others."""


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
