"""The command ``list``: mutants as a table or as JSON lines, one by one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.choosing import choice_of
from trainwreck.cli.context import Options
from trainwreck.cli.printing import note, say
from trainwreck.errors import UsageError
from trainwreck.model import MASKED_VALUES, Mutant, PlannedMutant, Rung, operator_name
from trainwreck.operators import all_operators
from trainwreck.report.printable import fitted, json_text, one_line
from trainwreck.report.words import left_out

if TYPE_CHECKING:
    from trainwreck.findings import Fate
    from trainwreck.mutants.choice import Choice

WIDTH = 120
"""The width of the table where the output is no terminal."""
MEASURED = 500
"""Rows from which the widths follow; all others are printed as they come."""
WIDEST_ID, WIDEST_PLACE = 24, 0.35
"""Limits of columns, that of places as a part of the line."""
ID, PLACE, CHANGE, RUNG = HEAD = ("id", "place", "change", "rung")
GAP = "  "
LEAST_CHANGE = 60
"""Letters of the change that stand beside its place, or the change has a line of its own."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A planned mutant, and the class of its rung as far as it is computed."""

    planned: PlannedMutant
    rung: str | None = None

    @property
    def mutant(self) -> Mutant:
        """Return the mutant without its phases."""
        return self.planned.mutant


def print_mutants(
    options: Options,
    rung: str | None,
    fate: Fate | None,
    beyond_limit: bool,
    uncovered: bool,
    **filters: Any,
) -> None:
    """Print the mutants that pass the filters."""
    if (beyond_limit or uncovered) and (rung or fate):
        raise UsageError(
            f"`--{'rung' if rung else 'fate'}` needs mutants that ran, and only planned ones run",
            "Leave out `--all` and `--uncovered`.",
        )
    choice = choice_of(options, **filters)
    if fate is not None:
        mutants = _of_fate(options.reading(), fate)
    elif beyond_limit or uncovered:
        mutants = _of_sources(options, uncovered)
    else:
        mutants = _planned(options.reading(), with_rungs=rung is not None or not options.json)
    accepted = _accepted(mutants, choice, rung)
    for line in map(mutant_json, accepted) if options.json else _table(accepted):
        say(line)
    if not options.json and not beyond_limit and not uncovered:
        _name_what_is_left_out(options.reading())


def _name_what_is_left_out(campaign: Campaign) -> None:
    """Print the number of annotations to standard error, so that the table stays a table."""
    with campaign.source() as source:
        annotations = sum(s.mutants for s in source.file.strata() if not s.chance)
    if annotations:
        note(left_out(annotations))


def _planned(campaign: Campaign, with_rungs: bool) -> Iterator[Listed]:
    """Yield the planned mutants and hold none: verdicts come in the same order, some missing."""
    with campaign.source() as source:
        chosen = source.chosen_verdicts() if with_rungs else ()
        rungs = {judged.mutant.id: judged.verdict.rung_class for judged in chosen}
        verdicts = iter(source.first_verdicts() if with_rungs else ())
        judged = next(verdicts, None)
        for planned in source.mutants():
            if judged is None or judged.mutant.id != planned.mutant.id:
                yield Listed(planned, rungs.get(planned.mutant.id))
            else:
                yield Listed(planned, judged.verdict.rung_class)
                judged = next(verdicts, None)


def _of_fate(campaign: Campaign, fate: Fate) -> Iterator[Listed]:
    """Yield the mutants with a fate, the most interesting first, as reports rank them."""
    from trainwreck.findings import fate_of

    (summary,) = campaign.summaries()
    ranked = [bug.item for bug in (*summary.harmful, *summary.silent)]
    for item in {item.mutant.id: item for item in (*ranked, *campaign.judged())}.values():
        if fate_of(item.verdict) is fate:
            yield Listed(item.planned, item.verdict.rung_class)


