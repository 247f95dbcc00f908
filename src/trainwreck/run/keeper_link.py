"""The conversation of trainwreck with the keeper of one program."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from trainwreck.run.keeper.messages import KILL, VIEWS, encode
from trainwreck.run.keepers import borrow_keeper

CHUNK = 1 << 18
Message = dict[str, Any]


class KeeperLink:
    """The socket to a keeper, and all that it has said: ``said`` holds the last of each kind.

    ``is_there`` is whether the keeper may still say something.
    """

    def __init__(self, request: Mapping[str, Any], output: int, errors: int) -> None:
        """Order a program whose streams are these descriptors. Raises OSError without a keeper."""
        self.said: Message = {}
        self.is_there = True
        self._rest = b""
        self._keeper = borrow_keeper(output, errors)
        self._control: socket.socket = self._keeper.control
        with suppress(OSError):  # Where there is no keeper, that is read soon.
            self._control.sendall(encode(dict(request)))

    @property
    def descriptor(self) -> int:
        """Return the descriptor that can be read when the keeper says something."""
        return self._control.fileno()

    @property
    def has_ended(self) -> bool:
        """Return whether the program has ended, or could not be started."""
        return not self.said.keys().isdisjoint(["ended", "failed", "gone"])

    def listen(self, seconds: float | None = None) -> list[Message]:
        """Return the next messages; a keeper that sends none in these seconds counts as gone."""
        self._control.settimeout(seconds)
        try:
            data = self._control.recv(CHUNK)
        except OSError:
            data = b""
        self.is_there = bool(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        messages: list[Message] = [json.loads(line) for line in lines]
        for message in messages:
            self.said |= message
        return messages

    def ask_for_end(self) -> None:
        """Ask for the end of every process."""
        with suppress(OSError):
            self._control.send(KILL)

    def ask_for_views(self) -> None:
        """Ask for a hash of what was written to private views in memory."""
        self.said.pop("views", None)
        with suppress(OSError):
            self._control.send(VIEWS)

    def close(self) -> bool:
        """Let another program have the keeper; return whether processes may be left."""
        has_left = bool(self.said.get("left", 1))
        self._keeper.give_back(is_sound=not has_left)
        return has_left
