"""Nouns to rows of the campaign file and back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

import msgspec

from trainwreck.model import (
    Context,
    Draw,
    Edit,
    Ending,
    Exit,
    Failure,
    Frame,
    Measurement,
    Mutant,
    Outcome,
    PhaseTime,
    Probe,
    ProbeKind,
    Report,
    Span,
    TrialKind,
    operator_of,
)
from trainwreck.model.trial import digest_of

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class FirstRuns:
    """A planned mutant with the outcomes of its runs with the first seed, None where not made.

    ``second`` is that of a run that repeats the first one.
    """

    mutant: Mutant
    phases: tuple[str, ...]
    first: Outcome | None
    second: Outcome | None


@dataclass(frozen=True, slots=True)
class MutantRun:
    """A run of one mutant."""

    kind: TrialKind
    draw: Draw
    repeat: int
    outcome: Outcome


OUTCOME_COLUMNS = (
    "ending, code, seconds, cpu_seconds, peak_rss, hits, steps, parameters, error, phases, "
    "planted, stack, overhead, work, reports, checkpoint, states, first_hit, settled"
)
MUTANT_COLUMNS = (
    "id, root, file, module, function, operator, edits, source_sha, context, anchor, "
    "first_line, last_line, evaluated_start, evaluated_end, phases"
)

_steps = msgspec.json.Decoder(dict[str, list[str]])


def mutant_row(mutant: Mutant, phases: Sequence[str]) -> tuple[object, ...]:
    """The columns of table ``mutant`` after ``position``."""
    start, end = mutant.evaluated or (None, None)
    return (
        mutant.id,
        mutant.root,
        mutant.file,
        mutant.module,
        mutant.function,
        str(mutant.operator),
        edits_text(mutant.edits),
        mutant.source_sha,
        mutant.context.value,
        mutant.anchor,
        *mutant.lines,
        start,
        end,
        ",".join(phases),
    )


def mutant_of(row: Row) -> tuple[Mutant, tuple[str, ...]]:
    """A mutant and its phases from the columns of table ``mutant`` after ``position``."""
    start, end = row[12:14]
    mutant = Mutant(
        root=intern(row[1]),
        file=intern(row[2]),
        module=intern(row[3]),
        function=intern(row[4]),
        operator=operator_of(row[5]),
        edits=edits_of(row[6]),
        source_sha=intern(row[7]),
        context=Context(row[8]),
        anchor=row[9],
        lines=(row[10], row[11]),
        evaluated=None if start is None else (start, end),
    )
    return mutant, tuple(row[14].split(","))


def edits_text(edits: Sequence[Edit]) -> str:
    """Edits as JSON."""
    return json.dumps([[*_span_row(edit.span), edit.original, edit.replacement] for edit in edits])


def edits_of(text: str) -> tuple[Edit, ...]:
    """Edits from JSON."""
    edits = json.loads(text)
    return tuple(Edit(Span(*each[:6]), intern(each[6]), intern(each[7])) for each in edits)


def _span_row(span: Span) -> tuple[int, ...]:
    return span.start, span.end, span.line, span.column, span.end_line, span.end_column


def outcome_row(outcome: Outcome) -> tuple[object, ...]:
    """The columns of table ``run`` from ``ending`` on."""
    return (
        outcome.exit.ending.value,
        outcome.exit.code,
        outcome.seconds,
        outcome.cpu_seconds,
        outcome.peak_rss,
        outcome.hits,
        json.dumps(outcome.steps),
        outcome.parameters,
        _failure_text(outcome.error),
        json.dumps([[p.name, p.seconds, p.cpu_seconds, p.hits] for p in outcome.phases]),
        outcome.planted,
        outcome.stack,
        outcome.overhead,
        json.dumps(outcome.work),
        json.dumps([[r.metrics, r.seconds, r.cpu_seconds, r.hits] for r in outcome.reports]),
        outcome.checkpoint,
        json.dumps(outcome.states),
        outcome.first_hit,
        outcome.settled,
    )


def outcome_of(trial_id: str, row: Row) -> Outcome:
    """An outcome from the columns of table ``run`` from ``ending`` on."""
    return Outcome(
        trial_id=trial_id,
        exit=Exit(Ending(row[0]), row[1]),
        seconds=row[2],
        cpu_seconds=row[3],
        peak_rss=row[4],
        hits=row[5],
        steps={name: tuple(values) for name, values in json.loads(row[6]).items()},
        parameters=row[7],
        error=_failure_of(row[8]),
        phases=tuple(PhaseTime(*values) for values in json.loads(row[9])),
        planted=bool(row[10]),
        stack=row[11],
        overhead=row[12],
        work=json.loads(row[13]),
        reports=tuple(Report(tuple(names), *rest) for names, *rest in json.loads(row[14])),
        checkpoint=row[15],
        states=json.loads(row[16]),
        first_hit=row[17],
        settled=row[18],
    )


def measurement_of(row: Row) -> Measurement:
    """Return a measurement from the columns that ``CampaignFile.measurements`` asks for.

    Only clean runs are few enough that each has its digest.
    """
    steps = _steps.decode(row[5])
    return Measurement(
        mutant_id=row[0],
        draw=Draw(row[1], row[2]),
        exit=Exit(Ending(row[3]), row[4]),
        metrics={name: float(values[-1]) for name, values in steps.items() if values},
        seconds=row[6],
        cpu_seconds=row[7],
        whole=not row[8],
        digest="" if row[0] else digest_of(steps, row[9]),
    )


def probe_row(probe: Probe) -> tuple[object, ...]:
    """The columns of table ``probe``."""
    return (
        probe.mutant_id,
        probe.trial_id,
        probe.kind.value,
        probe.evaluations,
        probe.differing,
        probe.example,
        json.dumps(probe.counts),
        probe.hits,
        probe.doubt,
    )


def probe_of(row: Row) -> Probe:
    """A probe's record from its columns."""
    return Probe(
        mutant_id=row[0],
        trial_id=row[1],
        kind=ProbeKind(row[2]),
        evaluations=row[3],
        differing=row[4],
        example=row[5],
        counts=tuple(json.loads(row[6])),
        hits=row[7],
        doubt=row[8],
    )


def _failure_text(failure: Failure | None) -> str | None:
    if failure is None:
        return None
    frames = [[frame.file, frame.line, frame.function] for frame in failure.frames]
    values = [failure.type, failure.message, frames, failure.seconds]
    if failure.chain:
        values.append([_chained_row(chained) for chained in failure.chain])
    return json.dumps(values)


def _chained_row(failure: Failure) -> list[object]:
    frames = [[frame.file, frame.line, frame.function, frame.statement] for frame in failure.frames]
    return [failure.type, failure.message, frames]


def _failure_of(text: str | None) -> Failure | None:
    """Read a failure; older campaigns have no chain."""
    if text is None:
        return None
    kind, message, frames, seconds, *chains = json.loads(text)
    chain = tuple(
        Failure(kind, message, _frames_of(frames))
        for chained in chains
        for kind, message, frames in chained
    )
    return Failure(kind, message, _frames_of(frames), seconds, chain)


def _frames_of(rows: list[list[Any]]) -> tuple[Frame, ...]:
    return tuple(Frame(*row) for row in rows)
