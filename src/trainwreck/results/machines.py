"""The kinds of machine behind the runs of a campaign."""

from collections import Counter
from collections.abc import Iterable

from trainwreck.model import Environment, MachineKind, Machines
from trainwreck.results.evidence import Evidence


def machines_behind(
    evidence: Evidence, environments: Iterable[tuple[Environment, int]]
) -> Machines | None:
    """Return the kinds of machine behind a campaign; None where its only one is not known."""
    names: dict[str, str] = {}
    runs: Counter[str] = Counter()
    for environment, number in environments:
        names.setdefault(environment.kind, environment.machine)
        runs[environment.kind] += number
    clean = Counter(
        evidence.kind_of(outcome.trial_id) for _, _, outcome in evidence.file.clean_outcomes()
    )
    kinds = tuple(MachineKind(name, runs[kind], clean[kind]) for kind, name in names.items())
    return Machines(kinds) if len(kinds) > 1 or any(names.values()) else None
