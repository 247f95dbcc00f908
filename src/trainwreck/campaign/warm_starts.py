"""Which mutants start warm, as forks of a clean run, and where they fork."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter

from trainwreck.campaign.session import Session
from trainwreck.judge.early_rules import probe_counts
from trainwreck.model import (
    FIRST,
    Level,
    Mutant,
    Probe,
    ProbeKind,
    Trial,
)
from trainwreck.model.probe import DoubtOfValues
from trainwreck.model.start import COLD_FOR_GOOD, ColdReason, Start
from trainwreck.results.evidence import Evidence
from trainwreck.run.instructions import Instructions, WarmStart
from trainwreck.store.campaign_file import CampaignFile

FIRST_EVALUATIONS = "first evaluations"
"""Key for when and by how many threads mutants' expressions were first evaluated, by probed run."""

SECONDS_OF_SWITCH = 1e-7
"""Processor seconds in which a stem asks whether an alternative is on."""
MOST_SWITCHING = 0.005
"""The share of a clean run that one mutant's alternative may take; a stem has many."""


def may_start_warm(session: Session) -> bool:
    """Return whether runs of the campaign start warm where they can.

    Where trials share files with the user's folder, a child could change what its stem reads.
    """
    is_wanted = session.subject.settings.trials.start is Start.WARM
    is_apart = session.subject.context.policy.level is not Level.NONE
    return is_wanted and is_apart and session.file.meta(COLD_FOR_GOOD) is None


def keep_first_evaluations(
    file: CampaignFile,
    trial_id: str,
    groups: Mapping[str, int],
    firsts: Sequence[tuple[int, int, float]],
) -> None:
    """Keep the rank of each mutant's first evaluation in a probed run, threads and seconds then.

    Args:
        file: The campaign file.
        trial_id: The probed run.
        groups: The group of probes that watches each mutant, by mutant id.
        firsts: Groups in the order of their first evaluations, each with a number of threads and
            the processor seconds that the run had used.

    """
    ranks = {group: (rank, *rest) for rank, (group, *rest) in enumerate(firsts, 1)}
    kept = file.meta(FIRST_EVALUATIONS) or {}
    kept[trial_id] = {mutant: ranks[group] for mutant, group in groups.items() if group in ranks}
    file.set_meta(FIRST_EVALUATIONS, kept)


@dataclass(frozen=True, slots=True)
class FirstEvaluation:
    """The first evaluation of an expression in a probed run, with the number of threads then.

    ``seconds`` of processor had passed; None in campaigns that did not keep them.
    """

    run: str
    rank: int
    threads: int
    seconds: float | None = None


@dataclass(frozen=True)
class WarmStarts:
    """The mutants of a campaign that may start warm, by what clean runs with probes recorded."""

    evidence: Evidence
    mutants: Iterable[Mutant]

    def applied(self, trial: Trial, instructions: Instructions) -> Instructions:
        """Return the instructions for a trial with how it starts, or why it starts cold."""
        if trial.mutant is None:
            return instructions
        start = self._start_of(trial, trial.mutant)
        if isinstance(start, ColdReason):
            return replace(instructions, cold=start)
        return replace(instructions, start=start)

    def _start_of(self, trial: Trial, mutant: Mutant) -> WarmStart | ColdReason:
        clean, first = self.evidence.clean.get(trial.draw), self.evidence.clean[FIRST]
        if clean is None or not first.determinism.repeats:
            return ColdReason.NEVER_REPEATS
        probe = self._probe_of(mutant)
        if probe is None:
            return ColdReason.NOT_PROBED
        if self._is_hot(probe, first.cpu_seconds[0]):
            return ColdReason.HOT
        if mutant.id not in self._evaluated:
            return ColdReason.OTHER_PROCESS
        first_seen = self._evaluated[mutant.id]
        point = None
        if first_seen.threads != 1:
            point = self._point_before(first_seen)
            if point is None:
                return ColdReason.THREADS
        prefix = self._evaluated[point.id if point else mutant.id].seconds
        return WarmStart(clean.determinism.digests, point, prefix, first.cpu_seconds[0])

    def _probe_of(self, mutant: Mutant) -> Probe | None:
        """Return the record of a mutant, where it shows for certain when it is evaluated first."""
        facts = self.evidence.facts(mutant.id)
        if facts.probe and facts.probe.doubt in set(DoubtOfValues):
            facts = replace(facts, probe=replace(facts.probe, doubt=""))
        return facts.probe if probe_counts(facts, self.evidence.clean[FIRST]) else None

    def _is_hot(self, probe: Probe, seconds: float) -> bool:
        """Return whether asking at each evaluation would take too long."""
        evaluations = 1 if probe.kind is ProbeKind.DEFAULT else probe.evaluations
        return evaluations * SECONDS_OF_SWITCH > MOST_SWITCHING * seconds

    @cached_property
    def _evaluated(self) -> dict[str, FirstEvaluation]:
        """Return the first evaluations of mutants' expressions, by mutant id."""
        runs = self.evidence.file.meta(FIRST_EVALUATIONS) or {}
        return {
            mutant: FirstEvaluation(run, *first)
            for run, ranks in runs.items()
            for mutant, first in ranks.items()
        }

    def _point_before(self, first: FirstEvaluation) -> Mutant | None:
        """Return the mutant whose expression is the last before another's with one thread."""
        points = self._points.get(first.run, [])
        index = bisect_left(points, first.rank, key=itemgetter(0))
        return points[index - 1][1] if index else None

    @cached_property
    def _points(self) -> dict[str, list[tuple[int, Mutant]]]:
        """Return the mutants that are evaluated first by one thread, with their ranks, by run.

        What threads before it have left is read at the fork.
        """
        seconds = self.evidence.clean[FIRST].cpu_seconds[0]
        points: dict[str, list[tuple[int, Mutant]]] = {}
        for mutant in self.mutants:
            first = self._evaluated.get(mutant.id)
            probe = self._probe_of(mutant) if first and first.threads == 1 else None
            if first and probe and not self._is_hot(probe, seconds):
                points.setdefault(first.run, []).append((first.rank, mutant))
        return {run: sorted(found, key=itemgetter(0)) for run, found in points.items()}
