"""Texts that a page holds once, each fit for others to read."""

from trainwreck.model.redaction import Redact
from trainwreck.report.printable import one_line, short_lines

LONGEST = 1000
"""Characters that are shown of a name, of a sentence, or of a line that a program printed."""


class Strings:
    """A list of different texts; data names each by its number."""

    def __init__(self, redact: Redact) -> None:
        self.redact = redact
        self._numbers: dict[tuple[str, bool], int] = {}
        self.texts: list[str] = []

    def number(self, text: str) -> int:
        """Return the number of a text that is shown in one line."""
        return self._number(text, False)

    def number_of_lines(self, text: str) -> int:
        """Return the number of a text that is shown with its lines."""
        return self._number(text, True)

    def shown(self, text: str) -> str:
        """Return a text in one line, without secrets, as people read it."""
        return one_line(self.redact(text), LONGEST)

    def _number(self, text: str, in_lines: bool) -> int:
        number = self._numbers.get((text, in_lines))
        if number is None:
            number = self._numbers[text, in_lines] = len(self.texts)
            self.texts.append(short_lines(self.redact(text)) if in_lines else self.shown(text))
        return number
