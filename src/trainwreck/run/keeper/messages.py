"""Messages between trainwreck, its keepers and the processes that they start: lines of JSON."""

import json
import socket
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

Message = dict[str, Any]
KILL = b"k"
"""A message to a keeper after its request: end everything."""
VIEWS = b"v"
"""A message to a keeper after its request: report the state of the private views in memory."""
CHUNK = 1 << 16
ORDER = b"?"
ORDER_DESCRIPTORS = 3
"""An order comes with a control socket and the writing ends of the program's outputs."""
MSG_CMSG_CLOEXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
BEAT_SECONDS = 0.25
"""Time between two messages by which a keeper shows that it runs."""
ORDER_SPACE = socket.CMSG_SPACE(ORDER_DESCRIPTORS * array("i").itemsize)


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


def send_order(orders: socket.socket, descriptors: Sequence[int]) -> None:
    """Order a trial from a keeper. Raises OSError where the keeper is gone."""
    socket.send_fds(orders, [ORDER], descriptors)


def receive_order(orders: socket.socket) -> list[int]:
    """Wait for the descriptors of the next trial; return none where no more can come."""
    try:
        data, ancillary, _, _ = orders.recvmsg(1, ORDER_SPACE, MSG_CMSG_CLOEXEC)
    except OSError:
        return []
    descriptors = descriptors_in(ancillary)
    return descriptors if data and len(descriptors) == ORDER_DESCRIPTORS else []


def descriptors_in(ancillary: Iterable[tuple[int, int, bytes]]) -> list[int]:
    """Return the descriptors that came with a message."""
    numbers = array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
    return numbers.tolist()


def send(connection: socket.socket, message: Message, must_wait: bool = True) -> None:
    """Send a message; the other side may have gone."""
    flags = 0 if must_wait else socket.MSG_DONTWAIT
    with suppress(OSError):
        connection.send(encode(message), flags)
