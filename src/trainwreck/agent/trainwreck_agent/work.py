"""Counts the work that frameworks report: batches, steps, calls."""


class Work:
    """The number of times that this process did each kind of work.

    Threads that count at the same time may lose a count. A lock would change their timing.
    """

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Return to zero, as in a forked child."""
        self._counts: "dict[str, int]" = {}

    def count(self, name: str) -> None:
        """Add one to the work of this name."""
        self._counts[name] = self._counts.get(name, 0) + 1

    def read(self) -> "dict[str, int]":
        """Return the count of every kind of work that was counted."""
        return dict(self._counts)
