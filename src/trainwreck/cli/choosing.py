"""Which mutants the options of a command choose."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck.cli.context import Options
from trainwreck.cli.printing import note
from trainwreck.errors import NothingChosen, UsageError

if TYPE_CHECKING:
    from trainwreck.model import Context, PlannedMutant
    from trainwreck.mutants.choice import Choice

HEADING = "id"
"""The first word above a table of mutants, which is no id."""


def choice_of(
    options: Options,
    operators: Sequence[str] | None,
    file: str | None,
    function: str | None,
    contexts: Sequence[Context] | None,
    phase: str | None,
    since: str | None,
) -> Choice:
    """Return the conditions that a mutant must meet. Raises UsageError for a revision."""
    from trainwreck.mutants.choice import Choice

    changed = None
    if since is not None:
        from trainwreck.subject.revisions import changed_lines

        changed = changed_lines(options.load_settings().folder, since)
    return Choice(
        file=file or "",
        function=function or "",
        operators=frozenset(operators or ()),
        contexts=frozenset(contexts or ()),
        phase=phase or "",
        changed=changed,
    )


def has_no_change(choice: Choice) -> bool:
    """Return whether a choice asks for changed lines, and there are none."""
    return choice.changed is not None and not any(choice.changed.values())


def choose_any(choose: Callable[[], list[PlannedMutant]]) -> list[PlannedMutant]:
    """Return the mutants that are chosen; none where none is, with a note on it."""
    try:
        return choose()
    except NothingChosen as error:
        note(f"trainwreck: {error.what}: nothing runs")
        return []


def check_own(patches: Sequence[Path] | None, reverse: bool, bugs: bool, is_choice: bool) -> None:
    """Raise UsageError where options for own bugs contradict one another, or the others."""
    if reverse and not patches:
        raise UsageError("`--reverse` needs a patch to take back", "Add `--patch FILE`.")
    given = [name for name, is_given in (("--patch", patches), ("--bugs", bugs)) if is_given]
    if len(given) > 1 or (given and is_choice):
        raise UsageError(
            f"`{given[0]}` runs own bugs alone, and no {'others' if is_choice else '`--bugs`'}",
            "Give one of the two, then run the command once more for the other.",
        )


def ids_of(words: Sequence[str], only: Path | None) -> tuple[str, ...]:
    """Return the ids on the command line and in a file. Raises UsageError where there is none."""
    if only is None:
        return tuple(words)
    ids = (*words, *_ids_in(_text_of(only)))
    if not ids:
        raise UsageError(f"there is no id in {only}", "Write one id on each line.")
    return ids


def _text_of(path: Path) -> str:
    try:
        if str(path) == "-":
            return sys.stdin.read()
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "Name a file of ids.") from None


def _ids_in(text: str) -> Iterator[str]:
    """Yield the first word of each line: tables and JSON lines of ``list`` are read as well."""
    for line in text.splitlines():
        if line.startswith("{"):
            yield _id_of_json(line)
            continue
        word = (line.partition("#")[0].split() or [HEADING])[0]
        if word != HEADING:
            yield word


def _id_of_json(line: str) -> str:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError):
        raise UsageError(f"`{line[:80]}` has no id", "Write one id on each line.") from None
