"""Checks of the user's own: what a run of one, or a watcher inside a training, has shown."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from trainwreck.model.identity import content_id
from trainwreck.model.mutant import Mutant
from trainwreck.model.trial import Draw, Outcome, Trial, TrialKind

CHECK = "check"
"""The observation that names the check whose command a run is: its name and its version."""
CIRCUMSTANCE = "circumstance"
"""The key in this observation of the circumstance of the run, where it is not the usual one."""
FIRED = "fired"
"""The observation with the watchers that fired in a run, each with its step or None."""


class Circumstance(StrEnum):
    """A circumstance in which a check with a fixed seed also runs on the clean program."""

    THREADS = "with twice the threads"
    LOAD = "beside other work"

    def version(self, version: str) -> str:
        """Return what names the trials of a check so, by the version of the check."""
        return version_of(version, self.value)


def version_of(name: str, *parts: object) -> str:
    """Return a hash that changes whenever a check's runs would be other runs."""
    return content_id(CHECK, name, *parts)


def check_trial(version: str, draw: Draw, repeat: int = 0, mutant: Mutant | None = None) -> Trial:
    """Return a trial of a check, with a planted bug or of the clean program.

    Args:
        version: What `version_of` returns: checks whose runs differ share no trial.
        draw: The seed, and the fold.
        repeat: The number of this run among those of one draw.
        mutant: The bug, None for the clean program.

    """
    return Trial(version, TrialKind.CHECK, draw.seed, draw.fold, repeat, mutant)


def fired_in(outcome: Outcome) -> Mapping[str, Any]:
    """Return the watchers that fired in a run, each with its step or None."""
    fired = outcome.observations.get(FIRED)
    return fired if isinstance(fired, dict) else {}


def has_noticed(name: str, outcome: Outcome) -> bool | None:
    """Return whether a run of a check's command noticed a bug; None where it proves nothing.

    It has where its exit status is not 0, where it did not end within its limits, or where it
    reported that the check fired.
    """
    if not outcome.exit.proves:
        return None
    return name in fired_in(outcome) or not outcome.exit.fine
