"""What can happen to a campaign at work, drawn from a seed so that it can be repeated."""

import errno
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

DAY = 86_400
HOUR = 3_600


class Way(StrEnum):
    """The means of a disturbance."""

    CHANGE = "at a change of a file"
    TIME = "at a moment"
    FILES = "before the command"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of disturbance; ``plan`` and ``values`` are for the shim, see shim.c.

    ``weight`` is how often it is drawn. ``lengths`` are numbers of changes, 0 for all that follow.
    """

    way: Way
    weight: int = 2
    plan: str = ""
    values: tuple[int, ...] = (0,)
    lengths: tuple[int, ...] = (1,)


def _two(first: int, second: int) -> int:
    return first * 1000 + second


FAULTS: Mapping[str, Fault] = {
    "killed": Fault(Way.CHANGE, 8, "signal", (signal.SIGKILL,)),
    "killed in the middle of a write": Fault(Way.CHANGE, 4, "torn"),
    "Ctrl-C, SIGTERM or SIGHUP": Fault(
        Way.CHANGE, 6, "signal", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ),
    "two signals at once": Fault(
        Way.CHANGE,
        3,
        "signal",
        (_two(signal.SIGTERM, signal.SIGINT), _two(signal.SIGINT, signal.SIGTERM)),
    ),
    "disk full for a while": Fault(Way.CHANGE, 4, "error", (errno.ENOSPC,), (1, 3, 20)),
    "disk full": Fault(Way.CHANGE, 3, "error", (errno.ENOSPC,), (0,)),
    "folder read-only": Fault(Way.CHANGE, 2, "error", (errno.EROFS,), (0,)),
    "error of the disk": Fault(Way.CHANGE, 4, "error", (errno.EIO,), (1, 3)),
    "clock of the day jumps": Fault(Way.CHANGE, 2, "real", (-DAY, DAY)),
    "machine paused for an hour": Fault(Way.CHANGE, 3, "monotonic", (HOUR,)),
    "command stopped and continued": Fault(Way.CHANGE, 2, "signal", (signal.SIGSTOP,)),
    "child killed": Fault(Way.TIME, 6),
    "all frozen and thawed": Fault(Way.TIME, 2),
    "terminal closed": Fault(Way.TIME, 2),
    "cache damaged": Fault(Way.FILES, 2),
    "working copies left over": Fault(Way.FILES, 1),
    "one bit of the campaign's file flipped": Fault(Way.FILES, 3),
    "campaign's file cut off": Fault(Way.FILES, 1),
}


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One disturbance of one command.

    Attributes:
        fault: A name of ``FAULTS``.
        moment: When it comes, from 0 to 1, as a share of the undisturbed command.
        value: A number for the shim.
        length: The number of changes that fail.

    """

    fault: str
    moment: float
    value: int = 0
    length: int = 1

    @property
    def way(self) -> Way:
        """Return by which means it comes."""
        return FAULTS[self.fault].way

    def plan(self, changes: int, folder: str) -> str:
        """Return the plan for the shim.

        Args:
            changes: The number of changes that the undisturbed command makes.
            folder: The folder below which changes count.

        """
        number = 1 + int(self.moment * changes)
        kind = FAULTS[self.fault].plan or "count"
        return f"{kind} {number} {self.length} {self.value} {folder}"

    def __str__(self) -> str:
        """Write it for people."""
        return f"{self.fault} at {self.moment:.3f}"


def drawn(random: Random) -> Disturbance:
    """Return a disturbance at random."""
    names = list(FAULTS)
    name = random.choices(names, [FAULTS[each].weight for each in names])[0]
    fault = FAULTS[name]
    moment = random.random()
    return Disturbance(name, moment, random.choice(fault.values), random.choice(fault.lengths))
