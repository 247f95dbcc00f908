"""Lines of text for a page of some width, without secrets and safe to print."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import wrap

from trainwreck.model.redaction import for_others
from trainwreck.report.printable import LONGEST_NOTE, one_line

NARROWEST = 40


def _usual() -> Callable[[str], str]:
    return for_others(os.environ)


@dataclass(frozen=True)
class Page:
    """A page of ``width`` columns; ``redact`` takes what others must not read out of a text."""

    width: int = 80
    redact: Callable[[str], str] = field(default_factory=_usual)

    def lines(self, text: str, first: str = "", others: str = "") -> list[str]:
        """Return a text in lines; the first begins with ``first``, all others with ``others``.

        It is redacted before it is broken, as half of a secret is not recognised.
        """
        return wrap(
            self.whole(text, LONGEST_NOTE),
            max(self.width, NARROWEST),
            initial_indent=one_line(self.redact(first)) if first.strip() else first,
            subsequent_indent=others,
            break_on_hyphens=False,
        )

    def whole(self, text: str, longest: int = LONGEST_NOTE) -> str:
        """Return a text in one line, however long: a command that somebody copies."""
        return one_line(self.redact(text), longest)
