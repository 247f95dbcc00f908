"""The limits at which a run is stopped."""

from dataclasses import dataclass

OUTPUT_LIMIT = 64 << 20
"""Bytes that a program may print."""
LOG_LIMIT = 1 << 20
"""Bytes of the output that are kept."""
DISK_LIMIT = 2 << 30
"""Bytes that a run may write to its folders, and into one file."""
PROCESS_LIMIT = 1024
"""Processes that a run may have at once."""
TASKS_OF_PROCESS = 4
"""Threads and processes for each of these processes, that the kernel allows."""
FILE_LIMIT = 1 << 16
"""Files that a process may have open."""
SHORTEST_TIME = 10.0
"""Seconds that every run may take: a fast program must have time to start."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest amounts of each resource that a run may use.

    ``seconds`` and ``cpu_seconds`` are wall and processor time, ``memory`` the resident bytes of
    the process tree, ``output`` the printed bytes, ``disk`` the bytes in the run's folders and in
    each file, ``processes`` those that run at once, ``files`` those that one process has open.
    ``gpu_memory`` are bytes on GPUs, 0 for no limit.
    """

    seconds: float
    cpu_seconds: float
    memory: int
    output: int = OUTPUT_LIMIT
    disk: int = DISK_LIMIT
    processes: int = PROCESS_LIMIT
    files: int = FILE_LIMIT
    gpu_memory: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the limits that the keeper holds the run to, or gives to the kernel."""
        return {
            "memory": self.memory,
            "disk": self.disk,
            "processes": self.processes,
            "tasks": TASKS_OF_PROCESS * self.processes,
            "files": self.files,
        }

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
