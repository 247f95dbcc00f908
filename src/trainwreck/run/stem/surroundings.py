"""Keeps the folders, views and memory of a stem as they are, from one child to the next."""

from collections.abc import Iterator
from contextlib import suppress

from trainwreck.model import Level, Means
from trainwreck.run.child import Child
from trainwreck.run.context import RunContext
from trainwreck.run.keeper.state import state_of
from trainwreck.run.removal import remove_tree
from trainwreck.run.sandbox import Sandbox
from trainwreck.run.stem.contents import Contents
from trainwreck.run.stem.folders import MOST_BYTES, MOST_UNSEEN, Folders, NotRestorable
from trainwreck.run.stem.processes import OpenFiles
from trainwreck.run.stem.trusted import shows_changes

PRIVATE = "private"
"""The folder of what a trial writes to its private views, below that of its slot."""


class Surroundings:
    """The folders of a stem, which are restored, and the rest, in which nothing may change.

    The rest are the private views of a trial behind mounts, and its shared memory.
    """

    def __init__(self, context: RunContext, sandbox: Sandbox) -> None:
        self._has_views = context.policy.means is Means.MOUNTS
        self._is_strict = context.policy.level is Level.STRICT
        self._sandbox = sandbox
        self._store = sandbox.folder.with_name(f"{sandbox.folder.name}.kept")
        remove_tree(self._store)
        can_see = shows_changes(sandbox.folder)
        self._folders = Folders(
            sandbox.folder,
            Contents(self._store, shows_changes=can_see),
            lambda inode: self._open is None or self._open.holds(inode),
            left_out=frozenset([PRIVATE] if self._has_views else []),
            most_bytes=min(MOST_BYTES if can_see else MOST_UNSEEN, context.policy.disk // 2),
        )
        self._open: OpenFiles | None = None
        self._states: list[str] = []

    def note(self, child: Child) -> None:
        """Note all that is there now. Raises NotRestorable, with the reason."""
        try:
            self._open = OpenFiles(child.program)
        except OSError:
            raise NotRestorable("its open files are not shown") from None
        self._folders.note()
        known = self._folders.inodes
        if any(inode not in known for inode in self._open.written()):
            raise NotRestorable("it has a file open outside of its folder")
        self._states = list(self._read_states(child))

    def restore(self, child: Child) -> None:
        """Make all what it was when it was noted. Raises NotRestorable, with the reason."""
        self._folders.restore()
        if list(self._read_states(child)) != self._states:
            raise NotRestorable("its private views have changed")

    def remove(self) -> None:
        """Remove what was kept."""
        remove_tree(self._store)

    def _read_states(self, child: Child) -> Iterator[str]:
        if not self._has_views:
            return
        views = self._sandbox.private
        yield state_of(str(views), with_contents=not shows_changes(views))
        in_memory = child.state_of_views()
        if in_memory is None:
            raise NotRestorable("its private views are not shown")
        yield in_memory
        yield _state_of_shared_memory(child.program)


def _state_of_shared_memory(program: int) -> str:
    """Return the state of the shared memory that the program sees."""
    with suppress(OSError):
        return state_of(f"/proc/{program}/root/dev/shm", with_contents=True)
    raise NotRestorable("its shared memory is not shown")
