"""What all trials of a campaign have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trainwreck.model import Subject
from trainwreck.subject.phase_markers import Marks


@dataclass(frozen=True, slots=True)
class RunContext:
    """What all trials of a campaign have in common.

    ``bases`` maps each library to the folder that its files' paths are relative to; ``covers``
    are the folders and files in which executed lines are measured; ``agent`` is false for runs
    without the guest, which report nothing but what they print. ``warm`` is the folder with what
    the clean program compiled, of which each trial gets a copy. Programs learn the number of
    ``folds``.
    """

    subject: Subject
    folder: Path
    campaign: Path
    executable: str
    bases: Mapping[str, Path]
    covers: tuple[Path, ...]
    marks: Marks
    data: Path | None
    agent: bool = True
    folds: int = 1

    @property
    def warm(self) -> Path:
        """Return the folder of what the clean program compiled; it is kept with the campaign."""
        return self.campaign / "warm"

    @property
    def work(self) -> Path:
        """Return the folder of the slots."""
        return self.campaign / "work"
