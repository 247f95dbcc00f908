"""Reads metrics from a program's output, and keeps its head and tail as the log."""

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterable

from trainwreck.model import Metric
from trainwreck.run.limits import LOG_LIMIT

LONGEST_LINE = 1 << 16
"""Bytes of a line without an end that are kept, so that it cannot fill the memory."""
STATE_LINE = re.compile(rb"trainwreck: state=(\S+)")
"""A line by which a program reports a hash of its state."""
LINE_ENDS = re.compile(rb"[\r\n]")


class Output:
    """The output of a program.

    It keeps at most ``LOG_LIMIT`` bytes of the text, every value of each metric, and a hash of the
    states that the program prints.
    """

    def __init__(
        self, metrics: Iterable[Metric], echo: Callable[[bytes], object] | None = None
    ) -> None:
        self.size = 0
        self._echo = echo
        self._patterns = [(metric.name, re.compile(metric.pattern)) for metric in metrics]
        self._steps: dict[str, list[str]] = {name: [] for name, _ in self._patterns}
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._unfinished = b""
        # A metric of this name reads the same lines.
        self._has_states = "state" not in self._steps
        self._states: hashlib._Hash | None = None

    def feed(self, chunk: bytes) -> None:
        """Add the next chunk of output; pass it to ``echo`` as it is."""
        if self._echo is not None:
            self._echo(chunk)
        self.size += len(chunk)
        room = LOG_LIMIT // 2 - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        self._keep_tail(chunk[max(room, 0) :])
        *lines, self._unfinished = LINE_ENDS.split(self._unfinished + chunk)
        self._unfinished = self._unfinished[-LONGEST_LINE:]
        for line in lines:
            self._read(line)

    def close(self) -> None:
        """Read the last line, which may have no end."""
        self._read(self._unfinished)
        self._unfinished = b""

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

    def _read(self, line: bytes) -> None:
        if not line:
            return
        if self._has_states and (state := STATE_LINE.search(line)):
            self._states = self._states or hashlib.sha256()
            self._states.update(state[1] + b"\n")
        text = line.decode("utf-8", "replace")
        for name, pattern in self._patterns:
            for match in pattern.finditer(text):
                if _is_number(match[1]):
                    self._steps[name].append(match[1])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True
