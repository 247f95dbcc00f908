"""Conversion of stored runs and imported records to what the plausibility checks read."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import isfinite, nan
from typing import Any

from trainwreck.exchange.plausibility.checks import ObservedMutant, ObservedRun
from trainwreck.exchange.records import CleanRecord, MutantRecord, Number, RunRecord
from trainwreck.model import (
    OWN,
    RUN,
    Draw,
    Ending,
    Exit,
    Impact,
    Mutant,
    Outcome,
    Symptom,
    TrialKind,
    operator_name,
    operator_of,
)

MEASURED = (TrialKind.CLEAN.value, TrialKind.CONTROL.value)
"""Kinds of clean runs whose times count; others are under coverage or probes, or start cold."""

CLEAN_NAMES = {TrialKind.CLEAN.value: "clean run"}
"""Names of clean runs for a reader; other kinds have the name of their kind."""


def run_of_outcome(
    line: int, record: str, draw: Draw, outcome: Outcome, log: str, kind: TrialKind
) -> ObservedRun:
    """Return a stored run of a campaign for the checks.

    Args:
        line: The line of the run in the imported file.
        record: The name of its clean run or mutant, for a reader.
        draw: Its seed and fold.
        outcome: The facts of the run.
        log: The printed text.
        kind: The purpose of the run.

    """
    return ObservedRun(
        line=line,
        record=record,
        draw=draw,
        metrics=outcome.metrics,
        series=outcome.steps,
        seconds=outcome.seconds,
        cpu_seconds=outcome.cpu_seconds,
        fine=outcome.exit.fine,
        log=log,
        work=outcome.work,
        whole=not outcome.settled,
        measured=kind.value in MEASURED,
        # A campaign reads the values itself, and calls such a mutant invalid.
        explained=kind in (TrialKind.MUTANT, TrialKind.AUDIT),
    )


def mutant_of_outcome(
    line: int,
    record: str,
    mutant: Mutant | None,
    first: Outcome,
    symptom: Symptom | None,
    runs: Iterable[ObservedRun],
) -> ObservedMutant:
    """Return a mutant of a campaign for the checks.

    Args:
        line: The line of the mutant in the imported file.
        record: The name of the mutant, for a reader.
        mutant: The mutant; None where it is no longer planned.
        first: The facts of its first run.
        symptom: The symptom that trainwreck derives from them; None where they prove nothing.
        runs: All of its runs, the first one first.

    """
    raised_at = first.place
    lines = mutant.lines if mutant else (0, -1)
    return ObservedMutant(
        line=line,
        record=record,
        symptom=symptom,
        runs=tuple(runs),
        # A normal run has an error as well if its last exception was caught by the program.
        failed=first.error is not None and symptom not in (Symptom.NORMAL, None),
        in_line=bool(raised_at and mutant and raised_at.file == mutant.file)
        and lines[0] <= (raised_at.line if raised_at else 0) <= lines[1],
        hits=first.hits,
    )


def run_of_record(
    line: int, name: str, record: RunRecord, explained: bool = False, whole: bool = True
) -> ObservedRun:
    """Return a run of an imported record for the checks.

    Args:
        line: The line of the record.
        name: The name of the record, for a reader.
        record: The run as it was imported.
        explained: Whether the record calls an impossible value the effect of the bug.
        whole: False where a rule may have ended the run early.

    """
    return ObservedRun(
        line=line,
        record=name,
        draw=None if record.seed is None else _draw(record.seed, record.fold),
        metrics=_numbers(record.metrics),
        series={metric: tuple(map(str, values)) for metric, values in record.series.items()},
        seconds=_number(record.seconds),
        cpu_seconds=_number(record.cpu_seconds),
        fine=_is_fine(record.exit),
        log=record.log or "",
        whole=whole,
        measured=record.purpose in MEASURED,
        explained=explained,
    )


@lru_cache
def _draw(seed: int, fold: int) -> Draw:
    """Return seed and fold as one object for all runs that share them."""
    # Checks hold a million runs: equal objects would need memory for each.
    return Draw(seed, fold)


def clean_of_record(line: int, record: CleanRecord) -> ObservedRun:
    """Return an imported clean run for the checks."""
    return run_of_record(line, CLEAN_NAMES.get(record.purpose, record.purpose), record)


def mutant_of_record(line: int, record: MutantRecord) -> ObservedMutant:
    """Return an imported mutant for the checks."""
    name = name_of_record(record)
    explained = Impact.INVALID in record.impact
    ran = record.decided_by in (None, RUN)
    error = record.error
    return ObservedMutant(
        line=line,
        record=name,
        symptom=record.symptom,
        runs=tuple(
            run_of_record(line, name, run, explained, ran or run.purpose == TrialKind.AUDIT)
            for run in record.runs
        ),
        failed=error is not None and (error.type or error.message) is not None,
        in_line=error is not None and (error.file, error.line) == (record.file, record.line),
        hits=record.hits,
        change=_change(record),
        rung=record.rung,
        location=f"{record.file} {record.function or ''}",
    )


def name_of_record(record: MutantRecord) -> str:
    """Return the name of a mutant for a reader: its own, or file, line and operator."""
    return record.name or f"{record.file}:{record.line} [{operator_name(record.operator)}]"


def metric_names(records: Iterable[CleanRecord | MutantRecord]) -> set[str]:
    """Return the names of all metrics that a run reports."""
    names: set[str] = set()
    for record in records:
        runs = record.runs if isinstance(record, MutantRecord) else (record,)
        names.update(name for run in runs for name in run.metrics)
    return names


def _change(record: MutantRecord) -> tuple[Any, ...] | None:
    """Return the edit and its operator; None where a part of it is unknown.

    A record has only the first edit of a user's own bug.
    """
    if record.operator == OWN:
        return None
    edit = (record.file, record.line, record.column, record.original, record.replacement)
    return None if None in edit else (*edit, operator_of(record.operator))


def _is_fine(text: str | None) -> bool | None:
    return None if text is None else text == str(Exit(Ending.EXITED, 0))


def _numbers(metrics: Mapping[str, Number]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items() if value is not None}


def _number(value: Number) -> float | None:
    """Return a time in seconds, and NaN for a text that is no number or an infinite time."""
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        return nan
    return number if isfinite(number) else nan
