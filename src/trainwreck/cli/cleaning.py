"""The command ``clean``: lists what trainwreck has made, and removes it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from trainwreck.campaign.cleaning import (
    Group,
    Kind,
    Removable,
    campaigns_below,
    removable_things,
    remove,
)
from trainwreck.cli.context import Options
from trainwreck.cli.printing import confirm, note, say, say_for_others
from trainwreck.errors import UsageError
from trainwreck.report.printable import json_text, one_line
from trainwreck.report.words import amount, counted
from trainwreck.subject.studies import cache_folder

WIDTH_OF_SIZE = 8
MEANINGS = {
    Kind.TRIALS: "copies of trials that were killed",
    Kind.SHARED_MEMORY: "shared memory of trials that were killed",
    Kind.TEMPORARY: "a temporary folder of a killed command",
    Kind.LINK: "a link to a folder that is gone",
    Kind.GROUP: "a control group of trials that were killed",
    Kind.DATA: "data of a study",
    Kind.LISTINGS: "mutants of sources that were read",
    Kind.STATEMENTS: "numbers of statements of libraries",
}


def clean(
    options: Options,
    names: Sequence[str],
    environments: bool,
    caches: bool,
    leftovers: bool,
    yes: bool,
) -> None:
    """List what can be removed, and remove it where that is wanted. Raises UsageError."""
    campaigns = [options.campaign] if options.campaign else campaigns_below(Path.cwd())
    things = list(removable_things(cache_folder(), campaigns))
    flags = {
        Group.ENVIRONMENTS: environments,
        Group.CACHES: caches,
        Group.LEFTOVERS: leftovers,
    }
    things = _chosen(things, names, {group for group, is_given in flags.items() if is_given})
    if not options.json:
        say_for_others(_list_text(things), as_json=False)
    removed = _remove_all(things) if yes or (not options.json and _confirms(things)) else set()
    if options.json:
        for thing in things:
            say(json_text({**asdict(thing), "path": str(thing.path), "removed": thing in removed}))
    elif removed:
        say(f"removed {_sum(removed)}")
    if left := [thing for thing in things if yes and thing not in removed]:
        paths = ", ".join(str(thing.path) for thing in left)
        note(f"trainwreck: not removed, as it is in use or cannot be written: {paths}")


def _chosen(
    things: Sequence[Removable], names: Sequence[str], groups: Collection[Group]
) -> list[Removable]:
    """Return the things of these groups and names; all where none is given."""
    chosen = [thing for thing in things if not groups or thing.group in groups]
    for name in names:
        if not any(_has_name(thing, name) for thing in chosen):
            hint = "Run `trainwreck clean` for a list."
            raise UsageError(f"there is no `{name}` to remove", hint)
    return [t for t in chosen if not names or any(_has_name(t, name) for name in names)]


def _has_name(thing: Removable, name: str) -> bool:
    """Return whether a thing is meant by its path, its name or the name of its study."""
    path = thing.path
    return name in (str(path), path.name, path.name.rpartition("-")[0]) or Path(name) == path


def _remove_all(things: Sequence[Removable]) -> set[Removable]:
    return {thing for thing in things if remove(thing)}


def _confirms(things: Sequence[Removable]) -> bool:
    """Ask whether to remove the things, where somebody can answer."""
    free = _free(things)
    return bool(free) and confirm(f"Remove {_sum(free)}?")


def _list_text(things: Sequence[Removable]) -> str:
    """Return the list with sizes, and what can be done with it."""
    lines = []
    for group, members in groupby(things, lambda thing: thing.group):
        lines.append(str(group))
        lines += [_line(thing) for thing in members]
    if free := _free(things):
        lines += ["", f"{_sum(free)} can be removed: add `--yes`."]
    else:
        lines.append("nothing can be removed")
    return "\n".join(lines)


def _line(thing: Removable) -> str:
    remarks = [MEANINGS[thing.kind]] if thing.kind in MEANINGS else []
    remarks += [] if thing.complete else ["not complete"]
    remarks += ["in use"] if thing.in_use else []
    remark = f"  ({', '.join(remarks)})" if remarks else ""
    return one_line(f"  {amount(thing.size):>{WIDTH_OF_SIZE}}  {thing.path}{remark}")


def _free(things: Sequence[Removable]) -> list[Removable]:
    return [thing for thing in things if not thing.in_use]


def _sum(things: Collection[Removable]) -> str:
    """Return the number and the size of things."""
    return f"{counted(len(things), 'thing')} ({amount(sum(thing.size for thing in things))})"
