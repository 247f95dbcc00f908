"""Which mutants start warm, as forks of a clean run, and where they fork."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter

from trainwreck.campaign.session import Session
from trainwreck.judge.baseline_evidence import CleanRuns
from trainwreck.judge.early_rules import Facts, probe_counts
from trainwreck.model import (
    FIRST,
    Draw,
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
    kept = file.meta(FIRST_EVALUATIONS) or {}
    kept[trial_id] = first_evaluations(groups, firsts)
    file.set_meta(FIRST_EVALUATIONS, kept)


def first_evaluations(
    groups: Mapping[str, int], firsts: Iterable[tuple[int, int, float]]
) -> dict[str, tuple[int, int, float]]:
    """Return rank, threads and seconds of each mutant's first evaluation, by mutant id.

    The arguments are those of `keep_first_evaluations`.
    """
    ranks = {
        group: (rank, threads, seconds) for rank, (group, threads, seconds) in enumerate(firsts, 1)
    }
    return {mutant: ranks[group] for mutant, group in groups.items() if group in ranks}


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
class StartRecord:
    """The record of where mutants may fork, as clean runs of one program show it.

    Attributes:
        digests: Those in which clean runs end, by draw.
        repeats: Whether clean runs with one seed repeat.
        seconds: The processor seconds of a clean run.
        evaluated: The first evaluations of mutants' expressions, by mutant id.
        probe_of: Returns the record of a mutant, None where it does not show for certain when the
            mutant is evaluated first.

    """

    digests: Mapping[Draw, frozenset[str]]
    repeats: bool
    seconds: float
    evaluated: Mapping[str, FirstEvaluation]
    probe_of: Callable[[Mutant], Probe | None]


def training_record(evidence: Evidence) -> StartRecord:
    """Return what clean runs of the training show of where mutants may fork."""
    first = evidence.clean[FIRST]
    runs = evidence.file.meta(FIRST_EVALUATIONS) or {}
    return StartRecord(
        digests={draw: clean.determinism.digests for draw, clean in evidence.clean.items()},
        repeats=first.determinism.repeats,
        seconds=first.cpu_seconds[0],
        evaluated={
            mutant: FirstEvaluation(run, *rank)
            for run, ranks in runs.items()
            for mutant, rank in ranks.items()
        },
        probe_of=lambda mutant: _certain(evidence.facts(mutant.id), first),
    )


def _certain(facts: Facts, clean: CleanRuns) -> Probe | None:
    """Return the record of a mutant where it counts; doubts of values are none of its time."""
    if facts.probe and facts.probe.doubt in set(DoubtOfValues):
        facts = replace(facts, probe=replace(facts.probe, doubt=""))
    return facts.probe if probe_counts(facts, clean) else None


@dataclass(frozen=True)
class WarmStarts:
    """The mutants that may start warm, by what clean runs with probes recorded."""

    record: StartRecord
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
        record = self.record
        digests, evaluated = record.digests.get(trial.draw), record.evaluated
        if digests is None or not record.repeats:
            return ColdReason.NEVER_REPEATS
        probe = record.probe_of(mutant)
        if probe is None:
            return ColdReason.NOT_PROBED
        if self._is_hot(probe):
            return ColdReason.HOT
        if mutant.id not in evaluated:
            return ColdReason.OTHER_PROCESS
        first_seen = evaluated[mutant.id]
        point = None
        if first_seen.threads != 1:
            point = self._point_before(first_seen)
            if point is None:
                return ColdReason.THREADS
        prefix = evaluated[point.id if point else mutant.id].seconds
        return WarmStart(digests, point, prefix, record.seconds)

    def _is_hot(self, probe: Probe) -> bool:
        """Return whether asking at each evaluation would take too long."""
        evaluations = 1 if probe.kind is ProbeKind.DEFAULT else probe.evaluations
        return evaluations * SECONDS_OF_SWITCH > MOST_SWITCHING * self.record.seconds

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
        points: dict[str, list[tuple[int, Mutant]]] = {}
        for mutant in self.mutants:
            first = self.record.evaluated.get(mutant.id)
            probe = self.record.probe_of(mutant) if first and first.threads == 1 else None
            if first and probe and not self._is_hot(probe):
                points.setdefault(first.run, []).append((first.rank, mutant))
        return {run: sorted(found, key=itemgetter(0)) for run, found in points.items()}
