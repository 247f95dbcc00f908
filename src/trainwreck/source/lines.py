"""Positions in lines and columns to offsets."""

from itertools import accumulate

from parso.utils import split_lines


class LineIndex:
    """Where each line of a text starts; lines count from 1, columns and offsets from 0."""

    def __init__(self, text: str) -> None:
        lengths = (len(line) for line in split_lines(text, keepends=True))
        self._starts = [0, *accumulate(lengths)]

    def offset(self, position: tuple[int, int]) -> int:
        """The offset of (line, column)."""
        line, column = position
        return self._starts[line - 1] + column
