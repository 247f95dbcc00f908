"""The walls around one trial, built as its plan asks."""

from pathlib import Path
from typing import Any

from trainwreck.run.keeper import capabilities, landlock, mounts
from trainwreck.run.keeper.namespaces import enter_namespaces
from trainwreck.run.keeper.state import state_of
from trainwreck.run.keeper.system import PR_SET_NO_NEW_PRIVS, control_process

MOUNTS = "mounts"
LANDLOCK = "landlock"


class Walls:
    """The walls of one trial; without a plan there are none.

    They are built in steps, since each needs what the next one gives up: ``enter`` in the keeper,
    ``complete`` in the first process within, ``narrow`` in the process that becomes the program.
    ``has_processes`` is true where the trial sees its own processes only, ``has_users`` where it
    is in a namespace of users.
    """

    def __init__(self, plan: dict[str, Any] | None) -> None:
        self._plan = plan or {"means": ""}
        self._in_memory: list[tuple[int, Path]] = []
        self.has_processes = self._plan["means"] == MOUNTS
        self.has_users = False

    def enter(self) -> None:
        """Enter the namespaces, and mount what the program sees. Raises OSError."""
        if self.has_processes:
            self.has_users = enter_namespaces(self._plan["network"])
            self._in_memory = mounts.mount_all(self._plan, self.has_users)

    def complete(self) -> None:
        """Mount what shows the processes within. Raises OSError."""
        if self.has_processes:
            mounts.mount_processes(is_administrator=not self.has_users)

    def narrow(self) -> None:
        """Give up all rights that the program does not need. Raises OSError."""
        if self.has_processes:
            capabilities.keep_few_capabilities()
            control_process(PR_SET_NO_NEW_PRIVS, 1)
        elif self._plan["means"] == LANDLOCK:
            landlock.write_only_below(self._plan["writable"])

    def state_in_memory(self) -> str:
        """Return a hash of what the program wrote to private folders in memory. Raises OSError."""
        states = [
            state_of(f"/proc/self/fd/{number}", with_contents=True) for number, _ in self._in_memory
        ]
        return " ".join(states)

    def keep_written(self) -> None:
        """Copy what the program wrote to private folders in memory to their upper folders."""
        if self._plan.get("kept"):
            for descriptor, upper in self._in_memory:
                mounts.copy_written(descriptor, upper)
