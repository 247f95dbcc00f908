"""Runs that prove nothing: what the bug broke, or what the machine could not give."""

import errno
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainwreck.errors import NoPlace, Paused, TrainwreckError
from trainwreck.model import NO_VERDICT, Ending, Exit, Failure, Outcome, Trial

SHORTAGES = frozenset(
    [
        *(errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EAGAIN),
        *(errno.EMFILE, errno.ENFILE, errno.EIO, errno.EROFS),
    ]
)
"""Errors by which the system says that it has no more of something, or that a disk fails."""
NO_DISK = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EROFS])
"""Errors of these by which a disk is full or read-only, or the user's share of it used up."""
LONGEST_REASON = 500
OF_COUNTER = re.compile(r"__trainwreck_\w+__|trainwreck_agent/planting/counter\.py")
"""The names of what counts evaluations, which only its own compiler shows to a program."""


def is_shortage(error: BaseException) -> bool:
    """Return whether the machine lacked something that trainwreck itself needs for a run."""
    is_system = isinstance(error, OSError) and error.errno in SHORTAGES
    return isinstance(error, MemoryError) or is_system


def lacks_disk(error: BaseException) -> bool:
    """Return whether a file could not be written as its disk takes no more, or nothing at all."""
    return isinstance(error, OSError) and error.errno in NO_DISK


def reason_of(error: BaseException) -> str:
    """Return an exception as the reason of a run that proves nothing."""
    return f"{type(error).__name__}: {error}"


def has_met_counter(failure: Failure | None) -> bool:
    """Return whether an exception is about the call that counts evaluations.

    What compiles functions from their bytecode, such as Numba, may not know that call.
    """
    return failure is not None and OF_COUNTER.search(failure.message) is not None


def unmade(error: OSError, folder: Path) -> TrainwreckError:
    """Return the error of a run that could not be made, whatever the mutant.

    Args:
        error: What failed.
        folder: The folder of the run's slot.

    """
    what = f"a run could not be made: {reason_of(error)}"
    if lacks_disk(error):
        return Paused(
            what,
            f"See that {folder} can be written, and that its disk and your quota have room; then "
            "run the same command again.",
        )
    if error.errno == errno.E2BIG:
        return TrainwreckError(what, "Make `command` and `env` under [subject] shorter.")
    return NoPlace(what, f"Make {folder} a folder that can be written and removed.")


def unproven(outcome: Outcome, ending: Ending, reason: str) -> Outcome:
    """Return the outcome of a run that proves nothing, with the reason.

    Args:
        outcome: The facts of the run.
        ending: ``BROKEN`` or ``LOST``.
        reason: What happened, without paths of this machine.

    """
    text = reason.encode("utf-8", "replace").decode()[:LONGEST_REASON]
    observed: dict[str, Any] = {**outcome.observations, NO_VERDICT: text}
    exit_ = Exit(ending, outcome.exit.code)
    return replace(outcome, exit=exit_, settled="", observations=observed)


def without_facts(trial: Trial, seconds: float) -> Outcome:
    """Return the outcome of a run that was tried, and has left no fact."""
    return Outcome(
        trial_id=trial.id,
        exit=Exit(Ending.LOST, 0),
        seconds=seconds,
        cpu_seconds=0.0,
        peak_rss=0,
        hits=None,
        steps={},
        parameters=None,
        error=None,
        phases=(),
        planted=False,
    )
