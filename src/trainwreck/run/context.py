"""The settings and folders that all trials of a campaign share."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trainwreck.model import Subject
from trainwreck.run.policy import UNCONTAINED, Policy
from trainwreck.subject.phase_markers import Marks


@dataclass(frozen=True, slots=True)
class RunContext:
    """The settings and folders that all trials of a campaign share.

    ``folder`` holds the program, ``campaign`` the results, ``data`` the fetched data. ``bases``
    maps each library to the folder that its files' paths are relative to. ``covers`` are the
    folders and files in which executed lines are measured. ``marks`` begin the phases of the
    program. ``agent`` is false for runs without the agent, which report only what they print.
    ``folds`` is the number of parts of a cross-validation, which is passed to the program.
    ``shared`` is what the copies of the program's folder link to, where they link to anything.
    ``policy`` says what trials may write and reach. ``places`` are folders and archives that the
    interpreter reads modules from. ``gpus`` is the number of GPUs of each run, or its share of one,
    ``gpu_memory`` the bytes that it may use there, 0 for no limit. ``watchers`` are names and
    functions, as ``FILE.py:NAME``, that each run calls at its reports.
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
    policy: Policy = UNCONTAINED
    places: tuple[Path, ...] = ()
    shared: tuple[Path, ...] = ()
    gpus: float = 0.0
    gpu_memory: int = 0
    watchers: tuple[tuple[str, str], ...] = ()

    @property
    def warm(self) -> Path:
        """Return the folder of code that the clean program compiled; each trial gets a copy."""
        return self.campaign / "warm"

    @property
    def fetched(self) -> Path:
        """Return the folder of what the first clean run wrote to its private views."""
        return self.campaign / "fetched"

    @property
    def work(self) -> Path:
        """Return the folder of the slots."""
        return self.campaign / "work"
