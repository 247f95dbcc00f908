"""The containment of trials in words."""

import json
import os
from collections.abc import Sequence

from trainwreck.model import Held, Level, Means, WrittenFolder
from trainwreck.report.words import amount, counted, joined

BEFORE_LEVELS = (
    "The campaign began before trials were contained, and goes on so: they share large files with "
    'the program itself. Write `containment = "strict"` under [trials] to contain them from now on.'
)


def containment(held: Sequence[Held]) -> str:
    """Return a sentence on what held, oldest first; a campaign may have gone on at another level.

    An import that does not say it has no level at all, nor has a campaign before its first run.
    """
    if not held:
        return "Containment: not known."
    parts = [name_of(held[0])]
    parts += [f"after {counted(item.after, 'run')} {name_of(item)}" for item in held[1:]]
    return f"Containment: {'; '.join(parts)}."


def name_of(held: Held) -> str:
    """Name a level, with what it leaves open."""
    network = "network open" if held.is_online else "network closed"
    return f"{held.level} ({', '.join(filter(None, [WEAKER.get(held.means), network]))})"


WEAKER: dict[Means | None, str] = {
    Means.LANDLOCK: "by Landlock: modes and times of other files stay open"
}
"""The means that leave more open than others."""


def goes_on(before: Held, now: Held) -> str:
    """Say that a campaign goes on at another level than that of its runs so far."""
    return (
        f"The runs so far were contained at level {name_of(before)}. The campaign goes on at level "
        f"{name_of(now)}; clean runs between the mutants show whether that changes results."
    )


def contained(
    held: Held, problem: str, withheld: Sequence[str], copied: int, absent: Sequence[str] = ()
) -> str:
    """Say what a level leaves open and costs, for `doctor`.

    Args:
        held: The containment.
        problem: The reason why this machine gives no better level; empty where there is none.
        withheld: Names of variables that the program does not get.
        copied: Bytes that each run copies although runs could share them.
        absent: Names of variables that the settings allow and that are not set.

    """
    sentences = [f"level {name_of(held)}"]
    if held.level in OPEN:
        sentences.append(OPEN[held.level])
    if problem and held.level is not Level.NONE:
        sentences.append(f"This machine gives no better level: {problem}")
    if copied > NOTABLE_COPY:
        sentences.append(
            f"Each run copies {amount(copied)} of data, unless the file system shares the blocks. "
            "Move what the program does not need out of its folder"
        )
    if withheld:
        sentences.append(f"Withheld as credentials: {joined(withheld)}")
    if absent:
        sentences.append(f"`credentials` names what is not set here: {joined(absent)}")
    return ". ".join(sentences) + ("." if len(sentences) > 1 else "")


OPEN = {
    Level.COPY: "A program can change files elsewhere if it names their paths",
    Level.NONE: "A buggy program can change large input files, and all others",
}
NOTABLE_COPY = 50 << 20
"""Bytes that a run copies without a word."""


def written_outside(written: Sequence[WrittenFolder], shared: bool) -> str:
    """Say what a clean run wrote outside of its folder.

    Args:
        written: The folders, or single files.
        shared: Whether all runs share these files, and see each other's changes.

    """
    names = [short_path(item.path) + _amounts(item) for item in written[:MOST_SHOWN]]
    left = len(written) - len(names)
    where = joined([*names, counted(left, "other folder")] if left else names)
    if shared:
        return f"{where}. All runs share these files, and see each other's changes."
    return (
        f"{where}. Each run writes to copies of its own; what the first one wrote into the home is "
        "there for all others."
    )


MOST_SHOWN = 5


def _amounts(item: WrittenFolder) -> str:
    """Say how much was written, and how much of it is new."""
    if not item.bytes:
        return ""
    if item.new == item.files:
        return f" ({counted(item.files, 'new file')}, {amount(item.bytes)})"
    new = f", {item.new:,} of them new ({amount(item.new_bytes)})" if item.new else ""
    return f" ({counted(item.files, 'file')}, {amount(item.bytes)}{new})"


def reached(hosts: Sequence[str], services: Sequence[str]) -> str:
    """Say what the first clean run reached, and the others do not.

    Args:
        hosts: Names or addresses of other machines.
        services: Services of this machine.

    """
    sentences = []
    if hosts:
        sentences.append(
            f"{_some(hosts, 'other host')}. Only the first clean run reaches the network; all "
            "others find what it fetched into the home."
        )
    if services:
        sentences.append(
            f"services of this machine ({_some(services, 'other one')}), which later runs do not "
            "reach: write `network = true` under [trials] if the program needs them."
        )
    return " And ".join(sentences)


def _some(names: Sequence[str], noun: str) -> str:
    """Name the first of them, and say how many more there are."""
    left = len(names) - MOST_SHOWN
    shown = list(names[:MOST_SHOWN])
    return joined([*shown, counted(left, noun)] if left > 0 else shown)


def other_files(steady: Sequence[str], changing: Sequence[str]) -> str:
    """Say which files no verdict compares, and how to have them compared.

    Args:
        steady: Patterns of files that clean runs with one seed write alike.
        changing: Patterns of files that they write differently.

    """
    sentences = []
    if steady:
        named = ", ".join(json.dumps(name, ensure_ascii=False) for name in steady[:MOST_SHOWN])
        sentences.append(
            f"{_some(steady, 'other')}. A bug that spoils only them counts as masked, unless "
            f"[subject] has `outputs = [{named}]`."
        )
    if changing:
        sentences.append(
            f"{_some(changing, 'other')} cannot be compared, as clean runs with one seed write "
            "different ones."
        )
    return " ".join(sentences)


def short_path(path: str) -> str:
    """Return a path with the user's home as ``~``."""
    home = os.environ.get("HOME", "").rstrip("/")
    is_inside = bool(home) and f"{path}/".startswith(f"{home}/")
    return f"~{path.removeprefix(home)}" if is_inside else path
