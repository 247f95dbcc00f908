"""Rewrites syntax that parso does not know into older syntax of the same length.

parso 0.8 reads no ``match`` (PEP 634), ``type`` statement (PEP 695), ``except*`` (PEP 654) or
parenthesised ``with`` (PEP 617). Only positions are taken from the tree, so each of these is
turned, character for character, into something older with the same expressions inside. Whether
an edited file compiles is always asked of the interpreter, never of this rewrite.
"""

import io
import re
import tokenize
from collections.abc import Iterator

from trainwreck.source.lines import LineIndex

_MATCH = re.compile(r"match(?=[\s(\[{'\"-])")
_CASE = re.compile(r"case(?=[\s(\[{'\"-])")
_TYPE = re.compile(r"type( )(?=[^\W\d]\w*\s*[=\[])")
_EXCEPT = re.compile(r"except(\s*)\*")


def as_older_grammar(text: str) -> str:
    """The same text with newer statements replaced; unchanged where it cannot be tokenised."""
    pieces = list(text)
    for start, end in _logical_lines(text):
        line = text[start:end]
        block = line.rstrip().endswith(":")
        if block and _MATCH.match(line):
            pieces[start : start + 5] = list("while")
        elif block and _CASE.match(line):
            pieces[start : start + 4] = list("with")
            _replace_word(pieces, text, start, end, "if", ", ")
        elif found := _TYPE.match(line):
            pieces[start + found.start(1)] = "_"
        elif block and (found := _EXCEPT.match(line)):
            pieces[start + found.end() - 1] = " "
        elif block and line.startswith(("with", "async")):
            _replace_word(pieces, text, start, end, "as", ", ")
    return "".join(pieces)


def _replace_word(
    pieces: list[str], text: str, start: int, end: int, word: str, instead: str
) -> None:
    for found in re.finditer(rf"\b{word}\b", text[start:end]):
        pieces[start + found.start() : start + found.end()] = list(instead)


def _logical_lines(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of each logical line, from its first token to its last, comments left out."""
    index = LineIndex(text)
    first = last = None
    passed_over = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                if first is not None and last is not None:
                    yield first, last
                first = last = None
            elif token.type not in passed_over:
                first = index.offset(token.start) if first is None else first
                last = index.offset(token.end)
    except (tokenize.TokenError, SyntaxError):
        return
