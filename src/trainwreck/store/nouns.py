"""Nouns from the columns of their tables, and back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from math import nan
from sys import intern
from typing import Any

from trainwreck.model import (
    Draw,
    Edit,
    Ending,
    Exit,
    FileFrame,
    Measurement,
    Metric,
    Mutant,
    Outcome,
    OwnBug,
    PlannedMutant,
    Probe,
    SourceSize,
    Span,
    StratumFrame,
    TrialKind,
    counting_values,
    operator_of,
    result_of,
)
from trainwreck.store.columns import Columns, JsonText, decoder, whole_text
from trainwreck.store.rows import (
    ChosenRow,
    EditFields,
    EnvironmentRow,
    FrameRow,
    MutantRow,
    OriginRow,
    ProbeRow,
    RunRow,
    SourceRow,
    StratumRow,
)

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class FirstRuns:
    """A planned mutant with the outcomes of its runs with the first seed.

    ``second`` is that of a run that repeats the first one. Both are None before the run.
    """

    planned: PlannedMutant
    first: Outcome | None
    second: Outcome | None

    @property
    def mutant(self) -> Mutant:
        """Return the mutant without its phases."""
        return self.planned.mutant


@dataclass(frozen=True, slots=True)
class MutantRun:
    """A run of one mutant."""

    kind: TrialKind
    draw: Draw
    repeat: int
    outcome: Outcome


def _names(noun: Any) -> list[str]:
    return [field.name for field in fields(noun)]


FACTS = [name for name in _names(Outcome) if name not in ("trial_id", "exit", "observations")]
"""The fields of an outcome that are columns of the same name."""

OUTCOME = Columns(RunRow, "ending", "code", *FACTS)
MUTANT = Columns(MutantRow, *(name for name in MutantRow.columns() if name != "position"))
BRIEF = Columns(RunRow, "ending", "code", "hits", "steps", "parameters", "error", "settled")
"""The columns of an outcome from which symptom and rung follow."""
OUTLINE = Columns(
    MutantRow,
    *("id", "root", "file", "function", "operator", "source_sha", "context"),
    *("first_line", "last_line", "evaluated_start", "evaluated_end"),
)
"""The columns of a mutant that tell it from others, and what kind of code it changes."""
CHOSEN = Columns(ChosenRow, *(name for name in ChosenRow.columns() if name != "position"))
PROBE = Columns(ProbeRow, *_names(Probe))
FRAME = Columns(FrameRow, *_names(FileFrame))
STRATUM = Columns(StratumRow, *_names(StratumFrame))
SOURCE = Columns(SourceRow, *_names(SourceSize))
ENVIRONMENT = Columns(EnvironmentRow, "python", "packages")
ORIGIN = Columns(OriginRow, "origin")
MEASUREMENT = Columns(
    RunRow,
    *("mutant_id", "seed", "fold", "ending", "code", "steps", "seconds", "cpu_seconds"),
    *("settled", "parameters", "environment"),
)

_edits = JsonText(list[EditFields])
_steps = decoder(RunRow, "steps")


def outcome_row(outcome: Outcome) -> list[Any]:
    """Return the columns of ``OUTCOME``."""
    exit_ = outcome.exit
    return OUTCOME.encode(exit_.ending, exit_.code, *(getattr(outcome, name) for name in FACTS))


def outcome_of(trial_id: str, row: Row, observations: str | None = None) -> Outcome:
    """Return an outcome from the columns of ``OUTCOME`` and its observations as JSON."""
    ending, code, *facts = OUTCOME.decode(row)
    values = (*facts, _observed(observations))
    return Outcome(trial_id, _exit(ending, code), *values)


def brief_outcome_of(trial_id: str, row: Row, observations: str | None = None) -> Outcome:
    """Return an outcome from the columns of ``BRIEF``; nothing else is known of it."""
    ending, code, hits, steps, parameters, error, settled = BRIEF.decode(row)
    return Outcome(
        trial_id=trial_id,
        exit=_exit(ending, code),
        seconds=0.0,
        cpu_seconds=0.0,
        peak_rss=0,
        hits=hits,
        steps=steps,
        parameters=parameters,
        error=error,
        phases=(),
        planted=True,
        settled=settled,
        observations=_observed(observations),
    )


@lru_cache(maxsize=1024)
def _exit(ending: Ending, code: int) -> Exit:
    """Return the end of a run; the few that there are, are shared by all runs."""
    return Exit(ending, code)


def _observed(observations: str | None) -> dict[str, Any]:
    """Return the observations of a run by name, from an object of texts of JSON."""
    if observations is None:
        return {}
    return {name: json.loads(text) for name, text in json.loads(observations).items()}


def mutant_row(planned: PlannedMutant) -> list[Any]:
    """Return the columns of ``MUTANT``."""
    mutant = planned.mutant
    return [
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
        *(mutant.evaluated or (None, None)),
        whole_text(",".join(planned.phases)),
    ]


def mutant_of(row: Row) -> PlannedMutant:
    """Return a planned mutant from the columns of ``MUTANT``."""
    known, root, file, module, function, operator, edits, sha, context, anchor, *rest = (
        MUTANT.decode(row)
    )
    first, last, start, end, phases = rest
    mutant = Mutant(
        root=intern(root),
        file=intern(file),
        module=intern(module),
        function=intern(function),
        operator=operator_of(operator),
        edits=tuple(map(_edit, edits)),
        source_sha=intern(sha),
        context=context,
        anchor=anchor,
        lines=(first, last),
        evaluated=None if start is None else (start, end),
    )
    return PlannedMutant(mutant.with_id(known), _phases_of(phases))


def outline_of(row: Row) -> PlannedMutant:
    """Return a mutant from the columns of ``OUTLINE``: without its edits and phases."""
    known, root, file, function, operator, sha, context, first, last, start, end = OUTLINE.decode(
        row
    )
    mutant = Mutant(
        root=intern(root),
        file=intern(file),
        module="",
        function=intern(function),
        operator=operator_of(operator),
        edits=(),
        source_sha=intern(sha),
        context=context,
        anchor="",
        lines=(first, last),
        evaluated=None if start is None else (start, end),
    )
    return PlannedMutant(mutant.with_id(known))


@lru_cache(maxsize=1024)
def _phases_of(text: str) -> tuple[str, ...]:
    """Return the phases of a planned mutant; the few that there are, are shared by all mutants."""
    return tuple(map(intern, text.split(",")))


def chosen_row(planned: PlannedMutant) -> list[Any]:
    """Return the columns of ``CHOSEN``."""
    mutant, phases = planned.mutant, ",".join(planned.phases)
    is_own = isinstance(mutant, OwnBug)
    label, link = (mutant.label, mutant.link) if isinstance(mutant, OwnBug) else ("", "")
    parts = [Mutant(*(getattr(part, name) for name in _names(Mutant))) for part in mutant.parts]
    return CHOSEN.encode(mutant.id, parts, phases, is_own, label, link)


def chosen_of(row: Row) -> PlannedMutant:
    """Return a chosen mutant from the columns of ``CHOSEN``."""
    _, parts, phases, is_own, label, link = CHOSEN.decode(row)
    first, *others = (replace(part, operator=operator_of(part.operator)) for part in parts)
    if is_own:
        values: dict[str, Any] = {name: getattr(first, name) for name in _names(Mutant)}
        first = OwnBug(**values, label=label, link=link, others=tuple(others))
    return PlannedMutant(first, tuple(phases.split(",")) if phases else ())


def edits_text(edits: Sequence[Edit]) -> str:
    """Return edits as JSON."""
    return json.dumps([_edit_row(edit) for edit in edits])


def edits_of(text: str) -> tuple[Edit, ...]:
    """Return edits from JSON."""
    return tuple(map(_edit, _edits.decode(text)))


def _edit(values: EditFields) -> Edit:
    *span, original, replacement = values
    return Edit(Span(*span), intern(original), intern(replacement))


def _edit_row(edit: Edit) -> EditFields:
    span = edit.span
    numbers = (span.start, span.end, span.line, span.column, span.end_line, span.end_column)
    return (*numbers, edit.original, edit.replacement)


def measurement_of(row: Row, metrics: Mapping[str, Metric]) -> Measurement:
    """Return a measurement from the columns of ``MEASUREMENT`` and two more.

    These are its observations as JSON, and whether it started warm: such a run measures no
    processor time. Only clean runs are few enough that each has its digest.
    """
    mutant_id, seed, fold, ending, code, text, seconds, cpu_seconds, settled, *result = row
    parameters, environment, observations, is_warm = result
    steps = _steps(text)
    digest = ""
    if not mutant_id:
        digest = result_of(steps, parameters, _observed(observations)).digest
    return Measurement(
        mutant_id=mutant_id,
        draw=_draw(seed, fold),
        exit=_stored_exit(ending, code),
        metrics=counting_values(steps, metrics),
        seconds=seconds,
        cpu_seconds=nan if is_warm else cpu_seconds,
        whole=not settled,
        digest=digest,
        environment=intern(environment),
    )


@lru_cache(maxsize=4096)
def _draw(seed: int, fold: int) -> Draw:
    """Return the start of a run; the few that there are, are shared by all runs."""
    return Draw(seed, fold)


@lru_cache(maxsize=1024)
def _stored_exit(ending: str, code: int) -> Exit:
    return _exit(Ending(ending), code)


def probe_row(probe: Probe) -> list[Any]:
    """Return the columns of ``PROBE``."""
    return PROBE.encode(*(getattr(probe, name) for name in PROBE.names))


def probe_of(row: Row) -> Probe:
    """Return the record of a mutant's probes from the columns of ``PROBE``."""
    return Probe(*PROBE.decode(row))
