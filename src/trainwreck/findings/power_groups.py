"""The power of checks by operator, phase, library and function of the bugs."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from trainwreck.findings.measured_checks import MeasuredCheck, Observations
from trainwreck.findings.power_cells import noticed_cells, share_of
from trainwreck.model import APP, Judged, Table

MOST_GROUPS = 8
OTHERS = "others"
WITH_INTERVALS = ("impact", "library")
"""The kinds of groups that are few enough for intervals beside each number."""
NOTES = {
    "impact": "A mutant may have one impact in the metrics and one in time, and counts in both.",
    "phase": "A line that runs in several phases counts in each.",
}


def tables_by_group(seen: Observations, checks: Sequence[MeasuredCheck]) -> list[Table]:
    """Tabulate what each check notices by impact, operator, phase, library and function."""
    kinds: Sequence[tuple[str, Callable[[Judged], Iterable[str]]]] = (
        ("impact", lambda item: sorted(impact.value for impact in item.verdict.impact)),
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
    rows = []
    for check in checks:
        cells: list[object] = []
        for column in columns:
            found = [
                hit if column in own else None
                for hit, own in zip(check.found, members, strict=True)
            ]
            cells += noticed_cells(seen, found) if kind in WITH_INTERVALS else [share_of(found)]
        rows.append((check.name, *cells))
    title, name = f"The bugs that each check notices, by {kind}", f"power-{kind}"
    heads = columns
    groups: list[tuple[str, int]] = []
    if kind in WITH_INTERVALS:
        heads = ["Noticed", "Share"] * len(columns)
        groups = [("", 1), *((column, 2) for column in columns)]
    return Table(name, title, ("Check", *heads), tuple(rows), NOTES.get(kind, ""), tuple(groups))
