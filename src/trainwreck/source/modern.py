"""Rewrites syntax that parso does not know into older syntax of the same length.

parso 0.8 does not parse ``match`` (PEP 634), ``type`` statements (PEP 695), ``except*`` (PEP 654)
and parenthesised ``with`` (PEP 617). Only positions are taken from the tree. So each of these
becomes an older statement of the same length, with the same expressions at the same offsets. The
rewritten text is never run: the subject's interpreter decides which mutants compile.
"""

import io
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trainwreck.source.lines import LineIndex

SKIPPED_KINDS = frozenset([tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT])
BEFORE_EXPRESSION = frozenset("([{-*~")


@dataclass(frozen=True, slots=True)
class _Token:
    """A token of Python's own tokeniser, with its offsets in the text."""

    kind: int
    text: str
    start: int
    end: int


def as_older_grammar(text: str) -> str:
    """Return the text with newer statements replaced by older ones of the same length.

    A text, or a rest of one, that cannot be tokenised stays as it is.
    """
    characters = list(text)
    for line in _logical_lines(text):
        for start, end, older in _replacements(line):
            characters[start:end] = older
    return "".join(characters)


def _replacements(line: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, older text) for each part of a logical line that must change."""
    first, header = line[0], _header(line)
    is_keyword = len(header) > 1 and _begins_expression(header[1])
    if first.text == "match" and is_keyword and len(header) == len(line) - 1:
        yield first.start, first.end, "with "
    elif first.text == "case" and is_keyword:
        yield first.start, first.end, "with"
        yield from _commas_for(header, "as")
        # The first `if` begins the guard; later ones are conditional expressions inside it.
        yield from list(_commas_for(header, "if"))[:1]
        yield from _blanks_for_stars(header)
    elif first.text == "type" and len(line) > 2 and line[1].kind == tokenize.NAME:
        if line[2].text in ("=", "["):
            yield first.end, line[1].start, "_" * (line[1].start - first.end)
    elif first.text == "except" and len(header) > 1 and header[1].text == "*":
        yield header[1].start, header[1].end, " "
    elif first.text in ("with", "async"):
        yield from _commas_for(header, "as")


def _header(line: Sequence[_Token]) -> Sequence[_Token]:
    """Return the tokens before the colon of a compound statement; none where it has no colon."""
    depth = 0
    for index, token in enumerate(line):
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if token.text == ":" and depth == 0:
            return line[:index]
    return ()


def _begins_expression(token: _Token) -> bool:
    """Return whether a ``match`` or ``case`` before this token is a keyword and not a name."""
    return token.kind != tokenize.OP or token.text in BEFORE_EXPRESSION


def _commas_for(line: Iterable[_Token], word: str) -> Iterator[tuple[int, int, str]]:
    """Yield a replacement of each ``word`` by a comma and a space."""
    for token in line:
        if token.kind == tokenize.NAME and token.text == word:
            yield token.start, token.end, ", "


def _blanks_for_stars(line: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield a blank for each star of a sequence pattern; older statements do not allow them."""
    for before, token in pairwise(line):
        if token.text == "*" and before.text in ("case", ",", "[", "("):
            yield token.start, token.end, " "


def _logical_lines(text: str) -> Iterator[list[_Token]]:
    """Yield the tokens of each logical line, without comments, while the text can be tokenised."""
    index = LineIndex(text)
    line: list[_Token] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                if line:
                    yield line
                line = []
            elif token.type not in SKIPPED_KINDS:
                start, end = index.offset(token.start), index.offset(token.end)
                line.append(_Token(token.type, token.string, start, end))
    except (tokenize.TokenError, SyntaxError):
        return
