"""Finds the mutants that somebody names or describes: planned ones, or any of the sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from trainwreck.errors import NothingChosen, UsageError
from trainwreck.model import PlannedMutant
from trainwreck.store.campaign_file import CampaignFile

if TYPE_CHECKING:
    from trainwreck.campaign.campaign import Campaign
    from trainwreck.mutants.choice import Choice

SHOWN = 5
"""Messages name no more ids."""


def choose(
    campaign: Campaign, choice: Choice, ids: Sequence[str] = (), sources: bool = False
) -> list[PlannedMutant]:
    """Return the mutants that are named, if any are, and that meet the choice.

    Args:
        campaign: The campaign, with its settings.
        choice: The conditions.
        ids: Ids of mutants, or beginnings of them.
        sources: Choose also among mutants beyond the limit per file.

    Raises:
        UsageError: An id is unknown or has several mutants.
        NothingChosen: No mutant meets the choice.

    """
    if ids:
        mutants: Iterable[PlannedMutant] = named(campaign, ids)
    elif sources:
        mutants = _in_turns(campaign)
    else:
        mutants = campaign.mutants()
    chosen = [planned for planned in mutants if choice.accepts(planned)]
    if not chosen:
        raise NothingChosen(*_nothing(choice, is_planned=not ids and not sources))
    return chosen


def _nothing(choice: Choice, is_planned: bool) -> tuple[str, str]:
    if choice.changed is not None and not any(choice.changed.values()):
        return (
            "no line of a Python file of the program has changed since that revision",
            "Name an older revision; files of installed libraries are not in git.",
        )
    what = "no planned mutant meets the choice" if is_planned else "no mutant meets the choice"
    hint = "Look with `trainwreck list` and the same options"
    return what, f"{hint}, or add `--all`." if is_planned else f"{hint}."


def _in_turns(campaign: Campaign) -> list[PlannedMutant]:
    """Return the mutants of all executed lines, so that the first N are of all files."""
    from trainwreck.mutants.selection import in_turns

    assert campaign.settings is not None
    listed = {planned.mutant.id: planned for planned in campaign.mutants(sources=True)}
    mutants = (planned.mutant for planned in listed.values())
    return [listed[m.id] for m in in_turns(mutants, campaign.settings.mutants.seed)]


def named(campaign: Campaign, prefixes: Iterable[str]) -> list[PlannedMutant]:
    """Return the mutants whose ids begin so, each once; those of the sources are all listed ones.

    Raises UsageError where none does, or several do.
    """
    wanted = list(dict.fromkeys(prefixes))
    matches: dict[str, dict[str, PlannedMutant]] = {prefix: {} for prefix in wanted}
    if campaign.exists:
        with CampaignFile.open(campaign.folder) as file:
            _match(matches, wanted, chain(file.chosen(), file.mutants()))
    missing = [prefix for prefix in wanted if not matches[prefix]]
    if missing:
        _match(matches, missing, campaign.mutants(sources=True, uncovered=True))
    _check_known([prefix for prefix in wanted if not matches[prefix]])
    for prefix in wanted:
        _check_unique(prefix, list(matches[prefix]))
    by_id = dict(pair for prefix in wanted for pair in matches[prefix].items())
    return list(by_id.values())


def _match(
    matches: dict[str, dict[str, PlannedMutant]],
    prefixes: Sequence[str],
    mutants: Iterable[PlannedMutant],
) -> None:
    """Add each mutant to the prefixes that its id has; there may be very many of both."""
    wanted, lengths = set(prefixes), sorted(set(map(len, prefixes)))
    for planned in mutants:
        mutant_id = planned.mutant.id
        for length in lengths:
            if mutant_id[:length] in wanted:
                matches[mutant_id[:length]].setdefault(mutant_id, planned)


def _check_known(unknown: Sequence[str]) -> None:
    if unknown:
        names = ", ".join(f"`{prefix}`" for prefix in unknown[:SHOWN])
        names += " …" if len(unknown) > SHOWN else ""
        raise UsageError(
            f"no mutants have an id that begins with {names}",
            "Choose one from `trainwreck list --all`.",
        )


def _check_unique(prefix: str, ids: Sequence[str]) -> None:
    if len(ids) > 1:
        shown = ", ".join(ids[:SHOWN]) + (" …" if len(ids) > SHOWN else "")
        raise UsageError(
            f"{len(ids)} mutants have an id that begins with `{prefix}`: {shown}",
            "Give more of the id.",
        )
