"""Escapes text of others, so that a terminal shows what it would obey.

Output and messages of programs, names of files and metrics, imported records and mutated lines may
hold anything. Whatever people read passes `printable` or `one_line`; JSON passes `json_text`.
"""

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

OBEYED = re.compile(
    r"[\0-\x08\x0b-\x1f\x7f-\x9f"  # Control characters, but for the end of a line and the tab.
    r"\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Controls, halves of surrogate pairs, what turns the direction of text, and what is not seen."""
BREAKS = re.compile(r"[\n\t]")
LONGEST, LONGEST_NOTE = 2000, 40_000
"""Characters that are shown of a line, and of the text under a table; programs print millions."""
NOT_ASCII = re.compile(r"[^ -~]+")


def printable(text: str) -> str:
    r"""Return a text that is safe to print: ``\x1b`` becomes four letters; lines and tabs stay."""
    return OBEYED.sub(_escape, text)


def short_lines(text: str) -> str:
    """Return the same with lines of at most ``LONGEST`` characters."""
    return "\n".join(_shortened(line, LONGEST) for line in printable(text).split("\n"))


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return the same in one line, so that a name cannot look like a line of ours."""
    return _shortened(BREAKS.sub(_escape, printable(text)), longest)


def _shortened(line: str, longest: int) -> str:
    more = len(line) - longest
    return f"{line[:longest]}… ({more:,} more characters)" if more > 0 else line


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def fitted(text: str, width: int | None) -> str:
    """Return text whose long lines are broken between words, which no terminal does.

    Args:
        text: Lines of text.
        width: The columns of the terminal, or None to break nothing.

    """
    if width is None or all(len(line) <= width for line in text.splitlines()):
        return text
    return "\n".join(
        _broken(line, width) if len(line) > width else line for line in text.split("\n")
    )


def _broken(line: str, width: int) -> str:
    """Return a line in several; all but the first are indented further."""
    from textwrap import fill  # No answer of `--help` needs it.

    others = " " * (len(line) - len(line.lstrip()) + 2)
    return fill(
        line, width, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


def json_text(value: object, default: Callable[[Any], object] | None = None) -> str:
    """Return one line of JSON in ASCII that every reader takes.

    Half of a surrogate pair, which JSON cannot hold, becomes a question mark, and a number that
    JSON has no word for a string. ``default`` makes a plain value of one that is none.
    """
    try:
        text = json.dumps(value, default=default, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(value), default=default, ensure_ascii=False)
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return NOT_ASCII.sub(lambda match: _ascii(match[0]), whole)


def _ascii(text: str) -> str:
    return json.dumps(text)[1:-1].replace("\x7f", r"\u007f")


def _finite(value: object) -> object:
    match value:
        case float():
            return value if isfinite(value) else str(value)
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
    return value
