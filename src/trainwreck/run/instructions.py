"""The instructions that the agent gets for one trial."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trainwreck.model import CleanTimes, Mutant


@dataclass(frozen=True, slots=True)
class Horizon:
    """The state in which a run ends at its first report, because clean runs had the same one.

    It waits there: a joint run is still to show that the rest would be clean as well.
    ``hits`` is the number of evaluations of the mutated code by then, ``checkpoints`` are the
    hashes of the clean runs' states.
    """

    hits: int
    checkpoints: frozenset[str]


@dataclass(frozen=True, slots=True)
class WarmStart:
    """The permission to start a trial warm: as a fork of a clean run, its stem.

    It forks at the first evaluation of ``point``'s expression, by default of its own. ``clean`` are
    the digests of clean runs of its draw: the stem must end in one of them. A clean run takes
    ``whole`` processor seconds, ``prefix`` of them until the fork; that is None where it is not
    known.
    """

    clean: frozenset[str]
    point: Mutant | None = None
    prefix: float | None = None
    whole: float = 0.0


@dataclass(frozen=True, slots=True)
class Instructions:
    """The instructions for one trial; by default there are none.

    ``probed`` maps (root, file) to the text with probes in it. ``groups`` describe the probes to
    the agent (JSON). ``sources`` asks for the calls that can make runs with one seed differ.
    ``observe`` asks for the executed lines, and for where the first model is made and trained.
    ``start`` is None where the trial must start cold, in a process of its own; ``cold`` then says
    why, where warm starts are wanted.
    With the ``times`` of clean runs, a run that is stuck ends before its limits.
    """

    horizon: Horizon | None = None
    probed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    groups: tuple[dict[str, Any], ...] = ()
    sources: bool = False
    observe: bool = False
    start: WarmStart | None = None
    cold: str = ""
    times: CleanTimes | None = None


NO_INSTRUCTIONS = Instructions()
