"""What a program prints: metrics as they come, head and tail for the log."""

import re
from collections import deque
from collections.abc import Callable, Iterable

from trainwreck.model import Metric
from trainwreck.run.limits import LOG_LIMIT

LONGEST_LINE = 1 << 16
LINE_ENDS = re.compile(rb"[\r\n]")


class Output:
    """Takes chunks of bytes; keeps at most ``LOG_LIMIT`` of them and every reported value."""

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
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """More output of the program; ``echo`` gets it as it is."""
        if self._echo is not None:
            self._echo(chunk)
        self.size += len(chunk)
        room = LOG_LIMIT // 2 - len(self._head)
        self._head += chunk[:room] if room > 0 else b""
        self._keep_tail(chunk[max(room, 0) :])
        *lines, self._rest = LINE_ENDS.split(self._rest + chunk)
        self._rest = self._rest[-LONGEST_LINE:]
        for line in lines:
            self._read(line)

    def close(self) -> None:
        """The program printed its last byte."""
        self._read(self._rest)
        self._rest = b""

    @property
    def steps(self) -> dict[str, tuple[str, ...]]:
        """Every value of each metric, as printed, in order."""
        return {name: tuple(values) for name, values in self._steps.items()}

    @property
    def log(self) -> bytes:
        """Head and tail, with a line between them that says how much was left out."""
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
        text = line.decode("utf-8", "replace")
        for name, pattern in self._patterns:
            for found in pattern.finditer(text):
                if _is_number(found[1]):
                    self._steps[name].append(found[1])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except (TypeError, ValueError):
        return False
    return True
