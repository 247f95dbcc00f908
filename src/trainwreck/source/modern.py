"""Rewrites syntax that parso does not know into older syntax of the same length.

parso 0.8 reads no ``match`` (PEP 634), ``type`` statement (PEP 695), ``except*`` (PEP 654) or
parenthesised ``with`` (PEP 617). Only positions are taken from the tree, so each of these is
turned, character for character, into something older with the same expressions inside. Whether
an edited file compiles is always asked of the interpreter, never of this rewrite.
"""

import io
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trainwreck.source.lines import LineIndex

PASSED_OVER = frozenset([tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT])
BEFORE_EXPRESSION = frozenset("([{-*~")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: int
    text: str
    start: int
    end: int


def as_older_grammar(text: str) -> str:
    """The same text with newer statements replaced; unchanged where it cannot be tokenised."""
    pieces = list(text)
    for line in _logical_lines(text):
        for start, end, instead in _rewritten(line):
            pieces[start:end] = instead
    return "".join(pieces)


def _rewritten(line: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """(start, end, older text) of what must change in one logical line."""
    first, header = line[0], _header(line)
    soft = len(header) > 1 and _begins_expression(header[1])
    if first.text == "match" and soft and len(header) == len(line) - 1:
        yield first.start, first.end, "with "
    elif first.text == "case" and soft:
        yield first.start, first.end, "with"
        yield from _words(header, "as")
        yield from list(_words(header, "if"))[:1]
        yield from _stars(header)
    elif first.text == "type" and len(line) > 2 and line[1].kind == tokenize.NAME:
        if line[2].text in ("=", "["):
            yield first.end, line[1].start, "_" * (line[1].start - first.end)
    elif first.text == "except" and len(header) > 1 and header[1].text == "*":
        yield header[1].start, header[1].end, " "
    elif first.text in ("with", "async"):
        yield from _words(header, "as")


def _header(line: Sequence[_Token]) -> Sequence[_Token]:
    """What stands before the colon of a compound statement; nothing where there is no colon."""
    depth = 0
    for index, token in enumerate(line):
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if token.text == ":" and depth == 0:
            return line[:index]
    return ()


def _begins_expression(token: _Token) -> bool:
    """Whether the token makes ``match`` or ``case`` before it a keyword and not a name."""
    return token.kind != tokenize.OP or token.text in BEFORE_EXPRESSION


def _words(line: Iterable[_Token], word: str) -> Iterator[tuple[int, int, str]]:
    """A comma in the place of each ``word``; in a pattern the first ``if`` begins the guard."""
    for token in line:
        if token.kind == tokenize.NAME and token.text == word:
            yield token.start, token.end, ", "


def _stars(line: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """The stars of sequence patterns, which the older statement does not take."""
    for before, token in pairwise(line):
        if token.text == "*" and before.text in ("case", ",", "[", "("):
            yield token.start, token.end, " "


def _logical_lines(text: str) -> Iterator[list[_Token]]:
    """The tokens of each logical line with their offsets, comments left out."""
    index = LineIndex(text)
    line: list[_Token] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                if line:
                    yield line
                line = []
            elif token.type not in PASSED_OVER:
                start, end = index.offset(token.start), index.offset(token.end)
                line.append(_Token(token.type, token.string, start, end))
    except (tokenize.TokenError, SyntaxError):
        return
