"""A program with all that it is started with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.model import Means
from trainwreck.run.containment import Containment
from trainwreck.run.limits import Limits


@dataclass(frozen=True, slots=True)
class ProgramStart:
    """A program, its arguments and all that it is given.

    ``folder`` is the working directory, ``environment`` holds all variables. ``marker`` is an entry
    ``NAME=value`` of it that only the processes of this program have. ``containment`` is what it
    cannot write or reach, None for no such limits; ``room`` the folder in which it may write up to
    the limit of the disk, None for the working directory.
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    limits: Limits
    marker: str
    containment: Containment | None = None
    room: Path | None = None

    @property
    def has_own_memory(self) -> bool:
        """Return whether the program shares no memory with other programs of the machine."""
        return bool(self.containment and self.containment.means == Means.MOUNTS)

    @property
    def is_walled(self) -> bool:
        """Return whether the program cannot reach its keeper."""
        return bool(self.containment and self.containment.means)

    def as_json(self) -> dict[str, Any]:
        """Return the request to a keeper."""
        return {
            "command": list(self.command),
            "folder": str(self.folder),
            "environment": dict(self.environment),
            "limits": self.limits.as_json(),
            "containment": self.containment.as_json() if self.containment else None,
        }
