"""Decides which mutants joint runs show to be masked.

Two bugs can hide each other: in ``epoch > 2``, one bug makes the 2 a 3 and another the ``>`` a
``>=``. This takes two bugs that meet, which nearly always lie in one file. So a mutant counts as
masked only where no other mutant of its file was in all its joint runs.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from trainwreck.judge.baseline_evidence import CleanRuns
from trainwreck.judge.early_rules import Facts, of_text, probe_counts
from trainwreck.model import Counts, JointRun, Outcome, Part

Origins = Mapping[str, tuple[str, str]]
"""The root and file of each mutant, by its id."""


def joint_run_of(
    outcome: Outcome, counts: Counts, facts: Mapping[str, Facts], clean: CleanRuns
) -> JointRun | None:
    """Return a joint run that ended as a clean run; None where one of its mutants may show.

    Args:
        outcome: The outcome of the run.
        counts: The evaluations of each mutant in it.
        facts: What is known of each mutant.
        clean: The clean runs with the same seed.

    """
    is_early = bool(outcome.settled)
    digest = clean.endings.get(outcome.checkpoint or "", "") if is_early else outcome.digest
    if not outcome.exit.proves or not outcome.exit.fine or not counts:
        return None
    if not clean.determinism.repeats or digest not in clean.determinism.digests:
        return None
    for mutant, (whole, early) in counts.items():
        probe = facts[mutant].probe
        if probe is None or not probe_counts(of_text(facts[mutant]), clean):
            return None
        if (early if is_early else whole) != (probe.hits if is_early else probe.evaluations):
            return None
    # Without parameters there is no checkpoint.
    parts = (Part.PARAMETERS, Part.VALUES) if is_early else outcome.result.parts
    return JointRun(outcome.trial_id, frozenset(counts), is_early, digest, parts)


@dataclass(slots=True)
class JointRuns:
    """The joint runs of one kind of machine that ended as clean runs."""

    origins: Origins
    _trials: set[str] = field(default_factory=set)
    _runs: dict[str, list[JointRun]] = field(default_factory=dict)

    def add(self, run: JointRun) -> None:
        """Add a run that ended as a clean run."""
        self._trials.add(run.trial_id)
        for mutant in run.mutants:
            self._runs.setdefault(mutant, []).append(run)

    def has_trial(self, trial_id: str) -> bool:
        """Return whether a trial is one of these runs."""
        return trial_id in self._trials

    def has_mutant(self, mutant_id: str) -> bool:
        """Return whether a mutant was in one of these runs."""
        return mutant_id in self._runs

    def may_be_hidden_by(self, mutant_id: str) -> Collection[str]:
        """Return the other mutants of its file that were in all of its joint runs.

        A mutant whose file is not known any more counts as one of the same file.
        """
        runs = self._runs.get(mutant_id, ())
        if not runs:
            return frozenset()
        in_all = frozenset.intersection(*(run.mutants for run in runs)) - {mutant_id}
        own = self.origins.get(mutant_id)
        if own is None:
            return in_all
        return frozenset(other for other in in_all if self.origins.get(other, own) == own)

    def showing(self, mutant_id: str) -> tuple[JointRun, ...]:
        """Return the runs that together show a mutant to be masked; none where they do not."""
        if self.may_be_hidden_by(mutant_id):
            return ()
        return tuple(self._runs.get(mutant_id, ()))
