"""Two runs of one trial, as campaigns have that are merged: which one counts, or neither."""

from collections.abc import Collection

from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import Outcome, Symptom


def is_contradiction(first: Outcome, second: Outcome, metrics: Collection[str]) -> bool:
    """Return whether two complete runs of one trial say different things of the program.

    Times and memory may differ. So may runs that a rule ended early, and where a run that was
    stopped at a limit stood.

    Args:
        first: One run, on one kind of machine, of a program whose clean runs repeat.
        second: The other one, on the same kind of machine.
        metrics: The metrics that a normal run reports.

    """
    if not (first.exit.proves and second.exit.proves) or first.settled or second.settled:
        return False
    symptoms = [symptom_of(outcome, metrics) for outcome in (first, second)]
    if symptoms[0] is not symptoms[1]:
        return True
    if symptoms[0] is Symptom.NORMAL:
        return first.digest != second.digest
    errors = [outcome.error.type if outcome.error else "" for outcome in (first, second)]
    return symptoms[0] is Symptom.CRASH and errors[0] != errors[1]


def counts_before(first: Outcome, second: Outcome) -> bool:
    """Return whether the first of two runs of one trial counts: it proves more, or was quicker.

    Equal ones count alike, so that the order in which campaigns are merged is of no effect.
    """
    return _rank(first) <= _rank(second)


def _rank(outcome: Outcome) -> tuple[bool, bool, float, float, int]:
    times = outcome.cpu_seconds, outcome.seconds, outcome.peak_rss
    return (not outcome.exit.proves, bool(outcome.settled), *times)
