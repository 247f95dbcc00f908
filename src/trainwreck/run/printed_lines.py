"""Finds out whether a program prints anything that it has not printed before."""

import re
from bisect import bisect_left, insort

MOST_LINES = 10_000
LONGEST_LINE = 1 << 16
_ENDS = re.compile(rb"[\r\n]")


class PrintedLines:
    """The different lines of an output; ``news`` counts them, and every one of very many."""

    def __init__(self) -> None:
        self.news = 0
        self._known: list[bytes] = []  # Sorted, so that the beginnings of lines can be found.
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the output."""
        *lines, rest = _ENDS.split(self._rest + chunk)
        if len(rest) > LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        if len(rest) > len(self._rest) and not lines and not self._begins_known(rest):
            self.news += 1  # The line goes on, as a bar of progress does.
        self._rest = rest
        for line in lines:
            place = bisect_left(self._known, line)
            if self._known[place : place + 1] != [line]:
                self.news += 1
                if len(self._known) < MOST_LINES:
                    insort(self._known, line)

    def _begins_known(self, text: bytes) -> bool:
        """Return whether a line begins like a known one, as a line printed in two pieces does."""
        place = bisect_left(self._known, text)
        return any(line.startswith(text) for line in self._known[place : place + 1])
