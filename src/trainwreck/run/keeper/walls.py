"""The walls around one trial, built as its plan asks."""

from typing import Any

from trainwreck.run.keeper import capabilities, landlock
from trainwreck.run.keeper.mounts import InMemory, Mounts, mount_processes
from trainwreck.run.keeper.namespaces import Namespaces
from trainwreck.run.keeper.system import PR_SET_NO_NEW_PRIVS, control_process, fork_into

MOUNTS = "mounts"
LANDLOCK = "landlock"


class Walls:
    """The walls of one trial; without a plan there are none.

    They are built in steps, since each needs what the next one gives up: the keeper, which stays
    outside, prepares all that it can (this object) and does ``fork_first``; the new process builds
    them around itself (``enter``), and the one that becomes the program gives up what is left
    (``narrow``). ``has_processes`` is true where the trial sees its own processes only,
    ``has_users`` where it is in a namespace of users.
    """

    def __init__(self, plan: dict[str, Any] | None) -> None:
        self._plan = plan or {"means": ""}
        self.has_processes = self._plan["means"] == MOUNTS
        self.has_users = False
        if self.has_processes:
            self._namespaces = Namespaces.of_trial(network=self._plan["network"])
            self._mounts = Mounts(self._plan)
            self.has_users = self._namespaces.users is not None
            self._capabilities = capabilities.few_capabilities(has_all=self.has_users)

    def fork_first(self) -> int:
        """Fork the first process within; return as `os.fork` does. Raises OSError."""
        return fork_into(self._namespaces.flags)

    def enter(self) -> list[InMemory]:
        """Mount what the program sees; return the changes that only memory has.

        Called by the first process within. Raises OSError.
        """
        self._namespaces.settle()
        in_memory = self._mounts.mount_all(self.has_users)
        mount_processes(is_administrator=not self.has_users)
        return in_memory if self._plan["kept"] or self._plan["observed"] else []

    def narrow(self) -> None:
        """Give up all rights that the program does not need. Raises OSError."""
        if self.has_processes:
            capabilities.keep_capabilities(self._capabilities)
            control_process(PR_SET_NO_NEW_PRIVS, 1)
        elif self._plan["means"] == LANDLOCK:
            landlock.write_only_below(self._plan["writable"])
