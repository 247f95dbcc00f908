"""Recognises the lines of the program's output that report a metric."""

import io
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Patterns = list[tuple[str, re.Pattern[str]]]
    Report = Callable[[list[tuple[str, str]]], None]

LONGEST = 1 << 16
LINE_ENDS = re.compile(r"[\r\n]")


def watch_output(metrics: "Sequence[Sequence[str]]", report: "Report") -> None:
    """Call ``report`` after each printed line with a metric.

    Only what passes through Python's own streams is seen.

    Args:
        metrics: Pairs of name and pattern; the pattern's first group is the value.
        report: Gets pairs of name and value as printed.
    """
    patterns = [(name, re.compile(pattern)) for name, pattern in metrics]
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if type(stream) is not io.TextIOWrapper:
            continue
        watched = _Watched(stream, patterns, report)
        setattr(sys, name, watched)
        setattr(sys, "__%s__" % name, watched)


class _Watched(io.TextIOWrapper):
    """A text stream with the settings of the interpreter's own, which inspects every line."""

    def __init__(self, stream: "io.TextIOWrapper", patterns: "Patterns", report: "Report") -> None:
        settings: "dict[str, Any]" = {
            "encoding": stream.encoding,
            "errors": stream.errors,
            "line_buffering": stream.line_buffering,
            "write_through": getattr(stream, "write_through", False),
        }
        name, mode = stream.name, stream.mode
        io.TextIOWrapper.__init__(self, stream.detach(), **settings)
        self.mode = mode  # type: ignore[misc]
        self._patterns = patterns
        self._report = report
        self._rest = ""
        assert self.name == name

    def write(self, text: str) -> int:
        """Write a text, then inspect the lines that it completes."""
        written = io.TextIOWrapper.write(self, text)
        if "\n" in text or "\r" in text:
            lines = LINE_ENDS.split(self._rest + text)
            self._rest = lines.pop()
            for line in lines:
                self._inspect(line)
        else:
            self._rest += text
        self._rest = self._rest[-LONGEST:]
        return written

    def _inspect(self, line: str) -> None:
        values = [
            (name, match.group(1))
            for name, pattern in self._patterns
            for match in pattern.finditer(line)
            if _is_number(match.group(1))
        ]
        if values:
            self._report(values)


def _is_number(text: "str | None") -> bool:
    try:
        float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True
