"""Recognises the lines of the program's output that report a metric."""

import io
import re
import sys
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Values = list[tuple[str, str]]
    Report = Callable[[Values], None]

LONGEST_LINE = 1 << 16
WINDOW_LINES = 20
WINDOW_SIZE = 1 << 14
LINE_ENDS = re.compile(r"[\r\n]")
CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])|\x08+")
NUMBER = (
    r"([+-]?(?:(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?"
    r"|[+-]?(?:nan|inf(?:inity)?))"
)
TYPES = r"(?:[a-z_]\w*\.)*(?:(?:eager)?tensor|(?:device)?array|decimal|b?float[0-9]*)"
DRESSED = re.compile(
    r"(?:['\"]?{number}|\({number}\)|\[{number}\])[%,;:.!|'\"\])}}]*"
    r"|{types}\((?:{number}(?:[,)].*)?|\[{number}\].*)[,;:.\])}}]*".format(
        number=NUMBER, types=TYPES
    ),
    re.IGNORECASE | re.DOTALL,
)


def watch_output(metrics: "Sequence[Sequence[Any]]", report: "Report") -> None:
    """Call ``report`` after each printed line that completes the value of a metric.

    Only what passes through Python's own streams is seen.

    Args:
        metrics: Name, pattern with the value as its first group, whether a match may span lines,
            and the stream to read (None for both). The last two may be missing.
        report: Gets pairs of name and value.
    """
    metrics = [(list(metric) + [False, None])[:4] for metric in metrics]
    # One pipe holds both streams in the order of writing, unless some metric names its stream.
    shared = None
    if not any(stream for _, _, _, stream in metrics):
        shared = _LineReader(metrics, report)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        of_stream = [metric for metric in metrics if metric[3] in (None, name)]
        if type(stream) is not io.TextIOWrapper or not of_stream:
            continue
        watched = _Watched(stream, shared or _LineReader(of_stream, report))
        setattr(sys, name, watched)
        setattr(sys, "__%s__" % name, watched)


class _Watched(io.TextIOWrapper):
    """A text stream with the settings of the interpreter's own; a reader sees what it writes."""

    def __init__(self, stream: "io.TextIOWrapper", reader: "_LineReader") -> None:
        settings: "dict[str, Any]" = {
            "encoding": stream.encoding,
            "errors": stream.errors,
            "line_buffering": stream.line_buffering,
            "write_through": getattr(stream, "write_through", False),
        }
        name, mode = stream.name, stream.mode
        io.TextIOWrapper.__init__(self, stream.detach(), **settings)
        self.mode = mode  # type: ignore[misc]
        self._reader = reader
        assert self.name == name

    def write(self, text: str) -> int:
        """Write a text, then inspect the lines that it completes."""
        written = io.TextIOWrapper.write(self, text)
        self._reader.feed(text)
        return written


class _LineReader:
    """Reads metrics line by line, as `run.metric_lines` does on the other side of the wall."""

    def __init__(self, metrics: "Sequence[Sequence[Any]]", report: "Report") -> None:
        self._searches = [_Search(*metric[:3]) for metric in metrics]
        self._report = report
        self._rest = ""
        self._after_return = False

    def feed(self, text: str) -> None:
        """Read the next piece of the text; report each line that completes values."""
        was_return, self._after_return = self._after_return, text.endswith("\r")
        if was_return:
            self._after_return = self._after_return or not text
            text = text[1:] if text.startswith("\n") else text
        if "\n" not in text and "\r" not in text:
            self._rest = (self._rest + text)[-LONGEST_LINE:]
            return
        lines = LINE_ENDS.split(self._rest + text.replace("\r\n", "\n"))
        self._rest = lines.pop()[-LONGEST_LINE:]
        for line in lines:
            self._read(line[-LONGEST_LINE:])

    def _read(self, line: str) -> None:
        shown = CODES.sub("", line) if "\x1b" in line or "\b" in line else line
        values: "Values" = []
        for search in self._searches:
            values += [(search.name, number) for number in search.read(line, shown)]
        if values:
            self._report(values)


class _Search:
    """The search for one metric."""

    def __init__(self, name: str, pattern: str, spans_lines: bool) -> None:
        self.name = name
        self._pattern = re.compile(pattern)
        self._spans_lines = spans_lines
        self._lines: "deque[str]" = deque(maxlen=WINDOW_LINES)

    def read(self, line: str, shown: str) -> "list[str]":
        """Return the values that this line completes; ``shown`` is without terminals' codes."""
        values = self._in_line(shown)
        if not values and len(line) != len(shown):
            values = self._in_line(line)
        if self._spans_lines:
            values = values or self._across(shown)
            self._lines.append(shown)
            if values:
                self._lines.clear()
        return values

    def _in_line(self, line: str) -> "list[str]":
        texts = self._pattern.findall(line) if line else ()
        if texts and self._pattern.groups > 1:
            texts = [groups[0] for groups in texts]
        return _numbers(texts) if texts else []

    def _across(self, line: str) -> "list[str]":
        """Return the values of matches that span lines and end in this one."""
        before = "".join(earlier + "\n" for earlier in self._lines)[-WINDOW_SIZE:]
        return _numbers(
            (match.group(1) or "").strip()
            for match in self._pattern.finditer(before + line + "\n")
            if match.end() > len(before) and "\n" in match.group()
        )


def _numbers(texts: "Iterable[str | None]") -> "list[str]":
    numbers = map(_number_in, texts)
    return [number for number in numbers if number is not None]


def _number_in(text: "str | None") -> "str | None":
    """Return the number that a text represents, as text; None where it represents none."""
    try:
        float(text or "")
    except ValueError:
        match = DRESSED.fullmatch((text or "").strip())
        numbers = match.groups() if match else ()
        return next((number.replace(",", "") for number in numbers if number), None)
    return text
