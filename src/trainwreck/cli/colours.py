"""Colours for the story of one mutant, put on text that is already safe to print."""

import re

RED, GREEN, CYAN, BOLD, PLAIN = (f"\033[{code}m" for code in ("31", "32", "36", "1", "0"))

LINES = (
    (re.compile(r"(---|\+\+\+) "), BOLD),
    (re.compile(r"@@ "), CYAN),
    (re.compile(r"-"), RED),
    (re.compile(r"\+"), GREEN),
    (re.compile(r"crash|hang|no verdict"), RED),
    (re.compile(r"normal"), BOLD),
)
"""The beginnings of lines, each with its colour; the first that fits counts."""


CURVE = re.compile(r" {2}[ \d.e+-]+[┤│]")
"""The begin of a row of a curve."""
SIGNS = ((re.compile(r"[\u2800-\u28ff]+"), RED), (re.compile("░+"), CYAN))


def painted_story(text: str) -> str:
    """Return the story with its diff and its verdict in colours, and the name of the bug in bold.

    Args:
        text: The story as lines that are safe to print. What the program printed is indented, so
            that none of it is taken for a line of ours.

    """
    first, *lines = text.split("\n")
    return "\n".join([f"{BOLD}{first}{PLAIN}", *map(_painted, lines)])


def _painted(line: str) -> str:
    if CURVE.match(line):
        for signs, colour in SIGNS:
            line = signs.sub(rf"{colour}\g<0>{PLAIN}", line)
        return line
    for beginning, colour in LINES:
        if beginning.match(line):
            return f"{colour}{line}{PLAIN}"
    return line
