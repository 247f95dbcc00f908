"""Rules by which a program that still runs goes nowhere: it circles, or runs away."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

ENOUGH_ANSWERS = 10
"""Answers of the agent that a conclusion rests on."""
STATES_SHARE = 3
"""The answers are at least this multiple of the different states that they show."""
MOST_ANSWERS = 60
BEYOND = 1000
"""The multiple of a clean run's evaluations that a slow program does not come near."""
FEWEST_HITS = 100_000
FOR = " for "
"""In the names of numbers that a `for` loop sets: it may have an end that cannot be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The content of a process at one moment, after which it went on; see the event `pulse`."""

    state: str
    hits: int
    work: int = 0
    numbers: dict[str, float] = field(default_factory=dict)
    steady: tuple[float, ...] = ()


def is_unchanging(answers: Sequence[Answer]) -> bool:
    """Return whether all that a process holds takes the same few values again and again.

    The states of the second half of the answers have all been there in the first half.
    """
    if not _are_enough(answers):
        return False
    middle = len(answers) // 2
    before = {answer.state for answer in answers[:middle]}
    after = {answer.state for answer in answers[middle:]}
    return after <= before and STATES_SHARE * len(before) <= len(answers)


def is_runaway(answers: Sequence[Answer], evaluations: int | None) -> bool:
    """Return whether a process evaluates the changed code far more often than a clean run.

    Some number that it holds must move away from all that stay, and none may move toward one:
    a counter on its way to a far end is slow, and no hang.

    Args:
        answers: the answers of the process, oldest first.
        evaluations: how often a clean run evaluates the changed code; None where not known.

    """
    if evaluations is None or not _are_enough(answers):
        return False
    grows = all(earlier.hits < later.hits for earlier, later in pairwise(answers))
    if not grows or answers[-1].hits < max(FEWEST_HITS, BEYOND * evaluations):
        return False
    ways = [way for name in answers[-1].numbers if (way := _way_of(name, answers)) is not None]
    return bool(ways) and not any(ways)


def _way_of(name: str, answers: Sequence[Answer]) -> bool | None:
    """Return whether a moving number has a steady one ahead; None where it does not move on."""
    values = [answer.numbers[name] for answer in answers if name in answer.numbers]
    if len(values) < len(answers) // 2:
        return None
    steps = [later - earlier for earlier, later in pairwise(values)]
    if not any(steps):
        return None
    if FOR in name:
        return True
    low, high = answers[-1].steady or (float("-inf"), float("inf"))
    if all(step >= 0 for step in steps):
        return high > values[-1]
    return low < values[-1] if all(step <= 0 for step in steps) else None


def _are_enough(answers: Sequence[Answer]) -> bool:
    return len(answers) >= ENOUGH_ANSWERS and all(answer.state for answer in answers)
