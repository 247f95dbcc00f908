"""The process that was taken for the subject's, in a run of several processes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROCESSES = "processes"
"""The observation of a run in which another process than the first does the work."""


@dataclass(frozen=True, slots=True)
class ChosenProcess:
    """The process whose facts count as the run's, of ``python`` processes that started Python.

    ``chosen`` is the file or module that it runs, ``kind`` how it started: file, module, fork,
    spawn …. ``ranks`` is how many processes train together, and ``rank`` its own number, None where
    it has none. ``why`` are the names of what spoke for it: metrics, models, phases.
    """

    python: int
    ranks: int
    chosen: str
    kind: str
    rank: int | None
    why: tuple[str, ...]

    @property
    def work(self) -> tuple[str, str, int | None, int]:
        """Return what it runs and as which rank; helpers beside it may vary between runs."""
        return self.chosen, self.kind, self.rank, self.ranks


def chosen_process(observations: Mapping[str, Any]) -> ChosenProcess | None:
    """Return the process that the observations of a run name; None where it is the first one."""
    if PROCESSES not in observations:
        return None
    observed = observations[PROCESSES]
    return ChosenProcess(
        observed["python"],
        observed["ranks"],
        observed["chosen"],
        observed["kind"],
        observed["rank"],
        tuple(observed["why"]),
    )
