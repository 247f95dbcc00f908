"""Keepers of this process: starts their server once, and uses each for one trial after another."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trainwreck.run.keeper.messages import send_order
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
        self.idle: list[socket.socket] = []
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

    def new_keeper(self) -> socket.socket:
        """Return the socket for orders to a new keeper. Raises OSError where there is no server."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._requests, [b"?"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def wake(self) -> None:
        """Let the server and its keepers go on where somebody has stopped them."""
        for pid in (self._process.pid, *children(self._process.pid)):
            if is_stopped(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def close(self) -> None:
        """Forget the server with its idle keepers, and wait for its end."""
        for orders in self.idle:
            orders.close()
        self._requests.close()
        if self.owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)


_lock = threading.Lock()
_servers: list[_Server] = []


@dataclass(frozen=True, slots=True)
class LentKeeper:
    """A keeper for one trial; its request goes through ``control``, as all further messages do."""

    control: socket.socket
    orders: socket.socket

    def give_back(self, *, is_sound: bool) -> None:
        """End the loan; the keeper of another trial is this one where it is sound.

        Args:
            is_sound: Whether the keeper has ended all processes of its trial, and said so.

        """
        self.control.close()
        with _lock:
            is_ours = bool(_servers) and _servers[-1].owner == os.getpid()
            if is_sound and is_ours:
                _servers[-1].idle.append(self.orders)
                return
        self.orders.close()


def borrow_keeper(output: int, errors: int) -> LentKeeper:
    """Return a keeper, which waits for the request of a trial.

    Args:
        output: The descriptor that becomes the standard output of the keeper's program.
        errors: The descriptor that becomes its standard error.

    Raises:
        OSError: This machine has no room for another process or file.

    """
    ours, theirs = socket.socketpair()
    with theirs, _lock:
        try:
            orders = _order([theirs.fileno(), output, errors])
        except OSError:
            ours.close()
            raise
    return LentKeeper(ours, orders)


def _order(descriptors: Sequence[int]) -> socket.socket:
    """Order a trial from an idle keeper or a new one; return the socket for its orders."""
    idle = _server().idle
    while idle:
        orders = idle.pop()
        try:
            send_order(orders, descriptors)
        except OSError:  # Somebody has killed it.
            orders.close()
        else:
            return orders
    try:
        orders = _server().new_keeper()
    except OSError:  # Somebody has killed the server; a second one that fails is a reason.
        _servers.pop().close()
        orders = _server().new_keeper()
    send_order(orders, descriptors)
    return orders


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
