"""Where phases begin, from the settings or from comments in the program."""

import re
from collections.abc import Iterable, Mapping

from trainwreck.errors import UsageError
from trainwreck.model import PhaseMark

COMMENT = re.compile(r"^[ \t]*#[ \t]*phase:[ \t]*(\w[\w -]*?)[ \t\r]*$", re.MULTILINE)

Marks = Mapping[str, tuple[tuple[int, str], ...]]


def phase_marks(settings: Iterable[PhaseMark], texts: Mapping[str, str]) -> Marks:
    """(line, name) pairs for each file of the program; the settings win over comments."""
    marks = list(settings)
    for mark in marks:
        if mark.file not in texts:
            raise UsageError(
                f"the phase `{mark.name}` begins in `{mark.file}`, which the program has not"
            )
    if not marks:
        for file, text in texts.items():
            for found in COMMENT.finditer(text):
                line = text.count("\n", 0, found.start()) + 1
                marks.append(PhaseMark(found[1], file, line))
    by_file: dict[str, list[tuple[int, str]]] = {}
    for mark in marks:
        by_file.setdefault(mark.file, []).append((mark.line, mark.name))
    return {file: tuple(sorted(places)) for file, places in by_file.items()}
