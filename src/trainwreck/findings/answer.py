"""Answers to a finding of the paper: it holds, it does not hold, or it is undecided."""

from dataclasses import dataclass
from enum import StrEnum

from trainwreck.model import Share

PAPER_ALPHA = 0.05
"""The level of the paper's own tests, whatever the settings say."""


class Holds(StrEnum):
    """The answer to whether a finding holds in a campaign."""

    YES = "holds"
    NO = "does not hold"
    UNKNOWN = "undecided"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one finding, with the numbers that it rests on, or what is missing."""

    holds: Holds
    numbers: str


def yes_or_no(holds: bool, numbers: str) -> Answer:
    """Return a decided answer."""
    return Answer(Holds.YES if holds else Holds.NO, numbers)


def unknown(why: str) -> Answer:
    """Return an undecided answer; ``why`` is what is missing."""
    return Answer(Holds.UNKNOWN, why)


def by_test(p: float | None, alpha: float, as_claimed: bool, numbers: str) -> Answer:
    """Return the answer that a test gives.

    Args:
        p: the p value of a difference; None where the test is impossible.
        alpha: the level of the test; above it the answer is undecided.
        as_claimed: whether the observed difference has the direction that the paper claims.
        numbers: the numbers that the answer rests on.

    """
    if p is None:
        return unknown(numbers)
    if p > alpha:
        return unknown(f"{numbers}; no difference is shown (p = {p:.2g})")
    return yes_or_no(as_claimed, f"{numbers} (p = {p:.2g})")


def between(low: float, high: float) -> str:
    """Format an interval of shares, like ``80 to 88 %``."""
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def share_text(share: Share) -> str:
    """Format a share as `percent` does, with its weighted part where it is weighted."""
    percentage = f" ({100 * share.value:.0f} %)" if share.total else ""
    return f"{share.count} of {share.total}{percentage}"


def percent(count: int, total: int) -> str:
    """Format a share, like ``3 of 20 (15 %)``."""
    return f"{count} of {total} ({100 * count / total:.0f} %)" if total else "0 of 0"
