"""The power of checks that users wrote themselves, which were run on planted bugs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainwreck.model import Share


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """One check of the user's own.

    Attributes:
        name: Its name in the settings.
        noticed: By mutant id, whether it noticed the bug; None where the run proves nothing.
        masked: How many masked mutants it noticed, of those that it ran on.
        of_masked: The number of all masked mutants.
        alarms: How many clean runs raise an alarm.
        seeds: The number of different seeds among the clean runs.
        cost: What a run takes, as a share of a training; None where it is not known.
        seconds: The processor seconds of a run; None for a watcher inside the training.
        reached: How many bugs its runs executed at all; None for a watcher.
        limit: The share of clean runs with an alarm above which it is refused.
        otherwise: How many clean runs in other circumstances raise an alarm, by circumstance.

    """

    name: str
    noticed: Mapping[str, bool | None]
    masked: Share
    of_masked: int
    alarms: Share
    seeds: int
    cost: float | None
    seconds: float | None
    reached: Share | None
    limit: float = 1.0
    otherwise: Mapping[str, Share] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """Return whether its alarms are chance: too many in clean runs, or in all of them."""
        return bool(self.alarms.count) and (
            self.alarms.count == self.alarms.total or self.alarms.value > self.limit
        )
