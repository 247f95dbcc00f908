"""The launcher that starts trials warm, as forks of a clean run, and all others cold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from trainwreck.errors import TrainwreckError
from trainwreck.model import Level, Trial, TrialKind, content_id
from trainwreck.model.slot import MustStop, Slot
from trainwreck.model.start import COLD, STARTED, ColdReason
from trainwreck.run.context import RunContext
from trainwreck.run.launcher import ColdLauncher, TrialRequest, TrialResult
from trainwreck.run.stem.judged import Judged, judge
from trainwreck.run.stem.plan import plan_stem
from trainwreck.run.stem.stem import run_stem
from trainwreck.run.stem.useless import UselessStems
from trainwreck.subject.interpreter import Interpreter

OWN_RUNS = 2
"""The clean runs of a stem: the first child without a bug, and its own, which its last child ends.

No fewer mutants pay for it.
"""
LEAST = 4 * OWN_RUNS
"""The fewest mutants of a stem where there are enough of them for several."""
MOST = 40
"""The most mutants of a stem: what is lost at most where it is killed or interrupted."""
FORKED = frozenset([TrialKind.MUTANT, TrialKind.CHECK])
"""The kinds of trials that may start warm."""
MOST_STEMS = 2
"""Stems that one group of requests may have: a child may have ended the first."""
UNPLANNED = "the interpreter did not compare the text of its stem"
NUMBERS = 1 << 62


@dataclass(frozen=True, slots=True)
class WarmLauncher:
    """The launcher that runs one clean program for many trials, which are forks of it.

    Attributes:
        context: The program, its folders and its interpreter.
        cold: Starts the trials that cannot start warm.
        interpreter: The Python that runs the program.
        jobs: The slots that run stems at once.

    """

    context: RunContext
    cold: ColdLauncher
    interpreter: Interpreter
    jobs: int = 1

    def within(self, context: RunContext) -> "WarmLauncher":
        """Return the same launcher of another context."""
        return replace(self, context=context, cold=self.cold.within(context))

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        """Group the requests of one draw that may start warm; others pass alone at once.

        The groups that start together have the same size, so that no slot waits for another.
        """
        waiting: list[TrialRequest] = []
        for request in requests:
            if not _may_start_warm(request, self.context):
                yield [request]
                continue
            is_other_draw = waiting and waiting[0].trial.draw != request.trial.draw
            if is_other_draw or len(waiting) >= MOST * self.jobs:
                yield from self._groups(waiting)
                waiting = []
            waiting.append(request)
        yield from self._groups(waiting)

    def _groups(self, requests: Sequence[TrialRequest]) -> Iterator[list[TrialRequest]]:
        """Divide requests among the slots, unless stems would cost more than they save."""
        paid = _paid_stems(requests)
        if len(requests) <= OWN_RUNS or not paid:
            reason = ColdReason.FEW if len(requests) <= OWN_RUNS else ColdReason.LITTLE
            yield from ([_cold_for(request, reason)] for request in requests)
            return
        stems = max(1, min(self.jobs, len(requests) // LEAST, paid))
        ends = [len(requests) * number // stems for number in range(stems + 1)]
        for start, end in pairwise(ends):
            yield list(requests[start:end])

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        """Run a stem for the requests, then those that could not start warm; see `Launcher`."""
        waiting = [request for request in requests if _may_start_warm(request, self.context)]
        cold = [
            (request, request.instructions.cold)
            for request in requests
            if not _may_start_warm(request, self.context)
        ]
        useless = UselessStems(self.context.work)
        for attempt in range(MOST_STEMS):
            if not waiting or useless.reason:
                break
            judged = self._run_stem(waiting, attempt, slot, must_stop)
            yield from judged.results
            cold += judged.cold
            waiting = judged.again
            useless.note(judged.useless)
        cold += [(request, useless.reason or "its stems ended early") for request in waiting]
        for request, reason in cold:
            for result in self.cold.launch([request], slot, must_stop):
                yield _started_cold(result, reason)

    def _run_stem(
        self, requests: Sequence[TrialRequest], attempt: int, slot: Slot, must_stop: MustStop
    ) -> Judged:
        """Run one stem, and judge what it leaves."""
        try:
            plan = plan_stem(requests, self.context, self.interpreter)
        except TrainwreckError:
            return Judged([], [(request, UNPLANNED) for request in requests], [], UNPLANNED)
        if not plan.members:
            return Judged([], list(plan.cold), [], "")
        trial = _trial_of(requests, attempt)
        end, own = run_stem(plan, trial, self.context, slot, must_stop)
        start = requests[0].instructions.start
        assert start is not None
        return judge(plan, end, own, start.clean)


def _paid_stems(requests: Sequence[TrialRequest]) -> int:
    """Return the number of stems that save more than they cost; as many as asked if not known."""
    starts = [start for request in requests if (start := request.instructions.start)]
    prefixes = [start.prefix for start in starts if start.prefix is not None]
    cost = OWN_RUNS * max((start.whole for start in starts), default=0.0)
    if len(prefixes) < len(starts) or not cost:
        return len(requests)
    return int(sum(prefixes) / cost)


def _may_start_warm(request: TrialRequest, context: RunContext) -> bool:
    has_bug = request.trial.kind in FORKED and request.trial.mutant is not None
    is_apart = context.agent and context.policy.level is not Level.NONE
    return has_bug and is_apart and request.instructions.start is not None


def _cold_for(request: TrialRequest, reason: ColdReason) -> TrialRequest:
    """Return a request that starts cold, with the reason."""
    return replace(request, instructions=replace(request.instructions, start=None, cold=reason))


def _trial_of(requests: Sequence[TrialRequest], attempt: int) -> Trial:
    """Return the trial of a stem itself: it belongs to the trials that it was for."""
    first = requests[0].trial
    number = int(content_id(*(request.trial.id for request in requests), str(attempt)), 16)
    return Trial(first.subject, TrialKind.STEM, first.seed, first.fold, number % NUMBERS)


def _started_cold(result: TrialResult, reason: str) -> TrialResult:
    """Return a result with the reason why it started cold, where there is one."""
    if not reason or result.trial.kind not in FORKED:
        return result
    started = {"how": COLD, "why": str(reason)}
    observed = {**result.outcome.observations, STARTED: started}
    return replace(result, outcome=replace(result.outcome, observations=observed))
