"""Finds out whether a program prints anything that it has not printed before."""

import re

MOST_LINES = 10_000
LONGEST_LINE = 1 << 16
_ENDS = re.compile(rb"[\r\n]")


class PrintedLines:
    """The different lines of an output; ``news`` counts them, and every one of very many."""

    def __init__(self) -> None:
        self.news = 0
        self._known: set[bytes] = set()
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the output."""
        *lines, rest = _ENDS.split(self._rest + chunk)
        if len(rest) > LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        if len(rest) > len(self._rest) and not lines:
            self.news += 1  # The line goes on, as a bar of progress does.
        self._rest = rest
        for line in lines:
            if line not in self._known:
                self.news += 1
                if len(self._known) < MOST_LINES:
                    self._known.add(line)
