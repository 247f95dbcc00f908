"""Imported records as the nouns that results are computed from."""

from collections.abc import Iterable, Iterator
from itertools import count

from trainwreck.exchange.records import (
    MutantRecord,
    RunRecord,
    number_of,
)
from trainwreck.model import (
    APP,
    UNKNOWN_FOLD,
    UNKNOWN_PHASE,
    Context,
    Draw,
    Edit,
    Ending,
    Exit,
    Margin,
    Measurement,
    RecordedMutant,
    Span,
    operator_of,
)


def with_draws(records: Iterable[RunRecord]) -> Iterator[tuple[RunRecord, Draw]]:
    """Yield each run with its draw; a run with an unknown seed shares its draw with no other."""
    unknown = count()
    for record in records:
        if record.seed is None:
            yield record, Draw(next(unknown), UNKNOWN_FOLD)
        else:
            yield record, Draw(record.seed, record.fold)


def measurement_of(mutant: str | None, record: RunRecord, draw: Draw) -> Measurement:
    """Return what comparisons need of a run; times that are not recorded are NaN.

    Args:
        mutant: The id of its mutant, None for a clean run.
        record: The run.
        draw: The seed and fold that it started from.

    """
    values = {name: number_of(value) for name, value in record.metrics.items()}
    return Measurement(
        mutant_id=mutant,
        draw=draw,
        exit=_exit(record.exit),
        metrics={name: value for name, value in values.items() if value is not None},
        seconds=_time(record.seconds),
        cpu_seconds=_time(record.seconds if record.cpu_seconds is None else record.cpu_seconds),
        whole=True,
        digest=record.digest or "",
    )


def _exit(text: str | None) -> Exit:
    """Return how a run ended: without a complaint where its record does not say."""
    try:
        return Exit(Ending.EXITED, 0) if text is None else Exit.read(text)
    except ValueError:
        return Exit(Ending.EXITED, 1)


def _time(recorded: float | str | None) -> float:
    try:
        return float("nan") if recorded is None else float(recorded)
    except ValueError:
        return float("nan")


def mutant_of(line: int, record: MutantRecord) -> RecordedMutant:
    """Return the mutant that a record describes; one without an id is named by its line."""
    column = record.column or 0
    last = record.end_line or record.line
    span = Span(0, 0, record.line, column, last, record.end_column or column)
    return RecordedMutant(
        root=record.root or APP,
        file=record.file,
        module=record.module or "",
        function=record.function or "",
        operator=operator_of(record.operator),
        edits=(Edit(span, record.original or "", record.replacement or ""),),
        source_sha="",
        context=_context(record.context),
        anchor="",
        lines=(record.line, last),
        evaluated=None,
        own_id=record.id or f"line-{line}",
        own_name=record.name or "",
        own_original=record.original,
        own_replacement=record.replacement,
    )


def _context(recorded: str | None) -> Context:
    return Context(recorded) if recorded in list(Context) else Context.UNKNOWN


def phases_of(record: MutantRecord) -> tuple[str, ...]:
    """Return the phases of a mutant, or that they are unknown."""
    return (UNKNOWN_PHASE,) if record.phases is None else record.phases


def margin_of(written: float | str | None) -> Margin | None:
    """Return the margin, or None where the record holds none that can be used."""
    try:
        return None if written is None else Margin.read(written)
    except ValueError:
        return None
