"""Recognises files that run in a process that the agent does not follow."""

from collections.abc import Collection
from dataclasses import dataclass, field

from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import Outcome, Symptom

ENOUGH_UNCOUNTED = 5
"""Uncounted changes of one file, beside no counted one, that chance does not explain.

An unreached mutant may end unlike the clean runs seen so far. So may a few, but then others of
their file count hits, because the lines of all of them were executed.
"""

File = tuple[str, str]
"""Root and path of a file."""


def is_changed_uncounted(
    outcome: Outcome, determinism: DeterminismCheck, metrics: Collection[str]
) -> bool:
    """Return whether a run is unlike clean ones although it counted no evaluation of its bug.

    Where clean runs end in several ways, one more end is no sign of anything.
    """
    if outcome.hits != 0 or outcome.settled:
        return False
    symptom = symptom_of(outcome, metrics)
    if symptom is Symptom.NORMAL:
        only = len(determinism.digests) == 1 and determinism.repeats
        return only and outcome.digest not in determinism.digests
    return symptom is Symptom.CRASH


@dataclass
class Counting:
    """The files in which bugs were evaluated, and the runs that changed without that.

    ``named`` are files under suspicion that the user knows of.
    """

    counted: set[File] = field(default_factory=set)
    named: set[File] = field(default_factory=set)
    uncounted: dict[File, list[str]] = field(default_factory=dict)

    def add(
        self,
        file: File,
        outcome: Outcome,
        determinism: DeterminismCheck,
        metrics: Collection[str],
    ) -> bool:
        """Add the run of a bug in a file; return whether the file is under suspicion now."""
        if outcome.hits:
            self.counted.add(file)
        elif is_changed_uncounted(outcome, determinism, metrics):
            self.uncounted.setdefault(file, []).append(outcome.trial_id)
        is_known = file in self.counted or file in self.named
        return not is_known and len(self.uncounted.get(file, ())) >= ENOUGH_UNCOUNTED
