"""Says which warm runs are believed; all others run again from a cold start."""

from trainwreck.model import Ending, Failure, Outcome, Standstill, Stuck

REFUSED = 86
"""The exit status of a process in which the agent could not work."""
TAKEN = ("Address already in use", "[Errno 98]")
"""Texts of the error of a child whose port is taken by its stem."""


def doubt_of(outcome: Outcome, *, has_bug: bool) -> str:
    """Return why a warm run is not believed, empty where it is.

    A cold run would not have ended like this for certain: its memory and its descriptors are its
    own, and nothing that it waits for was lost by a fork. What computes until its limit does not
    wait.

    Args:
        outcome: The facts of the run.
        has_bug: Whether a bug was to be planted.

    """
    believed = outcome.exit.ending in (Ending.EXITED, Ending.CPU) or _is_stuck_awake(outcome)
    if not believed:
        return f"its warm run ended at: {outcome.exit.ending}"
    if outcome.exit.code == REFUSED:
        return "the fork did not succeed"
    if has_bug and not outcome.planted:
        return "its warm run had no bug"
    if outcome.error and _is_of_stem(outcome.error):
        return "its warm run used a descriptor of its stem"
    return ""


def _is_stuck_awake(outcome: Outcome) -> bool:
    stuck = Stuck.read(outcome.observations)
    is_awake = stuck is not None and stuck.why is not Standstill.ASLEEP
    return outcome.exit.ending is Ending.STUCK and is_awake


def _is_of_stem(failure: Failure) -> bool:
    messages = [failure.message, *(error.message for error in failure.chain)]
    return any(text in message for message in messages for text in TAKEN)
