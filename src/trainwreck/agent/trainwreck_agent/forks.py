"""Prepares each forked child, before the program goes on there."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trainwreck_agent.entropy import Entropy


def follow_forks(entropy: "Entropy", start_child: "Callable[[], None]") -> None:
    """Call a function in each forked child, before the program goes on there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=start_child)
    elif hasattr(os, "fork"):  # Python 3.6.
        fork = os.fork

        def fork_and_follow() -> int:
            entropy.before_fork()
            child = fork()
            if child == 0:
                entropy.after_fork()
                start_child()
            return child

        os.fork = fork_and_follow
