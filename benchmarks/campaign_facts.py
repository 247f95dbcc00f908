"""Reads from a campaign what a comparison of ways to run it needs, as plain values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from trainwreck import Campaign
from trainwreck.model import FIRST, Impact, Judged, Outcome, Rung, Symptom, TrialKind
from trainwreck.model.start import STARTED, is_warm, prefix_cpu
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_all

LEARNING = "learning"
TIMED = frozenset([Impact.SLOWER, Impact.FASTER])
NO_RUN = "none"


@dataclass(frozen=True)
class Mutated:
    """What one way says of a mutant, and the processor seconds of its own runs.

    ``place`` is its place in the plan, from 0. ``end`` is silent, propagated, crash or hang.
    ``cpu`` is without what a warm run shares with its stem; ``cold`` is why it started cold where
    it was to start warm. ``phase`` is that in which a crash ended its run.
    """

    place: int
    symptom: str
    rung: str
    end: str
    decided_by: str
    certainty: str
    impact: tuple[str, ...] = ()
    started: str = NO_RUN
    cold: str = ""
    phase: str = ""
    cpu: float = 0.0
    draws: int = 0
    further: float = 0.0

    @property
    def is_early_crash(self) -> bool:
        """Return whether it crashed before the program learned."""
        return self.symptom == Symptom.CRASH and self.started != NO_RUN and self.phase != LEARNING


def planned_ids(folder: Path, number: int) -> list[str]:
    """Return the ids of the first planned mutants of a campaign."""
    with Campaign.open(folder).source() as source:
        return [planned.mutant.id for planned in islice(source.file.mutants(), number)]


def versions(folder: Path) -> dict[str, Any]:
    """Return the Python and the versions of the libraries of a campaign."""
    with Campaign.open(folder).source() as source:
        return {
            "python": source.file.meta("python"),
            "libraries": source.file.meta("versions") or {},
        }


def stored_seconds(folder: Path) -> dict[str, list[float]]:
    """Return runs and processor seconds that a campaign has stored, by their purpose."""
    with Campaign.open(folder).source() as source:
        costs = source.file.costs()
    found: dict[str, list[float]] = {}
    for cost in costs:
        name = str(cost.kind)
        if cost.kind is TrialKind.MUTANT and cost.settled:
            name = "mutant, ended early"
        runs, seconds = found.get(name, (0, 0.0))
        found[name] = [runs + cost.runs, seconds + cost.cpu_seconds]
    return found


def mutated(folder: Path, number: int) -> dict[str, Mutated]:
    """Return what a campaign says of its first planned mutants, by their ids."""
    with Campaign.open(folder).source() as source:
        started = source.file.observations(STARTED)
        runs = _runs(source.file.outcomes(TrialKind.MUTANT))
        judged = islice(judge_all(Evidence(source.file)), number)
        return {
            item.mutant.id: _mutated(place, item, runs.get(item.mutant.id, ([], [])), started)
            for place, item in enumerate(judged)
        }


Runs = tuple[list[Outcome], list[Outcome]]
"""The runs of a mutant with the first seed, and those with further ones."""


def _runs(outcomes: Any) -> dict[str, Runs]:
    found: dict[str, Runs] = {}
    for draw, mutant, outcome in outcomes:
        if mutant is not None:
            found.setdefault(mutant, ([], []))[draw != FIRST].append(outcome)
    return found


def _mutated(place: int, item: Judged, runs: Runs, started: Mapping[str, Any]) -> Mutated:
    first, further = runs
    verdict = item.verdict
    how = started.get(first[0].trial_id) if first else None
    return Mutated(
        place=place,
        symptom=verdict.symptom_class,
        rung=str(verdict.rung or ""),
        end=end_of(verdict.symptom, verdict.rung),
        decided_by=str(verdict.decided_by),
        certainty=verdict.certainty,
        impact=tuple(sorted(str(each) for each in verdict.impact if each not in TIMED)),
        started=("warm" if is_warm(how) else "cold") if first else NO_RUN,
        cold=str(how.get("why", "")) if isinstance(how, Mapping) else "",
        phase=first[0].phase if first else "",
        cpu=own_cpu(first, started),
        draws=bool(first) + len(further),
        further=own_cpu(further, started),
    )


def own_cpu(outcomes: list[Outcome], started: Mapping[str, Any]) -> float:
    """Return the processor seconds of runs, without those that they share with a stem."""
    return sum(each.cpu_seconds - prefix_cpu(started.get(each.trial_id)) for each in outcomes)


def end_of(symptom: Symptom | None, rung: Rung | None) -> str:
    """Return how the runs of a mutant end, whatever else is known of it."""
    if symptom is None:
        return "no verdict"
    if symptom is not Symptom.NORMAL:
        return str(symptom)
    return str(rung) if rung is Rung.PROPAGATED else "silent"


def reasons(found: Mapping[str, Mutated]) -> dict[str, int]:
    """Count why mutants started cold that were to start warm."""
    return dict(Counter(each.cold for each in found.values() if each.cold).most_common())
