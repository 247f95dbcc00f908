"""Rewrites formatted strings that parso does not know into older syntax of the same length.

parso 0.8 reads formatted strings as Python 3.11 did. Since PEP 701 an expression in one may hold
the quotes of the string, backslashes, comments and line ends; PEP 750 adds template strings. The
texts of strings mean nothing to mutants, but what stands between braces is code. So texts become
neutral letters, and strings inside others become names or lists, with all code at its offset.
"""

import re
from dataclasses import dataclass, field

STRING = re.compile(r"""([rbuft]|[bft]r|r[bft])?('''|\"\"\"|'|")""", re.IGNORECASE)
WORD = re.compile(r"\w+")
COMMENT = re.compile(r"#[^\r\n]*")
NAMED = re.compile(r"\\N\{[^}]*\}")
COMPARISON = re.compile(r"[=!<>]=")
SHOWN = re.compile(r"=(\s|#[^\r\n]*)*[}!:]")
LINE_ENDS = "\r\n"

Span = tuple[int, int]


class Unterminated(Exception):
    """A string has no end, so that the text is no program."""


@dataclass(slots=True)
class _Formatted:
    """The parts of a formatted string, as offsets.

    ``texts`` are literal parts, those of format specifications included, ``opening`` the braces
    before the ``expressions``. ``shown`` are the expressions that appear as text: ``f"{x=}"``.
    ``is_deep``: the specification of a field holds a field that has one itself.
    """

    start: int
    body: int
    quote: str
    end: int = 0
    texts: list[Span] = field(default_factory=list)
    opening: list[int] = field(default_factory=list)
    expressions: list[Span] = field(default_factory=list)
    shown: set[Span] = field(default_factory=set)
    is_deep: bool = False


def with_older_strings(text: str) -> str:
    """Return the text with all formatted strings as parso reads them, of the same length.

    A text with a string that does not end stays as it is.
    """
    writer = _Writer(text)
    try:
        writer.rewrite_outer_strings()
    except Unterminated:
        return text
    return "".join(writer.characters)


class _Reader:
    """Finds where strings and the expressions in them end."""

    def __init__(self, text: str) -> None:
        self.text = text

    def string_at(self, offset: int) -> re.Match[str] | None:
        """Return the prefix and quote of the string that begins here, if one does."""
        return STRING.match(self.text, offset)

    def after_other(self, offset: int) -> int:
        """Return the offset behind a word, a comment, or one other character."""
        other = WORD.match(self.text, offset) or COMMENT.match(self.text, offset)
        return other.end() if other else offset + 1

    def end_of(self, string: re.Match[str]) -> int:
        """Return the offset behind a string."""
        if _is_formatted(string):
            return self.formatted(string).end
        offset, quote = string.end(), string[2]
        while not self.text.startswith(quote, offset):
            self._check(offset, quote)
            offset += self._escape_length(offset) if self.text[offset] == "\\" else 1
        return offset + len(quote)

    def formatted(self, string: re.Match[str]) -> _Formatted:
        """Return the parts of a formatted string."""
        parts = _Formatted(string.start(), string.end(), string[2])
        is_raw = "r" in (string[1] or "").lower()
        offset = self._texts(parts, parts.body, parts.quote, is_raw)
        parts.end = offset + len(parts.quote)
        return parts

    def _check(self, offset: int, quote: str) -> None:
        """Raise Unterminated at the end of the text, or of a line that must hold the quote."""
        rest = self.text[offset : offset + 1]
        if not rest or (len(quote) == 1 and rest in LINE_ENDS):
            raise Unterminated

    def _texts(self, parts: _Formatted, offset: int, stop: str, is_raw: bool) -> int:
        """Read texts and fields up to ``stop``, a quote or the brace behind a specification."""
        start, text = offset, self.text
        while not text.startswith(stop, offset):
            self._check(offset, parts.quote)
            if text[offset] == "\\":
                offset = self._after_backslash(offset, is_raw)
            elif stop != "}" and text[offset : offset + 2] in ("{{", "}}"):
                offset += 2
            elif text[offset] == "{":
                parts.texts.append((start, offset))
                start = offset = self._field(parts, offset, is_raw, stop == "}")
            else:
                offset += 1
        parts.texts.append((start, offset))
        return offset

    def _after_backslash(self, offset: int, is_raw: bool) -> int:
        """Return the offset behind an escape; a brace behind a backslash still opens a field."""
        named = None if is_raw else NAMED.match(self.text, offset)
        if named:
            return named.end()
        opens = self.text[offset + 1 : offset + 2] in ("{", "}")
        return offset + (1 if opens else self._escape_length(offset))

    def _escape_length(self, offset: int) -> int:
        return 3 if self.text.startswith("\r\n", offset + 1) else 2

    def _field(self, parts: _Formatted, opening: int, is_raw: bool, is_inner: bool) -> int:
        """Read ``{expression!r:specification}``; return the offset behind it."""
        parts.opening.append(opening)
        end = self._end_of_expression(opening + 1)
        expression = opening + 1, end
        parts.expressions.append(expression)
        if self.text[end] == "=":
            parts.shown.add(expression)
        while self.text[end : end + 1] not in ("}", ":"):
            if end >= len(self.text):
                raise Unterminated
            end = self.after_other(end)
        if self.text[end] == ":":
            parts.is_deep |= is_inner
            end = self._texts(parts, end + 1, "}", is_raw)
        return end + 1

    def _end_of_expression(self, offset: int) -> int:
        """Return where an expression ends: at ``}``, ``:``, ``!r`` or a ``=`` that shows it."""
        depth, text = 0, self.text
        while offset < len(text):
            string, letter = self.string_at(offset), text[offset]
            if string:
                offset = self.end_of(string)
                continue
            is_shown = SHOWN.match(text, offset) and not COMPARISON.match(text, offset)
            if depth == 0 and (letter in "}:" or is_shown):
                return offset
            if COMPARISON.match(text, offset):
                offset += 2
                continue
            if depth == 0 and letter == "!":
                return offset
            depth += (letter in "([{") - (letter in ")]}")
            offset = self.after_other(offset)
        raise Unterminated


