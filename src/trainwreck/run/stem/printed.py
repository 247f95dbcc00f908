"""The output of a stem, which each of its children has printed too."""

from trainwreck.model import Stream
from trainwreck.run.output import Output

MOST_PRINTED = 4 << 20
"""Bytes that a stem may print before a fork; they are read again for each child."""


class Printed:
    """All that a stem has printed so far; it is passed on to the stem's own output."""

    def __init__(self, output: Output) -> None:
        self.size = 0
        self._output = output
        self._chunks: list[tuple[bytes, Stream]] = []

    def feed(self, chunk: bytes) -> None:
        """Add a chunk of standard output, or of the one pipe."""
        self._add(chunk, Stream.STDOUT)

    def feed_errors(self, chunk: bytes) -> None:
        """Add a chunk of standard error, where the streams are apart."""
        self._add(chunk, Stream.STDERR)

    def repeat(self, output: Output) -> None:
        """Add all of it to the output of a child."""
        for chunk, stream in self._chunks:
            output.feed(chunk, stream)

    def _add(self, chunk: bytes, stream: Stream) -> None:
        self._output.feed(chunk, stream)
        self.size += len(chunk)
        if self.size <= MOST_PRINTED:
            self._chunks.append((chunk, stream))
