"""Rewrites syntax that parso does not know into older syntax of the same length.

parso 0.8 does not parse ``match`` (PEP 634), ``type`` statements (PEP 695), ``except*`` (PEP 654),
parenthesised ``with`` (PEP 617), stars in subscripts, annotations and loops (PEP 646), several
exceptions without parentheses (PEP 758), and newer strings. Only positions are taken from the
tree. So each of these becomes older code of the same length, with the same expressions at the
same offsets. The rewritten text is never run: the subject's interpreter decides which mutants
compile.
"""

import io
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from keyword import iskeyword

from trainwreck.source.lines import LineIndex
from trainwreck.source.strings import with_older_strings

SKIPPED_KINDS = frozenset([tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT])
BEFORE_EXPRESSION = frozenset([*"([{-*~", "..."])

BEFORE_STAR = frozenset([*"([{,:=", "in", "match", "case"])
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class _Token:
    """A token of Python's own tokeniser, with its offsets in the text."""

    kind: int
    text: str
    start: int
    end: int


def as_older_grammar(text: str) -> str:
    """Return the text with newer syntax replaced by older one of the same length.

    A text, or a rest of one, that cannot be tokenised stays as it is.
    """
    text = with_older_strings(text)
    characters = list(text)
    for line in _logical_lines(text):
        for start, end, older in _replacements(line):
            characters[start:end] = older
    return "".join(characters)


def _replacements(line: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, older text) for each part of a logical line that must change."""
    first, header = line[0], _header(line)
    is_keyword = len(header) > 1 and _begins_expression(header[1])
    yield from _blanks_for_stars(line, bool(header))
    yield from _names_for_types(line)
    if first.text == "match" and is_keyword and len(header) == len(line) - 1:
        yield first.start, first.end, "with "
        yield from _blanks_for_names(header)
    elif first.text == "case" and is_keyword:
        yield first.start, first.end, "with"
        yield from _case_replacements(header)
    elif first.text == "except":
        yield from _except_replacements(header)
    elif first.text in ("with", "async"):
        yield from _commas_for(header, "as")


def _case_replacements(header: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield what makes a ``case`` a ``with``, where names that it binds mean nothing."""
    for token, name in pairwise(header):
        if token.text == "as":
            yield token.start, name.end, " " * (name.end - token.start)
    # The first `if` begins the guard; later ones are conditional expressions inside it.
    yield from list(_commas_for(header, "if"))[:1]
    yield from _blanks_for_names(header)


def _except_replacements(header: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield a blank for the star of ``except*``, and dots between exceptions without brackets."""
    if len(header) > 1 and header[1].text == "*":
        yield header[1].start, header[1].end, " "
    for depth, token in _with_depth(header):
        if depth == 0 and token.text == ",":
            yield token.start, token.end, "."


def _with_depth(line: Iterable[_Token]) -> Iterator[tuple[int, _Token]]:
    """Yield each token with the number of brackets around it, its own included."""
    depth = 0
    for token in line:
        depth += (token.text in OPENING) - (token.text in CLOSING)
        yield depth, token


def _header(line: Sequence[_Token]) -> Sequence[_Token]:
    """Return the tokens before the colon of a compound statement; none where it has no colon."""
    lambdas = 0
    for index, (depth, token) in enumerate(_with_depth(line)):
        if depth == 0:
            lambdas += token.text == "lambda"
            if token.text == ":" and lambdas == 0:
                return line[:index]
            lambdas -= token.text == ":"
    return ()


def _begins_expression(token: _Token) -> bool:
    """Return whether a ``match`` or ``case`` before this token is a keyword and not a name."""
    return token.kind != tokenize.OP or token.text in BEFORE_EXPRESSION


def _commas_for(line: Iterable[_Token], word: str) -> Iterator[tuple[int, int, str]]:
    """Yield a replacement of each ``word`` by a comma and a space."""
    for token in line:
        if token.kind == tokenize.NAME and token.text == word:
            yield token.start, token.end, ", "


def _blanks_for_names(header: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield blanks for each name that is assigned outside brackets, and for a comma at the end."""
    for name, (depth, token) in zip(header, list(_with_depth(header))[1:], strict=False):
        if depth == 0 and token.text == ":=":
            yield name.start, token.end, " " * (token.end - name.start)
    if header[-1].text == ",":
        yield header[-1].start, header[-1].end, " "


def _blanks_for_stars(line: Sequence[_Token], is_header: bool) -> Iterator[tuple[int, int, str]]:
    """Yield blanks for stars where older Pythons allow none; calls keep theirs.

    These are in square brackets, in an annotation, and outside brackets in the header of a
    ``for``, ``match`` or ``case``. In a ``case``, stars in calls are blanks as well.
    """
    brackets: list[str] = []
    is_header &= line[0].text in ("for", "async", "match", "case")
    is_case = is_header and line[0].text == "case"
    for before, token in pairwise(line):
        if before.text in OPENING:
            brackets.append(before.text)
        elif before.text in CLOSING and brackets:
            brackets.pop()
        inner = brackets[-1] if brackets else ""
        if token.text not in ("*", "**") or before.text not in BEFORE_STAR:
            continue
        in_annotation = inner and before.text == ":"
        outside = not inner and is_header and before.text != ":"
        if inner == "[" or in_annotation or outside or (is_case and inner == "("):
            yield token.start, token.end, " " * len(token.text)


def _names_for_types(line: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    """Yield what makes ``type X[T = int]`` an assignment to ``type_X[T : int]``."""
    for index, (token, name, sign) in enumerate(zip(line, line[1:], line[2:], strict=False)):
        starts = index == 0 or line[index - 1].text in (";", ":")
        is_name = name.kind == tokenize.NAME and not iskeyword(name.text)
        if token.text == "type" and starts and is_name and sign.text in ("=", "["):
            yield token.end, name.start, "_" * (name.start - token.end)
            yield from _colons_for_defaults(line[index + 2 :])


def _colons_for_defaults(parameters: Sequence[_Token]) -> Iterator[tuple[int, int, str]]:
    for depth, token in _with_depth(parameters):
        if depth == 0:
            return
        if depth == 1 and token.text == "=":
            yield token.start, token.end, ":"


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
