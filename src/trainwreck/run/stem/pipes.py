"""The named pipes by which a stem asks, and by which trainwreck answers: lines of JSON."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from trainwreck.run.agent_events import Count, Seconds

LONGEST = 4096
"""Bytes of one message, which a pipe takes as a whole."""


class Dishonest(Exception):
    """A message came that no stem sends now: nothing of this stem counts."""


class Asked(Struct):
    """The first evaluation of an armed alternative, before which the stem may fork.

    ``wall`` and ``cpu`` are seconds since the stem began, without those in which it waited.
    """

    at: Count
    safe: bool
    reason: str = ""
    wall: Seconds = 0.0
    cpu: Seconds = 0.0


class Waited(Struct):
    """The end of a child: the status of `wait`, processor seconds, and the peak in KiB."""

    ended: Count
    status: Annotated[int, Meta(ge=0, le=0xFFFF)]
    cpu: Seconds = 0.0
    peak: Count = 0


class Pipes:
    """Two named pipes in a folder of their own; both ends are open, so that none ever closes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._ask = open_pipe(folder / "ask")
        self._answer = open_pipe(folder / "answer")
        self._buffer = b""

    @property
    def descriptor(self) -> int:
        """Return what can be read where the stem has asked."""
        return self._ask

    def read(self) -> Iterator[Asked | Waited]:
        """Yield the messages that have come. Raises Dishonest."""
        with suppress(BlockingIOError):
            while len(self._buffer) <= LONGEST:
                self._buffer += os.read(self._ask, LONGEST)
        *lines, self._buffer = self._buffer.split(b"\n")
        if len(self._buffer) > LONGEST:
            raise Dishonest("a message is too long")
        yield from map(_message, lines)

    def answer(self, message: dict[str, Any]) -> None:
        """Send a message. Raises Dishonest where the one before was not read."""
        data = json.dumps(message).encode("ascii") + b"\n"
        try:
            is_sent = os.write(self._answer, data) == len(data)
        except BlockingIOError:
            is_sent = False
        if not is_sent:
            raise Dishonest("the stem does not read its answers")

    def close(self) -> None:
        """Close both pipes."""
        os.close(self._ask)
        os.close(self._answer)


def open_pipe(path: Path) -> int:
    """Make a named pipe, and return a descriptor to read it that never waits."""
    os.mkfifo(path, 0o600)
    # With an end to write in this process, no read finds the pipe at its end.
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)


def _message(line: bytes) -> Asked | Waited:
    try:
        value = json.loads(line)
        if "at" in value:
            return msgspec.convert(value, Asked)
        return msgspec.convert(value, Waited)
    except (ValueError, TypeError, RecursionError) as error:
        raise Dishonest(f"a message that no stem sends: {error}") from None
