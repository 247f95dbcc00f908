"""Remembers stems without a result that counts, in a file that all slots of a campaign share."""

from contextlib import suppress
from pathlib import Path

NAME = "useless-stems"
MOST_USELESS = 2
"""Stems that may be useless before all trials start cold."""


class UselessStems:
    """The stems of this session of a campaign without a result that counts, with the reasons.

    Args:
        folder: The folder of the slots; it exists.

    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME

    @property
    def reason(self) -> str:
        """Return why no further stem is tried, empty while there may be more."""
        with suppress(OSError):
            lines = self._file.read_text(encoding="utf-8").splitlines()
            if len(lines) >= MOST_USELESS:
                return lines[-1]
        return ""

    def note(self, reason: str) -> None:
        """Note that a stem was useless, where there is a reason."""
        if reason:
            with suppress(OSError), self._file.open("a", encoding="utf-8") as file:
                file.write(f"{reason}\n")
