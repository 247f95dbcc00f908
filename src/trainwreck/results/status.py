"""The progress of a campaign, computed from its facts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from trainwreck.model import (
    FIRST,
    ComparisonOutlook,
    Cost,
    DigestCovers,
    Held,
    RuleOutlook,
    TrialKind,
)
from trainwreck.model.damage import Sealing
from trainwreck.results.containment import held_so_far
from trainwreck.results.outlook import comparison_outlook, rule_outlooks
from trainwreck.results.source import ResultSource


@dataclass(frozen=True, slots=True)
class Status:
    """The progress of a campaign; costs in processor seconds, ``expected`` for what is left.

    ``chosen`` mutants are no sample and counted nowhere else; ``chosen_done`` have a verdict.
    ``covers`` is what is compared with clean runs, None before there are any. ``annotations`` are
    the mutants on executed lines that were left out, because they change annotations. ``held`` is
    what contained the runs, oldest first. ``sealing`` says which records have seals.
    """

    subject: str
    planned: int
    done: int
    left: int
    symptoms: dict[str, int]
    rungs: dict[str, int]
    cost: float
    expected: float
    covers: DigestCovers | None = None
    chosen: int = 0
    chosen_done: int = 0
    rules: tuple[RuleOutlook, ...] = ()
    comparison: ComparisonOutlook | None = None
    annotations: int = 0
    held: tuple[Held, ...] = ()
    sealing: Sealing = Sealing.WHOLE


def read_status(source: ResultSource) -> Status:
    """Count the planned and finished mutants, by verdicts on runs with the first seed."""
    symptoms: Counter[str] = Counter()
    rungs: Counter[str] = Counter()
    chosen = {planned.mutant.id for planned in source.chosen()}
    for item in source.first_verdicts():
        chosen.discard(item.mutant.id)
        symptoms[item.verdict.symptom_class] += 1
        rungs[item.verdict.rung_class or "rung unknown"] += 1
    first = source.evidence.clean.get(FIRST)
    planned, done = source.planned, symptoms.total()
    return Status(
        subject=source.name,
        planned=planned,
        done=done,
        left=planned - done,
        symptoms=dict(symptoms),
        rungs=dict(rungs),
        cost=source.cpu_seconds,
        expected=(planned - done) * _mean_cpu_seconds(source.file.costs()),
        covers=first.covers if first else None,
        chosen=len(chosen),
        chosen_done=sum(item.mutant.id in chosen for item in source.chosen_verdicts()),
        rules=rule_outlooks(source.evidence),
        comparison=comparison_outlook(source.evidence),
        held=held_so_far(source.file),
        sealing=source.file.sealing(),
        annotations=sum(s.mutants for s in source.file.strata() if not s.chance),
    )


def _mean_cpu_seconds(costs: Sequence[Cost]) -> float:
    """Return the mean processor time of a mutant's run, or of a clean one before any ran."""
    runs = [cost for cost in costs if cost.kind is TrialKind.MUTANT]
    runs = runs or [cost for cost in costs if cost.kind is TrialKind.CLEAN]
    number = sum(cost.runs for cost in runs)
    return sum(cost.cpu_seconds for cost in runs) / number if number else 0.0
