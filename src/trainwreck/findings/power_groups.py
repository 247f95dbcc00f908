"""The power of checks by operator, phase, library and function of the bugs."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from trainwreck.findings.measured_checks import MeasuredCheck, Observations
from trainwreck.findings.power_cells import share_of
from trainwreck.model import APP, Judged, Table

MOST_GROUPS = 8
OTHERS = "others"


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
                share_of(
                    hit for hit, own in zip(check.found, members, strict=True) if column in own
                )
                for column in columns
            ),
        )
        for check in checks
    )
    note = "A line that runs in several phases counts in each." if kind == "phase" else ""
    title = f"The bugs that each check notices, by {kind}"
    return Table(f"power-{kind}", title, ("Check", *columns), rows, note)
