"""The limits at which a run is stopped."""

from dataclasses import dataclass

OUTPUT_LIMIT = 64 << 20
"""Bytes that a program may print."""
LOG_LIMIT = 1 << 20
"""Bytes of the output that are kept."""
SHORTEST_TIME = 10.0
"""Seconds that every run may take: a fast program must have time to start."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest amounts of each resource that a run may use.

    ``seconds`` and ``cpu_seconds`` are wall and processor time, ``memory`` the resident bytes of
    the process tree, ``output`` the printed bytes.
    """

    seconds: float
    cpu_seconds: float
    memory: int
    output: int = OUTPUT_LIMIT

    @classmethod
    def from_clean(cls, seconds: float, cpu_seconds: float, factor: float, memory: int) -> "Limits":
        """Return limits of time that are ``factor`` times those of the slowest clean run.

        Both times are limited: a run that waits uses no processor time, and a loaded machine makes
        wall time longer.

        Args:
            seconds: The largest wall time of a clean run.
            cpu_seconds: The largest processor time of a clean run.
            factor: The number to multiply both by.
            memory: The limit of memory in bytes.

        """
        return cls(
            seconds=max(SHORTEST_TIME, factor * seconds),
            cpu_seconds=max(SHORTEST_TIME, factor * cpu_seconds),
            memory=memory,
        )
