"""Reads the values of metrics from the lines of a text; `metric_lines` of the agent agrees."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from trainwreck.model import Metric

LONGEST_LINE = 1 << 16
"""Characters of a line that are read, from its end, so that it cannot fill the memory."""
WINDOW_LINES = 20
WINDOW_SIZE = 1 << 14
"""Lines and characters among which a match that spans lines is searched for."""

Steps = dict[str, list[str]]
"""Every value of each metric by its name, as text, in order."""

LINE_ENDS = re.compile(r"[\r\n]")
CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])|\x08+")
"""Colours and other codes for terminals."""
NUMBER = (
    r"([+-]?(?:(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?"
    r"|[+-]?(?:nan|inf(?:inity)?))"
)
TYPES = r"(?:[a-z_]\w*\.)*(?:(?:eager)?tensor|(?:device)?array|decimal|b?float[0-9]*)"
DRESSED = re.compile(
    rf"(?:['\"]?{NUMBER}|\({NUMBER}\)|\[{NUMBER}\])[%,;:.!|'\"\])}}]*"
    rf"|{TYPES}\((?:{NUMBER}(?:[,)].*)?|\[{NUMBER}\].*)[,;:.\])}}]*",
    re.IGNORECASE | re.DOTALL,
)
"""A number as programs print it: ``0.5,``  ``1,234.5``  ``87.5%``  ``tensor(0.5, device=…``."""


def number_in(text: str | None) -> str | None:
    """Return the number that a text represents, as text; None where it represents none.

    A text that Python reads as a number stays as it is. Of ``87.5%`` the number is ``87.5``.
    """
    try:
        float(text or "")
    except ValueError:
        match = DRESSED.fullmatch((text or "").strip())
        numbers = match.groups() if match else ()
        return next((number.replace(",", "") for number in numbers if number), None)
    return text


class LineReader:
    """Reads metrics from a text that comes in pieces, line by line.

    A match counts as soon as the line ends that completes it. Every metric is searched for in each
    line alone. Where that finds nothing and its pattern may span lines, it is searched for in the
    last lines since its last match. What only terminals show, as colours, is not part of a line.
    Values are added to ``steps``, which other readers may share; ``each_line`` gets every line.
    """

    def __init__(
        self,
        metrics: Iterable[Metric],
        steps: Steps,
        each_line: Callable[[str], object] | None = None,
    ) -> None:
        self._each_line = each_line
        self._searches = [_Pattern(metric, steps.setdefault(metric.name, [])) for metric in metrics]
        self._rest = ""
        self._after_return = False

    def feed(self, text: str) -> None:
        """Read the next piece of the text."""
        was_return, self._after_return = self._after_return, text.endswith("\r")
        if was_return:
            self._after_return = self._after_return or not text
            text = text[1:] if text.startswith("\n") else text
        *lines, rest = LINE_ENDS.split(self._rest + text.replace("\r\n", "\n"))
        is_coded = "\x1b" in text or "\b" in text or "\x1b" in self._rest or "\b" in self._rest
        for line in lines:
            self._read(line, is_coded)
        self._rest = rest[-LONGEST_LINE:]

    def close(self) -> None:
        """Read the last line, which may have no end."""
        self._read(self._rest)
        self._rest = ""

    def _read(self, line: str, is_coded: bool = True) -> None:
        line = line[-LONGEST_LINE:]
        if self._each_line is not None:
            self._each_line(line)
        shown = CODES.sub("", line) if is_coded else line
        for search in self._searches:
            search.read(line, shown)


class _Pattern:
    """The search for one metric."""

    def __init__(self, metric: Metric, values: list[str]) -> None:
        self._values = values
        self._pattern = re.compile(metric.pattern)
        self._spans_lines = metric.spans_lines
        self._lines: deque[str] = deque(maxlen=WINDOW_LINES)

    def read(self, line: str, shown: str) -> None:
        """Add the values that this line completes.

        Args:
            line: The line as printed; searched where the other one has no value.
            shown: The line without the codes for terminals.

        """
        values = self._in_line(shown)
        if not values and not self._spans_lines and len(line) == len(shown):
            return
        if not values and len(line) != len(shown):
            values = self._in_line(line)
        if self._spans_lines:
            values = values or list(self._across(shown))
            self._lines.append(shown)
            if values:
                self._lines.clear()
        self._values += values

    def _in_line(self, line: str) -> list[str]:
        # `findall` makes no objects for matches: most lines of a long output have none.
        texts = self._pattern.findall(line) if line else ()
        if texts and self._pattern.groups > 1:
            texts = [groups[0] for groups in texts]
        return [number for number in map(number_in, texts) if number is not None] if texts else []

    def _across(self, line: str) -> Iterator[str]:
        """Yield the values of matches that span lines and end in this one."""
        before = "".join(f"{earlier}\n" for earlier in self._lines)[-WINDOW_SIZE:]
        for match in self._pattern.finditer(f"{before}{line}\n"):
            if match.end() > len(before) and "\n" in match[0]:
                number = number_in((match[1] or "").strip())
                if number is not None:
                    yield number
