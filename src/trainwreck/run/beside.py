"""The interface of work that is done beside a running program."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from trainwreck.run.child import Child


class Beside(Protocol):
    """Work beside a running child, in the same thread: for a stem, the children that it forks."""

    def look(self, child: "Child") -> bool:
        """Look after it; return whether the child waits for that, and has no limits now.

        It is called at least every ``POLL_SECONDS``, and when a watched descriptor can be read.
        """
