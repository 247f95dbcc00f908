"""Reads metrics from a program's output, and keeps its head and tail as the log."""

import codecs
import hashlib
import re
from collections import deque
from collections.abc import Callable, Sequence

from trainwreck.model import Metric, Stream
from trainwreck.run.limits import LOG_LIMIT
from trainwreck.run.metric_lines import LineReader, Steps

CUT = re.compile(r"\[trainwreck: \d+ bytes left out\]")
"""The line in a log that stands for what was left out."""
STATE = "trainwreck: state="
STATE_LINE = re.compile(rf"{STATE}(\S+)")
"""A line by which a program reports a hash of its state."""
FIRED_MARK = "trainwreck-check: "
FIRED_LINE = re.compile(rf"{FIRED_MARK}(\S{{1,100}}) fired(?: (\S+))?\s*$")
"""A line by which a watcher inside the program reports that it fired, perhaps at which step."""
MOST_WATCHERS = 100
LONGEST_STEP = 15


class Output:
    """The output of a program.

    It keeps at most ``LOG_LIMIT`` bytes of the text, every value of each metric, a hash of the
    states that the program prints, and in ``fired`` the first step at which each watcher fired.
    Its streams are one text, in which all metrics are searched for.
    They are ``apart`` where a metric names its stream: then each stream is a text of its own.
    """

    def __init__(
        self, metrics: Sequence[Metric], echo: Callable[[bytes], object] | None = None
    ) -> None:
        self.size = 0
        self.fired: dict[str, int | None] = {}
        self._echo = echo
        printed = [metric for metric in metrics if not metric.file]
        self.apart = any(metric.stream for metric in printed)
        self._steps: Steps = {metric.name: [] for metric in printed}
        self._texts = {
            stream: _StreamText(
                LineReader(
                    [metric for metric in printed if metric.stream in (None, stream)],
                    self._steps,
                    self._note,
                )
            )
            for stream in (Stream if self.apart else (Stream.STDOUT,))
        }
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        # A metric of this name reads the same lines.
        self._has_states = "state" not in self._steps
        self._states: hashlib._Hash | None = None

    def feed(self, chunk: bytes, stream: Stream = Stream.STDOUT) -> None:
        """Add the next chunk of a stream, or of the one pipe; pass it to ``echo`` as it is."""
        if self._echo is not None:
            self._echo(chunk)
        self.size += len(chunk)
        room = LOG_LIMIT // 2 - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        self._keep_tail(chunk[max(room, 0) :])
        self._texts[stream].feed(chunk)

    def feed_errors(self, chunk: bytes) -> None:
        """Add the next chunk of standard error, where the streams are apart."""
        self.feed(chunk, Stream.STDERR)

    def close(self) -> None:
        """Read the last lines, which may have no end."""
        for text in self._texts.values():
            text.close()

    @property
    def steps(self) -> dict[str, tuple[str, ...]]:
        """Return the values of each metric by its name, as printed, in order."""
        return {name: tuple(values) for name, values in self._steps.items()}

    @property
    def state(self) -> str | None:
        """Return the hash of all states that were printed, None where there was none."""
        return self._states.hexdigest() if self._states else None

    @property
    def log(self) -> bytes:
        """Return head and tail; a line between them has the number of bytes left out, if any."""
        tail = b"".join(self._tail)[-LOG_LIMIT // 2 :]
        left_out = self.size - len(self._head) - len(tail)
        between = b"\n[trainwreck: %d bytes left out]\n" % left_out if left_out else b""
        return bytes(self._head) + between + tail

    def _keep_tail(self, chunk: bytes) -> None:
        self._tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size - len(self._tail[0]) > LOG_LIMIT // 2:
            self._tail_size -= len(self._tail.popleft())

    def _note(self, line: str) -> None:
        self._note_fired(line)
        self._note_state(line)

    def _note_fired(self, line: str) -> None:
        if FIRED_MARK not in line or len(self.fired) >= MOST_WATCHERS:
            return
        if fired := FIRED_LINE.search(line):
            step = fired[2] or ""
            is_number = step.isascii() and step.isdecimal() and len(step) <= LONGEST_STEP
            self.fired.setdefault(fired[1], int(step) if is_number else None)

    def _note_state(self, line: str) -> None:
        if STATE not in line or not self._has_states:
            return
        if state := STATE_LINE.search(line):
            self._states = self._states or hashlib.sha256()
            self._states.update(f"{state[1]}\n".encode())


class _StreamText:
    """The bytes of one pipe as a text, with its reader."""

    def __init__(self, reader: LineReader) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._reader = reader

    def feed(self, chunk: bytes) -> None:
        self._reader.feed(self._decoder.decode(chunk))

    def close(self) -> None:
        self._reader.feed(self._decoder.decode(b"", final=True))
        self._reader.close()
