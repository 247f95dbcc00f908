"""The containment of trials in words."""

from collections.abc import Sequence

from trainwreck.model import Held, Level, Means
from trainwreck.report.words import counted

BEFORE_LEVELS = (
    "The campaign began before trials were contained, and goes on so: they share large files with "
    'the program itself. Write `containment = "strict"` under [trials] to contain them from now on.'
)


def containment(held: Sequence[Held]) -> str:
    """Return a sentence on what held, oldest first; a campaign may have gone on at another level.

    An import that does not say it has no level at all.
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


def open_parts(held: Held) -> str:
    """Say what a trial can still harm at this level."""
    return OPEN[held.level]


OPEN = {
    Level.STRICT: "",
    Level.COPY: "A program that names files outside of its folder by their paths can change them.",
    Level.NONE: "A buggy program can change its own large input files, and all others.",
}
