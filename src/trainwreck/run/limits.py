"""What a run may use before it is stopped."""

from dataclasses import dataclass

OUTPUT_LIMIT = 64 << 20
LOG_LIMIT = 1 << 20
SHORTEST_TIME = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of wall and of processor; bytes resident in the process tree and bytes printed."""

    seconds: float
    cpu_seconds: float
    memory: int
    output: int = OUTPUT_LIMIT

    @classmethod
    def from_clean(cls, seconds: float, cpu_seconds: float, factor: float, memory: int) -> "Limits":
        """``factor`` times what the slowest clean run took.

        Waiting costs no processor time and a loaded machine costs wall time, so both count,
        each against its own clean value.
        """
        return cls(
            seconds=max(SHORTEST_TIME, factor * seconds),
            cpu_seconds=max(SHORTEST_TIME, factor * cpu_seconds),
            memory=memory,
        )
