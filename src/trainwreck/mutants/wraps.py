"""Puts code before and after spans of a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Wrap:
    """Code before and after a span of the text.

    Of two wraps of the same span, the one of the lower rank is outside.
    """

    start: int
    end: int
    rank: int
    before: str
    after: str


class Wraps:
    """A text, and the wraps that have been collected for it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._wraps: dict[_Wrap, None] = {}
        self._replaced: dict[int, tuple[int, str]] = {}

    def add(self, span: tuple[int, int], rank: int, before: str, after: str = ")") -> None:
        """Add a wrap of a span, from one offset to another; equal wraps are kept once."""
        self._wraps[_Wrap(*span, rank, before, after)] = None

    def replace(self, span: tuple[int, int], text: str) -> None:
        """Put a text in place of a span, within which no wrap begins or ends."""
        start, end = span
        self._replaced[start] = end, text

    def text(self) -> str:
        """Return the source with all wraps in it, each statement on its own lines."""
        pieces: list[tuple[int, int, int, int, str]] = [
            (start, 2, 0, 0, text) for start, (_, text) in self._replaced.items()
        ]
        for wrap in self._wraps:
            # At one offset, spans close before others open; outer ones open first, close last.
            length = wrap.end - wrap.start
            pieces.append((wrap.start, 1, -length, wrap.rank, wrap.before))
            pieces.append((wrap.end, 0, length, -wrap.rank, wrap.after))
        parts, done = [], 0
        for offset, place, _, _, text in sorted(pieces, key=lambda piece: piece[:4]):
            # In `a and-b` a call instead of the sign would continue the word.
            is_glued = offset > done and is_word(self._source[offset - 1]) and is_word(text[:1])
            parts += [self._source[done:offset], " " if is_glued else "", text]
            done = self._replaced[offset][0] if place == 2 else offset
        return "".join(parts) + self._source[done:]


def is_word(character: str) -> bool:
    """Return whether a character may be part of a name, a keyword or a number."""
    return character == "_" or character.isalnum()
