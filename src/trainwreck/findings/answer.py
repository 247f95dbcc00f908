"""What is said of a finding: it holds, it does not, or it cannot be told; with the numbers."""

from dataclasses import dataclass
from enum import StrEnum

PAPER_ALPHA = 0.05
"""The level of the paper's own tests, whatever the settings say."""


class Holds(StrEnum):
    """Whether a finding is seen in a campaign."""

    YES = "holds"
    NO = "does not hold"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, and the numbers that it rests on (or what is missing)."""

    holds: Holds
    numbers: str


def yes_or_no(holds: bool, numbers: str) -> Answer:
    """An answer that is never unknown."""
    return Answer(Holds.YES if holds else Holds.NO, numbers)


def unknown(why: str) -> Answer:
    """What is missing for an answer."""
    return Answer(Holds.UNKNOWN, why)


def by_test(p: float | None, alpha: float, as_claimed: bool, numbers: str) -> Answer:
    """What a test says: a difference as claimed, one the other way, or none that is shown."""
    if p is None:
        return unknown(numbers)
    if p > alpha:
        return unknown(f"{numbers}; no difference is shown (p = {p:.2g})")
    return yes_or_no(as_claimed, f"{numbers} (p = {p:.2g})")


def between(low: float, high: float) -> str:
    """``80 to 88 %``."""
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def percent(count: int, total: int) -> str:
    """``3 of 20 (15 %)``."""
    return f"{count} of {total} ({100 * count / total:.0f} %)" if total else "0 of 0"
