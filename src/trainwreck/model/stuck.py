"""A run that is stuck: the clean times to compare it with, and what shows that it is."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

STUCK = "stuck"
"""The observation that shows that a run was stuck."""


class Standstill(StrEnum):
    """A way of being stuck.

    ``asleep``: no thread wakes before the time limit. ``unchanging``: the program runs in circles,
    and all that it holds has the same values again and again. ``runaway``: it evaluates the changed
    code far more often than a clean run, and shows no other progress.
    """

    ASLEEP = "asleep"
    UNCHANGING = "unchanging"
    RUNAWAY = "runaway"


@dataclass(frozen=True, slots=True)
class CleanTimes:
    """The longest times of clean runs, in seconds.

    ``whole`` is that of a run, ``phases`` maps each phase to the longest time between its begin and
    the next one. ``evaluations`` is how often the clean program evaluates the changed code, None
    where that is not known.
    """

    whole: float
    phases: Mapping[str, float] = field(default_factory=dict)
    evaluations: int | None = None

    def of_phase(self, name: str) -> float:
        """Return the longest time of a phase; of an unknown one, that of a whole run."""
        return self.phases.get(name, self.whole)


@dataclass(frozen=True, slots=True)
class Stuck:
    """The proof that a run was stuck, as evidence of its verdict.

    ``seconds`` are of its own time, in its last phase, where clean runs take ``clean``; of a run
    that sleeps, both are of the whole run. ``threads`` are those that slept. ``answers`` is how
    often the agent compared what the program holds, ``states`` how many different states it found.
    ``hits`` and ``evaluations`` are those of the run and of a clean one.
    """

    why: Standstill
    seconds: float
    clean: float
    threads: int = 0
    answers: int = 0
    states: int = 0
    hits: int | None = None
    evaluations: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the observation that is stored."""
        return asdict(self)

    @classmethod
    def read(cls, observed: Mapping[str, Any]) -> "Stuck | None":
        """Return the evidence that observations hold, None where they hold none."""
        value = observed.get(STUCK)
        if not isinstance(value, dict) or value.get("why") not in list(Standstill):
            return None
        known = {name: value[name] for name in cls.__dataclass_fields__ if name in value}
        return cls(**{**known, "why": Standstill(value["why"])})
