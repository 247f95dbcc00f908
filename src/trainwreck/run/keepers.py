"""Asks for keepers: starts their server once for this process, and sends it requests."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from trainwreck.run.keeper.processes import children
from trainwreck.run.standstill import is_stopped

SOURCES = Path(__file__).parents[2]
SERVE = (
    "import sys; sys.path[:0] = [{sources!r}]; "
    "from trainwreck.run.keeper.server import serve; serve({requests}, {parent})"
)


class _Server:
    """A running server of keepers; it ends when this process does."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._requests, theirs = socket.socketpair()
        parent = os.pidfd_open(self.owner) if hasattr(os, "pidfd_open") else -1
        code = SERVE.format(sources=str(SOURCES), requests=theirs.fileno(), parent=parent)
        utf8 = ["-X", "utf8"] if sys.flags.utf8_mode else []
        try:
            # Without `site`: what an environment does at its start is not the keeper's.
            self._process = subprocess.Popen(
                [sys.executable, *utf8, "-I", "-S", "-c", code],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[number for number in (theirs.fileno(), parent) if number >= 0],
                start_new_session=True,
            )
        finally:
            theirs.close()
            if parent >= 0:
                os.close(parent)

    def ask(self, descriptors: Sequence[int]) -> None:
        """Ask for a keeper. Raises OSError where the server has ended."""
        socket.send_fds(self._requests, [b"?"], descriptors)

    def wake(self) -> None:
        """Let the server and its keepers go on where somebody has stopped them."""
        for pid in (self._process.pid, *children(self._process.pid)):
            if is_stopped(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def close(self) -> None:
        """Forget the server, and wait for its end."""
        self._requests.close()
        if self.owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)


_lock = threading.Lock()
_servers: list[_Server] = []


def ask_for_keeper(output: int, errors: int) -> socket.socket:
    """Return the control socket of a new keeper, which waits there for its request.

    Args:
        output: The descriptor that becomes the standard output of the keeper's program.
        errors: The descriptor that becomes its standard error.

    Raises:
        OSError: This machine has no room for another process or file.

    """
    ours, theirs = socket.socketpair()
    with theirs, _lock:
        try:
            _server().ask([theirs.fileno(), output, errors])
        except OSError:  # Somebody has killed the server; a second one that fails is a reason.
            while _servers:  # There is none where it could not be started.
                _servers.pop().close()
            _server().ask([theirs.fileno(), output, errors])
    return ours


def wake_keepers() -> None:
    """Let all keepers of this process go on where somebody has stopped them."""
    with _lock:
        if _servers and _servers[-1].owner == os.getpid():
            _servers[-1].wake()


def _server() -> _Server:
    """Return the server of this process; a forked process needs one of its own."""
    if _servers and _servers[-1].owner != os.getpid():
        _servers.pop().close()
    if not _servers:
        _servers.append(_Server())
    return _servers[-1]
