"""Counts of what the program did, as its frameworks tell it: batches, steps, calls."""


class Work:
    """How often each kind of work was done in this process.

    Threads that count at the same time may lose a count; a lock would disturb them.
    """

    def __init__(self):
        self.restart()

    def restart(self):
        """Begin again at nothing, as in a forked child."""
        self._counts = {}

    def count(self, name):
        """One more of these."""
        self._counts[name] = self._counts.get(name, 0) + 1

    def read(self):
        """Name to number; what was never counted is not there."""
        return dict(self._counts)
