"""Reads the lines at which phases begin, from the settings or from comments in the program."""

import re
from collections.abc import Iterable, Mapping

from trainwreck.errors import UsageError
from trainwreck.model import PhaseMark

COMMENT = re.compile(r"^[ \t]*#[ \t]*phase:[ \t]*(\w[\w -]*?)[ \t\r]*$", re.MULTILINE)

Marks = Mapping[str, tuple[tuple[int, str], ...]]
"""Maps a file of the program to (line, phase) pairs, sorted by line."""


def phase_marks(settings: Iterable[PhaseMark], texts: Mapping[str, str]) -> Marks:
    """Return the marks of each file; comments count only where the settings have no phases.

    ``texts`` are the program's files by path. Raises UsageError where a mark's file is not one.
    """
    marks = list(settings)
    for mark in marks:
        if mark.file not in texts:
            raise UsageError(
                f"the phase `{mark.name}` begins in `{mark.file}`, which is no file of the program",
                "Correct the path under [phases]; it is relative to the program's folder.",
            )
        _check_line(mark, texts[mark.file])
    if not marks:
        for file, text in texts.items():
            for comment in COMMENT.finditer(text):
                line = text.count("\n", 0, comment.start()) + 1
                marks.append(PhaseMark(comment[1], file, line))
    by_file: dict[str, list[tuple[int, str]]] = {}
    for mark in marks:
        by_file.setdefault(mark.file, []).append((mark.line, mark.name))
    return {file: tuple(sorted(pairs)) for file, pairs in by_file.items()}


def _check_line(mark: PhaseMark, text: str) -> None:
    """Raise UsageError where no statement can follow the line of a phase."""
    lines = text.splitlines()
    rest = [line.strip() for line in lines[mark.line - 1 :]]
    if any(line and not line.startswith("#") for line in rest):
        return
    number = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
    problem = "after which nothing runs" if rest else f"which has {number}"
    raise UsageError(
        f"the phase `{mark.name}` begins at line {mark.line} of `{mark.file}`, {problem}",
        "Correct the line under [phases], or write `# phase: NAME` comments in the program.",
    )
