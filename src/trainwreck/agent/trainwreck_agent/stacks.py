"""The file with the stacks of this process, which a handler in C writes.

So it also shows a process that never returns to Python.
"""

import faulthandler
import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trainwreck_agent.events import Events

ASKS = getattr(signal, "SIGUSR2", 0)
"""The signal that asks for the stacks."""


class Stacks:
    """The stacks of one process; ``descriptor`` is -1 before there is a file."""

    def __init__(self, events: "Events") -> None:
        self._events = events
        self.descriptor = -1

    def begin(self) -> None:
        """Write the stacks to a new file where the process crashes. OSError where that fails."""
        self.descriptor, _ = self._events.create("stack", ".txt")
        faulthandler.enable(self.descriptor)

    def listen(self) -> None:
        """Write them where a signal asks for them, too."""
        if ASKS:
            faulthandler.register(ASKS, self.descriptor, all_threads=True)

    def go_on(self, takes_signals: bool) -> None:
        """Begin another file, in the child of a stem."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.begin()
            if takes_signals:
                self.listen()

    def go_on_in_child(self, takes_signals: bool) -> None:
        """Begin another file for a forked child, where a signal may ask for it."""
        if self.descriptor >= 0 and ASKS and takes_signals:
            self.descriptor, _ = self._events.create("stack", ".txt")
            self.listen()
