"""Containment: what the programs of trials can write and reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """The distance at which a trial is kept from everything else on the machine.

    ``STRICT`` lets it write only what is its own. ``COPY`` gives it copies of all that belongs to
    the program, and cannot stop it from writing elsewhere. ``NONE`` shares large files.
    """

    STRICT = "strict"
    COPY = "copy"
    NONE = "none"


class Means(StrEnum):
    """The mechanism of a strict level: views of files of their own, or refused writes."""

    MOUNTS = "mounts"
    LANDLOCK = "landlock"


@dataclass(frozen=True, slots=True)
class Held:
    """The containment that held for the runs of a campaign.

    ``means`` is None except at a strict level. ``is_online`` is whether runs reached the network.
    ``after`` is the number of runs that the campaign had before.
    """

    level: Level
    means: Means | None = None
    is_online: bool = True
    after: int = 0

    def is_like(self, other: "Held") -> bool:
        """Return whether trials are kept from the same things."""
        return (self.level, self.means, self.is_online) == (
            other.level,
            other.means,
            other.is_online,
        )


@dataclass(frozen=True, slots=True)
class WrittenFolder:
    """A folder, or a single file, with the number and the bytes of files that were written.

    ``new`` and ``new_bytes`` are those that were not there before.
    """

    path: str
    files: int = 0
    bytes: int = 0
    new: int = 0
    new_bytes: int = 0

    def with_file(self, size: int, is_new: bool) -> "WrittenFolder":
        """Return the same with one more file, of ``size`` bytes."""
        return WrittenFolder(
            self.path,
            self.files + 1,
            self.bytes + size,
            self.new + is_new,
            self.new_bytes + size * is_new,
        )


def held_of(description: Mapping[str, Any]) -> Held:
    """Return what a campaign stored, which `dataclasses.asdict` made."""
    means = description.get("means")
    return Held(
        Level(description["level"]),
        Means(means) if means else None,
        description.get("is_online", True),
        description.get("after", 0),
    )
