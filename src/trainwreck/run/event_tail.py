"""Reads the events of a running trial as they come."""

import fnmatch
import os
from contextlib import suppress
from pathlib import Path

import msgspec

from trainwreck.run.agent_events import AnyEvent, Event
from trainwreck.run.plain_files import names_in

MOST_BYTES = 1 << 20
"""Bytes that are read of one file at a time."""
_decode = msgspec.json.Decoder(AnyEvent).decode


class EventTail:
    """The events of one folder that were not read before.

    What cannot be read is left out: a full reading after the run's end says what was wrong.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offsets: dict[str, int] = {}

    @property
    def size(self) -> int:
        """Return the bytes that all files have by now."""
        size = 0
        for name in self._offsets:
            with suppress(OSError):
                size += (self._folder / name).lstat().st_size
        return size

    def read(self) -> list[tuple[int, Event]]:
        """Return new events, each with the id that its process has for itself."""
        events = []
        for name in fnmatch.filter(names_in(self._folder), "events-*-*.jsonl"):
            pid = name.split("-")[1]
            if pid.isdigit():
                events += [(int(pid), event) for event in self._of_file(name)]
        return events

    def _of_file(self, name: str) -> list[Event]:
        begin = self._offsets.get(name, 0)
        content = b""
        with suppress(OSError):
            # Without O_NONBLOCK, a pipe that the program put there would be waited for.
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                content = os.pread(descriptor, MOST_BYTES, begin)
            finally:
                os.close(descriptor)
        whole = content[: content.rfind(b"\n") + 1]
        if not whole and len(content) == MOST_BYTES:
            whole = content
        self._offsets[name] = begin + len(whole)
        events: list[Event] = []
        for line in whole.splitlines():
            with suppress(ValueError, RecursionError):
                events.append(_decode(line))
        return events
