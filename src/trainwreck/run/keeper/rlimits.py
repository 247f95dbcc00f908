"""The limits that the kernel holds each process of a trial to."""

import resource
from contextlib import suppress
from typing import Any


def set_limits(limits: dict[str, Any], counts_alone: bool) -> None:
    """Lower the limits of this process and of all that it starts; none is raised.

    Args:
        limits: The numbers by name, as in the request.
        counts_alone: Whether the kernel counts the trial's processes apart from all others of this
            user; a limit on them would end the trial because of these.

    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits["disk"])
    _lower(resource.RLIMIT_NOFILE, limits["files"])
    if counts_alone:
        _lower(resource.RLIMIT_NPROC, limits["tasks"])


def _lower(kind: int, number: int) -> None:
    soft, hard = (_smaller(limit, number) for limit in resource.getrlimit(kind))
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, hard))


def _smaller(limit: int, number: int) -> int:
    return number if limit == resource.RLIM_INFINITY else min(limit, number)
