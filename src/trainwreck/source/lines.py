"""Conversion of lines and columns to offsets in a text."""

from bisect import bisect_right
from itertools import accumulate

from parso.utils import split_lines


class LineIndex:
    """The offset at which each line of a text starts; lines count from 1, columns from 0."""

    def __init__(self, text: str) -> None:
        # The parser's own rule: `str.splitlines` also ends lines at form feeds and separators,
        # which end no line of a program.
        lengths = (len(line) for line in split_lines(text, keepends=True))
        self._starts = [0, *accumulate(lengths)]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the (line, column) of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]

    def offset(self, position: tuple[int, int]) -> int:
        """Return the offset, in characters from 0, of a ``position`` (line, column)."""
        line, column = position
        return self._starts[line - 1] + column
