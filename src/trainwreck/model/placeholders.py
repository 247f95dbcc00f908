"""Placeholders in the command and environment of a subject: ``{seed}`` and its like."""

import re
from collections.abc import Iterable, Mapping

PLACEHOLDERS = ("seed", "fold", "folds", "data", "cache")
"""The names that trainwreck fills in for each trial."""

_FORM = re.compile(r"\{\{(?P<literal>[A-Za-z_]\w*)\}\}|(?<!\$)\{(?P<name>[A-Za-z_]\w*)\}", re.ASCII)
"""A name in double braces, which is text, or a name in single ones.

Other braces (``{"lr": 1}``, ``{epoch:02d}``) and ``${name}`` are text of the program.
"""


def names_in(texts: Iterable[str]) -> list[str]:
    """Return the names of all placeholders, known or not, in the order of the texts."""
    return [match["name"] for text in texts for match in _FORM.finditer(text) if match["name"]]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders replaced, and ``{{name}}`` as ``{name}``.

    A placeholder without a value stays as it is.
    """

    def replaced(match: re.Match[str]) -> str:
        if match["literal"]:
            return f"{{{match['literal']}}}"
        return values.get(match["name"], match[0])

    return _FORM.sub(replaced, text)


def as_text(text: str) -> str:
    """Return what `fill` turns into this text, whatever braces are in it."""
    return _FORM.sub(lambda match: f"{{{match[0]}}}", text)
