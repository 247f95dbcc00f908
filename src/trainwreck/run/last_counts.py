"""Asks the agents of a run that is about to be ended for their last counts and stacks."""

import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress

from trainwreck.run.tree import inner_pid

GRACE_SECONDS = 1.0
"""Time for the agents to write them before their processes are killed."""


def ask_for_last_counts(pids: Collection[int], takes_signals: Callable[[int], bool]) -> None:
    """Ask the processes whose agents handle signals, and give them time to write.

    Args:
        pids: The processes.
        takes_signals: Return whether the agent of a process handles its signals by now; they would
            end a process without it. The process id is the one that the process sees.

    """
    listening = [pid for pid in pids if takes_signals(inner_pid(pid))]
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        for pid in listening:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
    if listening:
        time.sleep(GRACE_SECONDS)