def _of_sources(options: Options, uncovered: bool) -> Iterator[Listed]:
    """Yield the mutants of the sources; those that are planned have their rungs."""
    from trainwreck.cli.progress import LiveProgress

    settings, progress = options.load_settings(), LiveProgress(())
    campaign = Campaign(options.campaign_folder(), settings, options.data, progress=progress)
    planned = _planned(campaign, with_rungs=not options.json) if campaign.exists else ()
    rungs = {listed.mutant.id: listed.rung for listed in planned}
    for mutant in campaign.mutants(sources=True, uncovered=uncovered):
        yield Listed(mutant, rungs.get(mutant.mutant.id))


def _rungs(listed: Listed) -> tuple[str | None, ...]:
    """Return the rung as exports name it, and its class."""
    return (listed.rung, Rung.MASKED) if listed.rung == MASKED_VALUES else (listed.rung,)


def _accepted(mutants: Iterable[Listed], choice: Choice, rung: str | None) -> Iterator[Listed]:
    """Yield what passes. Raises UsageError, at the end, for an operator that no mutant has."""
    missing = set(choice.operators) - {operator.name for operator in all_operators()}
    for listed in mutants:
        missing.discard(listed.mutant.operator)
        if choice.accepts(listed.planned) and (rung is None or rung in _rungs(listed)):
            yield listed
    if missing:
        names = ", ".join(f"`{operator_name(operator)}`" for operator in sorted(missing))
        raise UsageError(
            f"no mutant is of the operator {names}",
            "Read the operators in `trainwreck report --paper`.",
        )


def mutant_json(listed: Listed) -> str:
    """Render one line of ``list --json``."""
    from trainwreck.exchange.writer import mutant_fields

    return json_text(mutant_fields(listed.planned))


def _table(mutants: Iterable[Listed]) -> Iterator[str]:
    """Yield the lines of a table that fits the terminal; a cell that does not is shortened."""
    rows = map(_row, mutants)
    measured = list(islice(rows, MEASURED))
    if not measured:
        return
    is_terminal = sys.stdout.isatty()
    total = shutil.get_terminal_size((WIDTH, 0)).columns if is_terminal else WIDTH
    id_width = min(WIDEST_ID, _widest(measured, 0))
    place_width = min(int(total * WIDEST_PLACE), _widest(measured, 1))
    rung_width = max(*map(len, Rung), _widest(measured, 3))
    used = id_width + place_width + rung_width + 3 * len(GAP)
    room = max(total - used, len(CHANGE))
    if is_terminal and room < min(_widest(measured, 2), LEAST_CHANGE):
        yield from _in_two_lines(chain([HEAD], measured, rows), id_width, rung_width, total)
        return
    widths = (id_width, place_width, room, rung_width)
    for row in chain([HEAD], measured, rows):
        yield GAP.join(map(_cell, HEAD, row, widths)).rstrip()


def _in_two_lines(
    rows: Iterable[Sequence[str]], id_width: int, rung_width: int, total: int
) -> Iterator[str]:
    """Yield each row with its change below it, as a narrow terminal has no room beside it."""
    place_width = max(total - id_width - rung_width - 2 * len(GAP), len(PLACE))
    for name, place, change, rung in rows:
        cells = (
            _cell(ID, name, id_width),
            _cell(PLACE, place, place_width),
            _cell(RUNG, rung, rung_width),
        )
        yield GAP.join(cells).rstrip()
        for line in fitted(f"    {change}", total).split("\n"):
            yield _cell(CHANGE, line, total).rstrip()


def _row(listed: Listed) -> tuple[str, ...]:
    mutant = listed.mutant
    position = f"{mutant.file}:{mutant.span.line}"
    change = mutant.name.removeprefix(position).removeprefix(":").strip()
    row = mutant.id, position, " ".join(change.split()), listed.rung or ""
    return tuple(map(one_line, row))


def _widest(rows: Iterable[Sequence[str]], column: int) -> int:
    return max((len(row[column]) for row in rows), default=len(HEAD[column]))


def _cell(column: str, text: str, width: int) -> str:
    """Return a text of a column, of its width; of a place, the end with the line is kept."""
    if len(text) > width:
        text = f"…{text[1 - width :]}" if column == PLACE else f"{text[: width - 1]}…"
    return text.ljust(width)
