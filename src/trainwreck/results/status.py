"""The progress of a campaign, computed from its facts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from trainwreck.model import (
    FIRST,
    ComparisonOutlook,
    DigestCovers,
    Forecast,
    Held,
    PlannedMutant,
    RuleOutlook,
)
from trainwreck.model.damage import Sealing
from trainwreck.results.containment import held_so_far
from trainwreck.results.forecast import Seen, forecast
from trainwreck.results.outlook import comparison_outlook, rule_outlooks
from trainwreck.results.source import ResultSource


@dataclass(frozen=True, slots=True, repr=False)
class Status:
    """The progress of a campaign; costs in processor seconds, ``expected`` for what is left.

    ``forecast`` says more of what is left; it is None before the first clean run.

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
    forecast: Forecast | None = None
    sealing: Sealing = Sealing.WHOLE

    def __repr__(self) -> str:
        """Name the subject and the numbers: the rest are facts for `status`."""
        return f"Status({self.subject!r}, {self.done} of {self.planned} done)"


def read_status(source: ResultSource) -> Status:
    """Count the planned and finished mutants, by verdicts on runs with the first seed."""
    symptoms: Counter[str] = Counter()
    rungs: Counter[str] = Counter()
    seen = Seen()
    chosen = {planned.mutant.id for planned in source.chosen()}
    for item in source.brief_verdicts():
        chosen.discard(item.mutant.id)
        symptoms[item.verdict.symptom_class] += 1
        rungs[item.verdict.rung_class or "rung unknown"] += 1
        seen.add(item)
    first = source.evidence.clean.get(FIRST)
    planned, done = source.planned, symptoms.total()
    rules, comparison = rule_outlooks(source.evidence), comparison_outlook(source.evidence)
    left = (item.mutant for item in source.outlines() if item.mutant.id not in seen.strata)
    rest = forecast(source.evidence, seen, left, rules, comparison)
    return Status(
        subject=source.name,
        planned=planned,
        done=done,
        left=planned - done,
        symptoms=dict(symptoms),
        rungs=dict(rungs),
        cost=source.cpu_seconds,
        expected=rest.cpu.seconds if rest else 0.0,
        covers=first.covers if first else None,
        chosen=len(chosen),
        chosen_done=sum(item.mutant.id in chosen for item in source.chosen_verdicts()),
        rules=rules,
        comparison=comparison,
        held=held_so_far(source.file),
        sealing=source.file.sealing(),
        annotations=sum(s.mutants for s in source.file.strata() if not s.chance),
        forecast=rest,
    )


@dataclass(frozen=True, slots=True)
class Ahead:
    """The facts before a run: its forecast, the rungs so far, and how clean runs ended.

    ``forecast`` is None before the first clean run. ``rungs`` counts the mutants with a verdict by
    the class of their rung. ``endings`` are the digests of clean runs with the first seed.
    """

    forecast: Forecast | None
    rungs: dict[str, int]
    endings: frozenset[str]


def read_ahead(
    source: ResultSource,
    number: int | None = None,
    chosen: Sequence[PlannedMutant] | None = None,
    jobs: int | None = None,
) -> Ahead:
    """Return what is known before `run`.

    Args:
        source: The campaign.
        number: Number of mutants at the head of the plan, or of the chosen ones; None for all.
        chosen: Mutants that somebody chose, instead of planned ones.
        jobs: Number of trials at a time, by default that of the last run.

    """
    seen = Seen()
    rungs: Counter[str] = Counter()
    for item in source.brief_verdicts():
        seen.add(item)
        rungs[item.verdict.rung_class or "rung unknown"] += 1
    done = set(seen.strata)
    if chosen is not None:
        done |= {item.mutant.id for item in source.chosen_verdicts()}
    mutants = islice(source.outlines() if chosen is None else chosen, number)
    left = (item.mutant for item in mutants if item.mutant.id not in done)
    evidence = source.evidence
    outlooks = rule_outlooks(evidence), comparison_outlook(evidence)
    rest = forecast(evidence, seen, left, *outlooks, jobs)
    return Ahead(rest, dict(rungs), frozenset(evidence.clean_endings))


def read_forecast(
    source: ResultSource,
    number: int | None = None,
    chosen: Sequence[PlannedMutant] | None = None,
    jobs: int | None = None,
) -> Forecast | None:
    """Return the forecast of `read_ahead`; None before the first clean run."""
    return read_ahead(source, number, chosen, jobs).forecast
