"""The limits that the kernel holds each process of a trial to."""

import resource
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

Limit = tuple[int, tuple[int, int]]
"""The number of a limit, and its lower and upper bound."""


def lowered(limits: dict[str, Any], counts_alone: bool) -> list[Limit]:
    """Return what the limits of this process become for a trial; none is raised.

    Args:
        limits: The numbers by name, as in the request.
        counts_alone: Whether the kernel counts the trial's processes apart from all others of this
            user; a limit on them would end the trial because of these.

    """
    asked = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits["disk"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
    ]
    if counts_alone:
        asked.append((resource.RLIMIT_NPROC, limits["tasks"]))
    return [(kind, _lower(resource.getrlimit(kind), number)) for kind, number in asked]


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
