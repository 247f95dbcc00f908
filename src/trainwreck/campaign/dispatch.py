"""Starts trials and stores their results: no mutant stops it, and the machine's faults are none.

What the machine lost runs again. After a run that its mutant broke, the clean program runs: only
where that works is the mutant to blame. A clean run that crashes, and no exception says why, runs
once more. A trial that was at work when the campaign died runs alone, after all others, and is
passed over where the campaign dies again.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trainwreck.campaign.controls import (
    CONTROL_SECONDS,
    CONTROL_SHARE,
    ControlClock,
    clean_problem,
    control_failed,
)
from trainwreck.errors import ControlError, ExitCode, TrainwreckError
from trainwreck.judge.conclusions import may_be_chance
from trainwreck.model import Ending, Trial, TrialKind
from trainwreck.model.trials import control_of, is_of_machine
from trainwreck.run.child import Stopped
from trainwreck.run.instructions import Instructions
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.run.no_verdict import unproven, without_facts

if TYPE_CHECKING:
    from trainwreck.campaign.session import Session

USAGE = ExitCode.USAGE
MOST_DEATHS = 2
"""Deaths of a campaign at work on one mutant, after which the mutant is passed over."""
MOST_LOST = 2
"""Times that a lost trial runs again."""
REPEATED = frozenset([TrialKind.CLEAN, TrialKind.COVERAGE, TrialKind.CONTROL])
"""Clean runs that run again where one may have crashed by chance."""
PASSED_OVER = f"passed over, as the campaign died {MOST_DEATHS} times while it ran"


@dataclass
class Dispatch:
    """One piece of work: trials to start in their order, and those that must run once more.

    Attributes:
        session: The campaign.
        limits: Limits of each trial.
        instructions_of: What the agent is to do in a trial besides.

    """

    session: "Session"
    limits: Limits
    instructions_of: Callable[[Trial], Instructions]
    _next: deque[Trial] = field(default_factory=deque, init=False)
    _alone: deque[Trial] = field(default_factory=deque, init=False)
    _passed_over: list[Trial] = field(default_factory=list, init=False)
    _held: dict[str, TrialResult] = field(default_factory=dict, init=False)
    _repeated: set[str] = field(default_factory=set, init=False)
    _clock: ControlClock = field(default_factory=ControlClock, init=False)

    def run(self, trials: Iterable[Trial]) -> Iterator[TrialResult]:
        """Run trials; yield each result after it was stored."""
        try:
            yield from self._run(trials)
        except (TrainwreckError, Stopped, KeyboardInterrupt, GeneratorExit) as error:
            # The trials at work have not stopped the campaign; any other error may be their doing.
            self.session.attempts.stop()
            if self._held and isinstance(error, TrainwreckError) and error.exit_code == USAGE:
                raise control_failed(self.session.file, error.what) from error
            raise

    def _run(self, trials: Iterable[Trial]) -> Iterator[TrialResult]:
        yield from self._launch(self._in_order(trials))
        for trial in self._passed_over:
            yield from self._pass_over(trial)
        while waiting := self._next or self._alone:
            yield from self._launch([waiting.popleft()])

    def _in_order(self, trials: Iterable[Trial]) -> Iterator[Trial]:
        """Yield the trials that may run beside others, with controls where they are due."""
        attempts = self.session.attempts
        for trial in trials:
            while self._next:
                self._clock.restart()
                yield self._next.popleft()
            deaths = attempts.deaths(trial.id)
            if trial.mutant and deaths >= MOST_DEATHS:
                self._passed_over.append(trial)
            elif deaths:
                self._alone.append(trial)
            else:
                yield from self._with_control(trial)

    def _with_control(self, trial: Trial) -> Iterator[Trial]:
        if trial.kind is TrialKind.CONTROL:
            self._clock.restart()
        elif trial.mutant and self._is_control_due():
            self._clock.restart()
            yield control_of(self.session.id, trial)
        if trial.mutant:
            self._clock.count()
        yield trial

    def _is_control_due(self) -> bool:
        """Return whether a control is due; those by time depend on how long a clean run takes."""
        if not self._clock.is_due():
            return False
        slowest = self.session.slowest_clean()
        self._clock.seconds = max(CONTROL_SECONDS, CONTROL_SHARE * slowest)
        return self._clock.is_due()

    def _launch(self, trials: Iterable[Trial]) -> Iterator[TrialResult]:
        launcher, engine = self.session.launcher, self.session.engine
        requests = (
            TrialRequest(trial, self.limits, self.instructions_of(trial)) for trial in trials
        )
        batches = self._noted(launcher.batch(requests))
        with closing(engine.map(launcher.launch, batches)) as results:
            for result in results:
                yield from self._take(result)

    def _noted(self, batches: Iterable[Sequence[TrialRequest]]) -> Iterator[Sequence[TrialRequest]]:
        """Yield the requests, after noting that they start."""
        for batch in batches:
            self.session.attempts.begin(request.trial.id for request in batch)
            yield batch

    def _take(self, result: TrialResult) -> Iterator[TrialResult]:
        """Store and yield a result, or else see to it that its trial or a control runs."""
        trial, ending, attempts = result.trial, result.outcome.exit.ending, self.session.attempts
        # A stem has nothing to run for any more, but what it has used counts.
        is_tried = trial.kind is not TrialKind.STEM and attempts.lost(trial.id) < MOST_LOST
        if ending is Ending.LOST and is_tried:
            attempts.end(trial.id, is_lost=True)
            self._alone.append(trial)
            return
        attempts.end(trial.id)
        if ending is Ending.BROKEN and trial.mutant:
            control = control_of(self.session.id, trial)
            self._held[control.id] = result
            self._next.append(control)
            return
        if self._runs_again(result):
            return
        if trial.kind is TrialKind.CONTROL:
            self._check_control(result)
        stored = self._store(result)
        yield from (each for each in stored if not is_of_machine(each.trial))
        if held := self._held.pop(trial.id, None):
            yield from self._store(held)

    def _runs_again(self, result: TrialResult) -> bool:
        """Repeat a clean run, once, that crashed as if by chance after others had worked."""
        trial = result.trial
        if trial.kind not in REPEATED or trial.id in self._repeated:
            return False
        if not may_be_chance(result.outcome):
            return False
        if not any(True for _ in self.session.file.outcomes(TrialKind.CLEAN)):
            return False
        self._repeated.add(trial.id)
        self._next.append(trial)
        self.session.progress.say(
            f"a clean run crashed ({result.outcome.exit}), and no exception says why; "
            "it runs once more"
        )
        return True

    def _check_control(self, result: TrialResult) -> None:
        """Raise ControlError where the clean program does not work any more."""
        metrics = self.session.subject.settings.subject.metrics
        if problem := clean_problem(metrics, result.outcome):
            raise control_failed(self.session.file, problem)

    def _store(self, result: TrialResult) -> Iterator[TrialResult]:
        session, trial = self.session, result.trial
        session.file.add_run(trial, result.outcome, result.log, session.environment)
        session.attempts.forget([trial.id])
        session.progress.finished(trial, result.outcome)
        if session.untouched:
            try:
                session.untouched.check(trial)
            except ControlError:
                session.file.withdraw_since_clean()
                raise
        yield result

    def _pass_over(self, trial: Trial) -> Iterator[TrialResult]:
        """Store that a mutant was not run, as the campaign died of it."""
        assert trial.mutant is not None
        self.session.progress.say(
            f"{trial.mutant.name}: {PASSED_OVER}; `trainwreck run {trial.mutant.id}` tries again"
        )
        outcome = unproven(without_facts(trial, 0.0), Ending.BROKEN, PASSED_OVER)
        yield from self._store(TrialResult(trial, outcome))


def unfinished(
    session: "Session", trials: Iterable[Trial], repeat: Collection[str]
) -> Iterator[Trial]:
    """Yield the trials that have no result yet, and those that ``repeat`` names."""
    finished = session.finished_ids()
    finished.difference_update(repeat)  # A copy of ten million ids would take a gigabyte more.
    session.attempts.forget(repeat)
    return (trial for trial in trials if trial.id not in finished)
