"""Stored runs and records as the runs and mutants that checks read."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import isfinite, nan
from typing import Any

from trainwreck.exchange.plausibility.checks import ObservedMutant, ObservedRun
from trainwreck.exchange.records import CleanRecord, MutantRecord, Number, RunRecord
from trainwreck.model import (
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
"""Runs of the clean program alone; others are watched, or start cold."""

CLEAN_NAMES = {TrialKind.CLEAN.value: "clean run"}


def run_of_outcome(
    line: int, record: str, draw: Draw, outcome: Outcome, log: str, kind: TrialKind
) -> ObservedRun:
    """A run of a campaign."""
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
    symptom: Symptom,
    runs: Iterable[ObservedRun],
) -> ObservedMutant:
    """A mutant of a campaign, or one that is no longer planned, with its ``first`` outcome."""
    place = first.place
    lines = mutant.lines if mutant else (0, -1)
    return ObservedMutant(
        line=line,
        record=record,
        symptom=symptom,
        runs=tuple(runs),
        # An exception that the program caught last thing is told of normal runs as well.
        failed=first.error is not None and symptom is not Symptom.NORMAL,
        in_line=bool(place and mutant and place.file == mutant.file)
        and lines[0] <= (place.line if place else 0) <= lines[1],
        hits=first.hits,
    )


def run_of_record(
    line: int, name: str, record: RunRecord, explained: bool = False, whole: bool = True
) -> ObservedRun:
    """Return a run of a record; ``whole`` is false where a rule may have ended it early."""
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
    """Return one object for all runs that start alike."""
    return Draw(seed, fold)


def clean_of_record(line: int, record: CleanRecord) -> ObservedRun:
    """A clean run that was made elsewhere."""
    return run_of_record(line, CLEAN_NAMES.get(record.purpose, record.purpose), record)


def mutant_of_record(line: int, record: MutantRecord) -> ObservedMutant:
    """A mutant that was made elsewhere."""
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
        place=f"{record.file} {record.function or ''}",
    )


def name_of_record(record: MutantRecord) -> str:
    """What a reader knows the mutant by."""
    return record.name or f"{record.file}:{record.line} [{operator_name(record.operator)}]"


def metric_names(records: Iterable[CleanRecord | MutantRecord]) -> set[str]:
    """Every metric that is reported."""
    names: set[str] = set()
    for record in records:
        runs = record.runs if isinstance(record, MutantRecord) else (record,)
        names.update(name for run in runs for name in run.metrics)
    return names


def _change(record: MutantRecord) -> tuple[Any, ...] | None:
    place = (record.file, record.line, record.column, record.original, record.replacement)
    return None if None in place else (*place, operator_of(record.operator))


def _is_fine(text: str | None) -> bool | None:
    return None if text is None else text == str(Exit(Ending.EXITED, 0))


def _numbers(metrics: Mapping[str, Number]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items() if value is not None}


def _number(value: Number) -> float | None:
    """A time; a text that is none is as absurd as NaN."""
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        return nan
    return number if isfinite(number) else nan
