"""The end of a program, as its keeper and its limits show it."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainwreck.model import Ending, Exit, Stuck
from trainwreck.run.room import Room
from trainwreck.run.tree import kills_for_memory

KILLED = Exit(Ending.LOST, signal.SIGKILL)
"""The end by a SIGKILL that trainwreck did not send. If it comes twice, it is the program's."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a child process, and the resources that it used.

    ``seconds`` leaves out the gaps of its `Clock`. ``cpu_seconds`` are those of the child and
    of descendants that it waited for, ``peak_rss`` the largest number of resident bytes of the
    whole tree. ``reason`` says why the end proves nothing, where it does not. ``left`` are files in
    shared memory that may be the program's, or those of others. ``stuck`` is what showed that it
    was stuck, of a run that was stopped for it.
    """

    exit: Exit
    seconds: float
    cpu_seconds: float
    peak_rss: int
    reason: str = ""
    left: tuple[str, ...] = ()
    stuck: Stuck | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that has to be known beside the words of the keeper.

    ``stopped`` is the limit at which trainwreck stopped the program, ``gap`` the seconds for which
    it stood still. ``is_walled``: the program cannot reach its keeper. ``is_given_up``: trainwreck
    has ended every process. ``kills_before`` are the machine's kills for memory before the start.
    """

    stopped: Ending | None
    gap: float
    is_walled: bool
    is_given_up: bool
    kills_before: int
    room: Room

    def exit_of(self, said: Mapping[str, Any]) -> tuple[Exit, str]:
        """Return how the program ended; with a reason where that proves nothing.

        Args:
            said: The messages of its keeper.

        """
        code = said.get("ended", -signal.SIGKILL)
        number = abs(code)
        if self.stopped is Ending.TIME and self.gap:
            return Exit(Ending.LOST, number), f"it stood still for {self.gap:.0f} s"
        # What ends by itself while it is asked for its stacks was not stuck.
        if self.stopped and (self.stopped is not Ending.STUCK or code == -signal.SIGKILL):
            return Exit(self.stopped, number), ""
        if "started" not in said:
            return Exit(Ending.LOST, 0), "there was no room for another process"
        if "ended" not in said:
            # Behind walls the program cannot reach its keeper.
            ending = Ending.LOST if self.is_walled else Ending.BROKEN
            return Exit(ending, number), "its keeper was stopped or killed"
        return self._own_exit(said, code)

    def _own_exit(self, said: Mapping[str, Any], code: int) -> tuple[Exit, str]:
        """Return the end that the keeper has seen."""
        number = abs(code)
        if said.get("memory"):
            return Exit(Ending.MEMORY, number), ""
        if said.get("processes") or said.get("crowded"):
            return Exit(Ending.PROCESSES, number), ""
        if code and self._has_machine_no_memory(said):
            return Exit(Ending.LOST, number), "the machine had no memory left"
        if code == -signal.SIGKILL and not self.is_given_up:
            return KILLED, "it got a SIGKILL that trainwreck did not send"
        if code == -signal.SIGXFSZ or (code > 0 and self.room.has_full_file()):
            return Exit(Ending.DISK, number), ""
        return Exit(Ending.SIGNAL if code < 0 else Ending.EXITED, number), ""

    def _has_machine_no_memory(self, said: Mapping[str, Any]) -> bool:
        """Return whether the kernel ended a process for memory that may have been the program's.

        The control groups of a run count its own. Without them only the machine counts, and a
        run that ended beside it at its limit is among them.
        """
        if said.get("capped"):
            return bool(said.get("shortage"))
        return kills_for_memory() > self.kills_before