class _Writer:
    """Replaces characters of a text."""

    def __init__(self, text: str) -> None:
        self.characters = list(text)
        self._reader = _Reader(text)

    def rewrite_outer_strings(self) -> None:
        """Rewrite every formatted string that no other holds."""
        offset, reader = 0, self._reader
        while offset < len(self.characters):
            string = reader.string_at(offset)
            if string is None:
                offset = reader.after_other(offset)
            elif _is_formatted(string):
                offset = self._rewrite_outer(reader.formatted(string))
            else:
                offset = reader.end_of(string)

    def _rewrite_outer(self, parts: _Formatted) -> int:
        """Rewrite a formatted string; return its end.

        It becomes a list where the parser cannot read it as a string: where line ends between its
        braces would end it, or fields in fields have specifications.
        """
        whole = self._line_ends((parts.start, parts.end))
        has_line_ends = len(parts.quote) == 1 and whole > sum(map(self._line_ends, parts.texts))
        if has_line_ends or parts.is_deep:
            self._as_list(parts)
            return parts.end
        for offset in range(parts.start, parts.body - len(parts.quote)):
            if self.characters[offset] in "tT":
                self.characters[offset] = "f"
        for span in parts.texts:
            self._fill(span, "_")
        for span in parts.expressions:
            self._rewrite_expression(span)
        return parts.end

    def _as_list(self, parts: _Formatted) -> None:
        """Make a formatted string ``[_, expression, …]``; what is shown as text is no code."""
        self._fill((parts.start, parts.body), " ")
        self.characters[parts.start : parts.start + 2] = "[_"
        covered = parts.body
        for opening, (start, end) in zip(parts.opening, parts.expressions, strict=True):
            self._fill((covered, start), " ")
            self.characters[opening] = ","
            if (start, end) in parts.shown:
                self._as_name((start, end))
            else:
                self._rewrite_expression((start, end))
            covered = end
        self._fill((covered, parts.end), " ")
        self.characters[parts.end - 1] = "]"

    def _rewrite_expression(self, span: Span) -> None:
        """Replace the strings and comments of an expression; neighbouring strings are one."""
        (offset, end), reader, follows_string = span, self._reader, False
        while offset < end:
            string = reader.string_at(offset)
            if string is None:
                after = reader.after_other(offset)
                if self.characters[offset] == "#":
                    self._fill((offset, after), " ")
                elif not "".join(self.characters[offset:after]).isspace():
                    follows_string = False
            else:
                after = reader.end_of(string)
                self._rewrite_inner(string, after, follows_string)
                follows_string = True
            offset = after

    def _rewrite_inner(self, string: re.Match[str], end: int, follows_string: bool) -> None:
        if _is_formatted(string):
            self._as_list(self._reader.formatted(string))
        elif follows_string:
            self._fill((string.start(), end), " ")
        else:
            self._as_name((string.start(), end))

    def _as_name(self, span: Span) -> None:
        """Make a span a name, in parentheses where it has several lines."""
        start, end = span
        if self._line_ends(span) and end - start > 3:
            self._fill(span, " ")
            self.characters[start : start + 2], self.characters[end - 1] = "(_", ")"
        else:
            self._fill(span, "_")

    def _fill(self, span: Span, letter: str) -> None:
        """Replace all characters of a span but its line ends, and backslashes before these."""
        for offset in range(*span):
            following = self.characters[offset + 1 : offset + 2]
            continues = self.characters[offset] == "\\" and following and following[0] in LINE_ENDS
            if self.characters[offset] not in LINE_ENDS and not continues:
                self.characters[offset] = letter

    def _line_ends(self, span: Span) -> int:
        return sum(letter in LINE_ENDS for letter in self.characters[slice(*span)])


def _is_formatted(string: re.Match[str]) -> bool:
    return not {"f", "t"}.isdisjoint((string[1] or "").lower())
