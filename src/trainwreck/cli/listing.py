"""The command ``list``: mutants as a table or as JSON lines, one by one."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.context import Options
from trainwreck.errors import UsageError
from trainwreck.model import Mutant, OperatorCode, Rung, operator_name

Listed = tuple[Mutant, tuple[str, ...]]

WIDTH = 120
"""The width of the table where the output is no terminal."""
MEASURED = 500
"""Rows from which the widths follow; all others are printed as they come."""
WIDEST_ID, WIDEST_PLACE = 24, 0.35
"""Limits of columns, that of places as a part of the line."""
ID, PLACE, CHANGE, RUNG = HEAD = ("id", "place", "change", "rung")
GAP = "  "


@dataclass(frozen=True, slots=True)
class Filter:
    """The mutants to list."""

    operators: frozenset[str]
    file: str
    phase: str | None
    rung: Rung | None

    def accepts(self, mutant: Mutant, phases: tuple[str, ...], rung: Rung | None) -> bool:
        """Return whether to list a mutant."""
        return (
            (not self.operators or mutant.operator in self.operators)
            and self.file in mutant.file
            and (self.phase is None or self.phase in phases)
            and (self.rung is None or self.rung is rung)
        )


def print_mutants(
    options: Options,
    operators: Sequence[str] | None,
    file: str | None,
    phase: str | None,
    rung: Rung | None,
    beyond_limit: bool,
    uncovered: bool,
) -> None:
    """Print the mutants that pass the filters."""
    from_sources = beyond_limit or uncovered
    if from_sources and rung:
        raise UsageError(
            "`--rung` needs mutants that ran, and only planned ones run",
            "Leave out `--all` and `--uncovered`.",
        )
    wanted = Filter(frozenset(operators or ()), file or "", phase, rung)
    campaign = _campaign(options, from_sources)
    rungs = {} if options.json and not rung else _rungs(campaign)
    listed = _accepted(campaign.mutants(sources=from_sources, uncovered=uncovered), wanted, rungs)
    lines = map(mutant_json, listed) if options.json else _table(listed, rungs)
    for line in lines:
        print(line)


def _campaign(options: Options, from_sources: bool) -> Campaign:
    if not from_sources:
        return options.reading()
    from trainwreck.cli.progress import LiveProgress

    settings, progress = options.load_settings(), LiveProgress(())
    return Campaign(options.campaign_folder(), settings, options.data, progress=progress)


def _rungs(campaign: Campaign) -> dict[str, Rung]:
    """Return the rungs of the mutants that have one; none where nothing was planned yet."""
    if not campaign.folder.is_dir():
        return {}
    with campaign.source() as source:
        verdicts = ((item.mutant.id, item.verdict.rung) for item in source.first_verdicts())
        return {mutant: rung for mutant, rung in verdicts if rung is not None}


def _accepted(
    mutants: Iterable[Listed], wanted: Filter, rungs: Mapping[str, Rung]
) -> Iterator[Listed]:
    """Yield what passes. Raises UsageError, at the end, for an operator that no mutant has."""
    missing = set(wanted.operators) - set(OperatorCode)
    for mutant, phases in mutants:
        missing.discard(mutant.operator)
        rung = rungs.get(mutant.id) if wanted.rung else None
        if wanted.accepts(mutant, phases, rung):
            yield mutant, phases
    if missing:
        names = ", ".join(f"`{operator_name(operator)}`" for operator in sorted(missing))
        raise UsageError(
            f"no mutant is of the operator {names}", "Read the operators in `trainwreck report`."
        )


def mutant_json(listed: Listed) -> str:
    """Render one line of ``list --json``."""
    from trainwreck.exchange.writer import mutant_fields

    return json.dumps(mutant_fields(*listed))


def _table(listed: Iterator[Listed], rungs: Mapping[str, Rung]) -> Iterator[str]:
    """Yield the lines of a table that fits the terminal; a cell that does not is shortened."""
    rows = (_row(mutant, rungs.get(mutant.id)) for mutant, _ in listed)
    measured = list(islice(rows, MEASURED))
    total = shutil.get_terminal_size((WIDTH, 0)).columns if sys.stdout.isatty() else WIDTH
    id_width = min(WIDEST_ID, _widest(measured, 0))
    place_width = min(int(total * WIDEST_PLACE), _widest(measured, 1))
    rung_width = max(map(len, Rung))
    used = id_width + place_width + rung_width + 3 * len(GAP)
    widths = (id_width, place_width, max(total - used, len(CHANGE)), rung_width)
    for row in chain([HEAD], measured, rows):
        yield GAP.join(map(_cell, HEAD, row, widths)).rstrip()


def _row(mutant: Mutant, rung: Rung | None) -> tuple[str, str, str, str]:
    place = f"{mutant.file}:{mutant.span.line}"
    change = mutant.name.removeprefix(place).removeprefix(":").strip()
    return mutant.id, place, " ".join(change.split()), rung or ""


def _widest(rows: Iterable[Sequence[str]], column: int) -> int:
    return max((len(row[column]) for row in rows), default=len(HEAD[column]))


def _cell(column: str, text: str, width: int) -> str:
    """Return a text of a column, of its width; of a place, the end with the line is kept."""
    if len(text) > width:
        text = f"…{text[1 - width :]}" if column == PLACE else f"{text[: width - 1]}…"
    return text.ljust(width)
