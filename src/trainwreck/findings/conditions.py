"""Conditions on the verdicts of a campaign, such as ``masked>20%``."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from operator import ge, gt, le, lt
from string import digits

from trainwreck.findings.fates import Fate, fate_of
from trainwreck.findings.tables import files_of, share_of, weights_of
from trainwreck.model import MASKED_VALUES, Impact, Judged, Rung, Share
from trainwreck.stats.groups import share_interval

FATES = {
    "silent": Fate.UNNOTICED,
    **{fate.value.replace(" ", "-"): fate for fate in Fate if fate is not Fate.UNNOTICED},
}
"""Fates by the names that conditions have for them."""
NAMES = (*dict.fromkeys([*FATES, *Rung, *Impact]),)
"""The names of what a condition can count: fates, rungs, impacts."""
SPELT: dict[tuple[str, ...], str] = {
    ("masked", "(", "printed", "values", ")"): MASKED_VALUES,
    ("unnoticed",): "silent",
    **{tuple(fate.split()): fate.replace(" ", "-") for fate in Fate if " " in fate},
}
"""Names as reports and events spell them, in the tokens of a condition."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
TOKEN = re.compile(r"\s*([A-Za-z][A-Za-z-]*|[0-9]+(?:\.[0-9]+)?|[<>]=?|[(),%]|\S)")
DIGITS = 12
"""The decimal places to which shares are compared, so that 3 of 10 is no more than 30 %."""


class Bound(StrEnum):
    """The number of a share that is compared: itself, or an end of its 95 % interval."""

    SHARE = ""
    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Condition:
    """A limit for a number or a share of mutants.

    ``text`` is the condition as it was written. ``limit`` is a number of mutants, or a share
    between 0 and 1 where ``is_share``. ``bound`` is ``SHARE`` for a number of mutants.
    """

    text: str
    name: str
    comparison: str
    limit: float
    is_share: bool
    bound: Bound = Bound.SHARE


@dataclass(frozen=True, slots=True)
class Answer:
    """A condition with the mutants that it counts.

    ``interval`` has the ends of the 95 % interval where the condition asks for one of them.
    """

    condition: Condition
    counted: Share
    holds: bool
    interval: tuple[float, float] | None = None


def read_conditions(text: str) -> tuple[Condition, ...]:
    """Read conditions that commas part.

    Args:
        text: Such as ``masked>20%, silent>=5, low(propagated)>10%``.

    Raises:
        ValueError: The text is no such list; the message shows the position.

    """
    return tuple(_Reader(text).conditions())


class _Reader:
    """Reads conditions from a text, token by token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [(match[1], match.start(1)) for match in TOKEN.finditer(text)]
        self._next = 0

    def conditions(self) -> list[Condition]:
        """Read all conditions."""
        conditions = [self._condition()]
        while self._peek() == ",":
            self._take()
            conditions.append(self._condition())
        if self._peek():
            raise self._error("expected `,` or the end")
        return conditions

    def _condition(self) -> Condition:
        start = self._position()
        bound, name = self._counted()
        comparison = self._one_of(COMPARISONS, "a comparison: `>`, `>=`, `<` or `<=`")
        limit, is_share = self._limit(needs_share=bound is not Bound.SHARE)
        last, end = self._tokens[self._next - 1]
        return Condition(
            self._text[start : end + len(last)], name, comparison, limit, is_share, bound
        )

    def _counted(self) -> tuple[Bound, str]:
        """Read a name, or an end of the interval of one."""
        if self._peek() not in (Bound.LOW, Bound.HIGH):
            return Bound.SHARE, self._name()
        bound = Bound(self._take())
        self._one_of(["("], "`(`")
        name = self._name()
        self._one_of([")"], "`)`")
        return bound, name

    def _name(self) -> str:
        for spelling, name in SPELT.items():
            tokens = self._tokens[self._next : self._next + len(spelling)]
            if tuple(token for token, _ in tokens) == spelling:
                self._next += len(spelling)
                return name
        word = self._peek()
        if word in NAMES:
            return self._take()
        if not word[:1].isalpha():
            raise self._error("expected a name, such as `masked`")
        similar = get_close_matches(word, NAMES, 1)
        hint = f"did you mean `{similar[0]}`?" if similar else f"use one of {', '.join(NAMES)}"
        raise self._error(f"`{word}` cannot be counted; {hint}")

    def _limit(self, needs_share: bool) -> tuple[float, bool]:
        position, word = self._next, self._peek()
        if not word[:1] or word[0] not in digits:
            raise self._error("expected a number, such as `5` or `20%`")
        number = float(self._take())
        if self._peek() == "%":
            self._take()
            self._check(position, number > 100, "a share is at most `100%`")
            return number / 100, True
        self._check(self._next, needs_share, "expected `%`, as only shares have an interval")
        self._check(position, "." in word, "a number of mutants is whole; write `%` for a share")
        return number, False

    def _check(self, position: int, is_wrong: bool, problem: str) -> None:
        """Raise ValueError at a token where something is wrong."""
        if is_wrong:
            self._next = position
            raise self._error(problem)

    def _one_of(self, accepted: Collection[str], problem: str) -> str:
        if self._peek() not in accepted:
            raise self._error(f"expected {problem}")
        return self._take()

    def _peek(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1][0]

    def _position(self) -> int:
        """Return the column of the next token, or of the end."""
        if self._next < len(self._tokens):
            return self._tokens[self._next][1]
        return len(self._text.rstrip())

    def _error(self, problem: str) -> ValueError:
        """Return an error that shows the position under the text."""
        shown = "".join(letter if letter.isprintable() else "?" for letter in self._text)
        return ValueError(f"{problem}\n    {shown}\n    {' ' * self._position()}^")


def answer(condition: Condition, judged: Sequence[Judged]) -> Answer:
    """Count the mutants of a condition, and compare. A share of no mutants meets no limit.

    Args:
        condition: The condition.
        judged: All mutants that count, each with its weight; those without a verdict among them.

    """
    hits = [_counts(item, condition.name) for item in judged]
    counted = share_of(judged, hits)
    compare = COMPARISONS[condition.comparison]
    if not condition.is_share:
        return Answer(condition, counted, compare(counted.count, condition.limit))
    interval = None
    value = counted.weighted if counted.weighted is not None else counted.count / (len(hits) or 1)
    if condition.bound is not Bound.SHARE:
        interval = share_interval(hits, files_of(judged), weights=weights_of(judged))
        value = interval[condition.bound is Bound.HIGH]
    holds = bool(hits) and compare(round(value, DIGITS), round(condition.limit, DIGITS))
    return Answer(condition, counted, holds, interval)


def _counts(item: Judged, name: str) -> bool:
    verdict = item.verdict
    if name in FATES:
        return fate_of(verdict) is FATES[name]
    return name in (verdict.rung, verdict.rung_class) or name in verdict.impact
