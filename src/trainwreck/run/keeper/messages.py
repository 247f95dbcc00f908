"""Messages between trainwreck, its keepers and the processes that they start: lines of JSON."""

import json
import socket
from contextlib import suppress
from typing import Any

Message = dict[str, Any]
KILL = b"k"
"""A message to a keeper after its request: end everything."""
VIEWS = b"v"
"""A message to a keeper after its request: report the state of the private views in memory."""
CHUNK = 1 << 16
BEAT_SECONDS = 0.25
"""Time between two messages by which a keeper shows that it runs."""


def encode(message: Message) -> bytes:
    """Return a message as one line."""
    return json.dumps(message).encode("ascii") + b"\n"


def read_request(control: socket.socket) -> Message:
    """Wait for the first line.

    Raises EOFError where the other side has gone, or has asked for the end already.
    """
    text = b""
    while b"\n" not in text:
        chunk = control.recv(CHUNK)
        if not chunk:
            raise EOFError
        text += chunk
    line, _, rest = text.partition(b"\n")
    if rest:
        raise EOFError
    return dict(json.loads(line))


def send(connection: socket.socket, message: Message, must_wait: bool = True) -> None:
    """Send a message; the other side may have gone."""
    flags = 0 if must_wait else socket.MSG_DONTWAIT
    with suppress(OSError):
        connection.send(encode(message), flags)
