"""The times of the clean program, as its runs show it."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from trainwreck.model import IMPORT_PHASE, CleanTimes, Outcome


def times_of(outcomes: Iterable[Outcome]) -> CleanTimes | None:
    """Return the longest times of clean runs; None where there is no run."""
    whole, phases = 0.0, dict[str, float]()
    for outcome in outcomes:
        whole = max(whole, outcome.seconds)
        for name, seconds in _visits(outcome):
            phases[name] = max(phases.get(name, 0.0), seconds)
    return CleanTimes(whole, phases) if whole else None


def _visits(outcome: Outcome) -> Iterator[tuple[str, float]]:
    """Yield each phase with the seconds until the next one began, or the run ended."""
    begins = [(IMPORT_PHASE, 0.0), *((phase.name, phase.seconds) for phase in outcome.phases)]
    for (name, begin), (_, end) in pairwise([*begins, ("", outcome.seconds)]):
        yield name, max(0.0, end - begin)
