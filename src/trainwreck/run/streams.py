"""Reads the pipes to which one program prints, up to a limit."""

import os
import time
from collections.abc import Callable, Collection

CHUNK = 1 << 18


class Streams:
    """Pipes that are never waited for; what comes is passed on up to a limit of all together.

    ``size`` is the number of bytes that came, with those that were not passed on.
    """

    def __init__(self, limit: int, size: int = 0) -> None:
        self.size = size
        self._limit = limit
        self._feeds: dict[int, Callable[[bytes], None]] = {}
        self._listener: Callable[[bytes], None] = lambda _chunk: None

    @property
    def descriptors(self) -> Collection[int]:
        """Return the ends of the pipes that are read."""
        return self._feeds.keys()

    def add(self, descriptor: int, feed: Callable[[bytes], None]) -> None:
        """Read from a descriptor, which must not block; pass what comes on."""
        self._feeds[descriptor] = feed

    def listen(self, listener: Callable[[bytes], None]) -> None:
        """Pass on all chunks to somebody else as well."""
        self._listener = listener

    def take(self, descriptor: int) -> bytes | None:
        """Pass on a chunk and return it; None where there is none now, empty where none comes."""
        try:
            chunk = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return None
        self.size += len(chunk)
        if chunk and self.size <= self._limit:
            self._feeds[descriptor](chunk)
            self._listener(chunk)
        return chunk

    def drain(self, seconds: float) -> None:
        """Read all that there is, for some seconds at most."""
        until = time.monotonic() + seconds
        for descriptor in self._feeds:
            while time.monotonic() < until and self.take(descriptor):
                pass

    def close(self) -> None:
        """Close all ends."""
        for descriptor in self._feeds:
            os.close(descriptor)
        self._feeds = {}
