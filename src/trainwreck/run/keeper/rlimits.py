"""The limits that the kernel holds each process of a trial to."""

import resource
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

MANY = 1 << 16
"""Threads of a machine that does not say how many it has."""

Limit = tuple[int, tuple[int, int]]
"""The number of a limit, and its lower and upper bound."""


def lowered(limits: dict[str, Any], counts_alone: bool) -> list[Limit]:
    """Return what the limits of this process become for a trial; none is raised.

    Args:
        limits: The numbers by name, as in the request.
        counts_alone: Whether the kernel counts the trial's processes apart from all others of this
            user. Otherwise the trial may add as many to those of the machine: it is ended long
            before by its own number, unless it forks faster than that can be read. The kernel
            holds no process of root to this limit.

    """
    asked = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits["disk"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
    ]
    others = 0 if counts_alone else tasks_of_machine()
    asked.append((resource.RLIMIT_NPROC, others + limits["tasks"]))
    return [(kind, _lower(resource.getrlimit(kind), number)) for kind, number in asked]


def tasks_of_machine() -> int:
    """Return the number of threads of all processes; many where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].split("/")[1])
    return MANY


def set_limits(limits: Iterable[Limit]) -> None:
    """Set limits of this process and of all that it starts."""
    for kind, bounds in limits:
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, bounds)


def _lower(bounds: tuple[int, int], number: int) -> tuple[int, int]:
    soft, hard = bounds
    return _smaller(soft, number), _smaller(hard, number)


def _smaller(limit: int, number: int) -> int:
    return number if limit == resource.RLIM_INFINITY else min(limit, number)
