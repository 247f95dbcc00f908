"""Conversion of mutants and runs to the fields of records."""

from collections.abc import Collection, Iterable
from math import isfinite
from typing import Any

from trainwreck.exchange.records import REPEAT
from trainwreck.model import (
    FIRST,
    Draw,
    Metric,
    Outcome,
    OwnBug,
    PlannedMutant,
    TrialKind,
    values_that_count,
)
from trainwreck.model.start import COLD, STARTED, WARM, is_warm
from trainwreck.store.nouns import MutantRun
from trainwreck.store.rows import Relocate


def _run(draw: Draw, outcome: Outcome, described: Collection[Metric]) -> dict[str, Any]:
    values = values_that_count(outcome.steps, described)
    metrics = {name: v if isfinite(v) else str(v) for name, v in values.items()}
    return {
        "seed": draw.seed,
        "fold": draw.fold,
        "metrics": metrics,
        "seconds": outcome.seconds,
        "cpu_seconds": outcome.cpu_seconds,
        "digest": outcome.digest,
    }


def clean_fields(
    kind: TrialKind, draw: Draw, outcome: Outcome, metrics: Collection[Metric]
) -> dict[str, Any]:
    """Return the fields of a clean run, without the usual purpose and the usual exit.

    Args:
        kind: The purpose of the run.
        draw: Its seed and fold.
        outcome: The facts of the run.
        metrics: The metrics, with which of their values counts.

    """
    fields = _run(draw, outcome, metrics)
    if kind is not TrialKind.CLEAN:
        fields["purpose"] = kind.value
    if not outcome.exit.fine:
        fields["exit"] = str(outcome.exit)
    return fields


def measured_fields(
    planned: PlannedMutant,
    runs: Iterable[MutantRun],
    relocate: Relocate,
    metrics: Collection[Metric],
    chosen: bool = False,
) -> dict[str, Any]:
    """Return the fields of a mutant and its measurements; conclusions are empty.

    Hits and error are those of the first run.

    Args:
        planned: the mutant with its phases.
        runs: All of its runs.
        relocate: Replaces this machine's paths in texts.
        metrics: The metrics, with which of their values counts.
        chosen: Whether the mutant was chosen, and is no part of the sample.

    """
    runs = list(runs)
    purposes = list(map(_purpose, runs))
    first = _first_outcome(runs, purposes)
    return {
        **mutant_fields(planned),
        "symptom": None,
        "rung": None,
        "compared": [],
        "impact": [],
        "decided_by": None,
        "class": None,
        "hits": first.hits if first else None,
        "runs": [
            _mutant_run(run, purpose, metrics) for run, purpose in zip(runs, purposes, strict=True)
        ],
        "error": _error(first, relocate) if first and first.error else None,
        "why": None,
        "started": _started(first),
        **({"chosen": True} if chosen else {}),
    }


def _started(first: Outcome | None) -> str:
    """Return how a first run started; ``none`` where there is no run."""
    if first is None:
        return "none"
    return WARM if is_warm(first.observations.get(STARTED)) else COLD


def _first_outcome(runs: Iterable[MutantRun], purposes: Iterable[str]) -> Outcome | None:
    """Return the facts of the run with the first seed and fold, without audits and repeats."""
    outcomes = (
        run.outcome
        for run, purpose in zip(runs, purposes, strict=True)
        if run.draw == FIRST and purpose == TrialKind.MUTANT
    )
    return next(outcomes, None)


def _mutant_run(run: MutantRun, purpose: str, metrics: Collection[Metric]) -> dict[str, Any]:
    """Return the fields of a mutant's run, without the usual purpose."""
    fields = {**_run(run.draw, run.outcome, metrics), "exit": str(run.outcome.exit)}
    return fields if purpose == TrialKind.MUTANT else {**fields, "purpose": purpose}


def _purpose(run: MutantRun) -> str:
    return REPEAT if run.kind is TrialKind.MUTANT and run.repeat else run.kind.value


def mutant_fields(planned: PlannedMutant) -> dict[str, Any]:
    """Return the public fields of a mutant."""
    mutant = planned.mutant
    span = mutant.span
    return {
        "id": mutant.id,
        "root": mutant.root,
        "file": mutant.file,
        "module": mutant.module,
        "function": mutant.function,
        "operator": mutant.operator,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "original": mutant.original,
        "replacement": mutant.replacement,
        "context": mutant.context,
        "phases": list(planned.phases),
        "name": mutant.name,
        **({"link": mutant.link} if isinstance(mutant, OwnBug) and mutant.link else {}),
    }


def _error(outcome: Outcome, relocate: Relocate) -> dict[str, Any]:
    error, raised_at = outcome.error, outcome.place
    assert error is not None
    return {
        "type": error.type,
        "message": plain(relocate(error.message)),
        "file": relocate(raised_at.file) if raised_at else None,
        "line": raised_at.line if raised_at else None,
        "phase": outcome.phase,
        "cause": None,
    }


def plain(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON cannot hold, by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
