"""The first run of each mutant that no rule decides, and the joint runs that spare the rest of it.

A mutant that equals a clean run at its first report ends there, and waits: a run of up to 16 of
them goes to the end. Where it ends as no clean run, its halves run, and at last each mutant.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from trainwreck.campaign.early_decisions import EarlyEnds, not_settled_by, settled_ids
from trainwreck.campaign.planned_mutants import outlines_of, with_edits
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.campaign.together import Waited, run_together, run_waiting, waiting_of
from trainwreck.campaign.warm_starts import WarmStarts, training_record
from trainwreck.errors import ControlError
from trainwreck.judge.early_rules import has_states
from trainwreck.judge.uncounted import Counting
from trainwreck.model import FIRST, Mutant, Rule, Selection, Trial, TrialKind
from trainwreck.model.trials import mutant_trial, mutant_trials
from trainwreck.run.instructions import Instructions

LEAST_PIECE = 80
"""First runs after which those that wait run together."""

PIECE = 4
"""A later piece is as large as all that ran before it, divided by this."""


def run_first(
    session: Session,
    mutants: Iterable[Mutant],
    rules: frozenset[Rule],
    again: Collection[str],
    is_warm: bool,
) -> int:
    """Run each mutant once that these rules do not decide; return the number of runs.

    Trials whose ids are in ``again`` run whether or not they have run before. Where mutants may
    wait for joint runs, these follow each piece of the plan, so that a campaign that is stopped has
    verdicts on all but its last piece.
    """
    ran, waiting = 0, list[Mutant]()
    if Rule.TOGETHER in rules:
        ran = run_together(session, mutants, settled_ids(session.evidence, mutants, rules))
        waiting = waiting_of(session, mutants)
    repeat = not_settled_by(session, rules).union(again)
    trials = left_trials(session, mutants, rules, repeat)
    left, queue = sum(1 for _ in trials()), trials()
    may_wait = Rule.TOGETHER in rules and has_states(session.evidence.clean[FIRST])
    waited, done = _expected(session), 0
    runs = _FirstRuns(session, mutants, rules, is_warm, waited)
    while left or waiting:
        # One alone would have nothing to run with.
        may_wait = may_wait and waited.pays and left > 1
        number = min(left, max(LEAST_PIECE, done // PIECE)) if may_wait else left
        waiting += runs.run(islice(queue, number), number, repeat, may_wait)
        left, done = left - number, done + number
        joint = run_waiting(session, waiting, waited.most)
        alone = waiting_of(session, waiting)
        runs.run_alone(alone)
        waited.add(len(waiting), len(alone), joint)
        ran += joint
        waiting = []
    return ran + runs.ran


def _expected(session: Session) -> Waited:
    """Return what the first clean run shows of runs that end at their first report."""
    runs = session.file.outcomes(TrialKind.CLEAN, draw=FIRST)
    outcome = next((outcome for _, _, outcome in runs), None)
    if outcome is None or not outcome.shares:
        return Waited()
    return Waited(outcome.cpu_seconds, outcome.shares[0] * outcome.cpu_seconds)


@dataclass
class _FirstRuns:
    """Runs mutants by themselves, those that these rules do not decide; ``ran`` is the number."""

    session: Session
    mutants: Iterable[Mutant]
    rules: frozenset[Rule]
    is_warm: bool
    waited: Waited
    ran: int = 0
    _counting: Counting = field(default_factory=Counting)
    _made: dict[bool, Callable[[Trial], Instructions]] = field(default_factory=dict)

    def run(
        self, trials: Iterable[Trial], number: int, repeat: Collection[str], may_wait: bool
    ) -> list[Mutant]:
        """Run a number of trials; return the mutants that wait for a run with others."""
        if not number:
            return []
        session, instructions_of = self.session, self._instructions(may_wait)
        clean, metrics = session.evidence.clean[FIRST], session.evidence.metric_names
        waiting = []
        session.progress.begin(Title(Stage.MUTANTS, "mutants"), number)
        for result in session.execute(trials, None, instructions_of, repeat):
            self.ran += 1
            mutant, outcome = result.trial.mutant, result.outcome
            if mutant is None:
                continue
            origin = mutant.root, mutant.file
            if self._counting.add(origin, outcome, clean.determinism, metrics):
                _check_counted(session, mutant, self._counting)
            if outcome.settled == Rule.TOGETHER:
                waiting.append(mutant)
                self.waited.waits.append(outcome.cpu_seconds)
        session.progress.end()
        return waiting

    def _instructions(self, may_wait: bool) -> Callable[[Trial], Instructions]:
        """Return what gives a trial its instructions; made once, as it reads all mutants."""
        if may_wait not in self._made:
            rules = self.rules if may_wait else self.rules - {Rule.TOGETHER}
            made = instructions_for(self.session, self.mutants, rules, self.is_warm)
            self._made[may_wait] = made
        return self._made[may_wait]

    def run_alone(self, mutants: Collection[Mutant]) -> None:
        """Run mutants to their ends that a run with others did not show to be masked."""
        trials = [mutant_trial(self.session.id, mutant, FIRST) for mutant in mutants]
        self.run(trials, len(trials), {trial.id for trial in trials}, may_wait=False)


def instructions_for(
    session: Session, mutants: Iterable[Mutant], rules: frozenset[Rule], is_warm: bool
) -> Callable[[Trial], Instructions]:
    """Return what gives a trial its instructions: where it may end early, and how it starts."""
    early = EarlyEnds(session.evidence, rules)
    if not is_warm:
        return early.instructions_of
    starts = WarmStarts(training_record(session.evidence), mutants)
    return lambda trial: starts.applied(trial, early.instructions_of(trial))


def left_trials(
    session: Session,
    mutants: Iterable[Mutant],
    rules: Collection[Rule],
    repeat: Collection[str],
) -> Callable[[], Iterator[Trial]]:
    """Return a function that yields the trials to run: not those that ran or that a rule settles.

    They are planned twice, to be counted and to be run, as a list of them would hold all mutants.
    """
    finished = session.finished_first_ids()
    finished -= set(repeat)
    settled = settled_ids(session.evidence, mutants, rules)

    def trials() -> Iterator[Trial]:
        planned = mutant_trials(session.id, outlines_of(mutants), session.lane)
        return with_edits(_unfinished(planned, finished, settled), mutants)

    return trials


def _unfinished(
    trials: Iterable[Trial], finished: Collection[str], settled: Collection[str]
) -> Iterator[Trial]:
    for trial in trials:
        if trial.id not in finished and (trial.mutant is None or trial.mutant.id not in settled):
            yield trial


def _check_counted(session: Session, mutant: Mutant, counting: Counting) -> None:
    """Say that a file runs past the agent where no run has counted a bug in it.

    Raises ControlError where none of any other file is counted either.
    """
    origin, counts = (mutant.root, mutant.file), bool(counting.counted)
    for selection in Selection:
        for first in session.file.first_runs(selection):
            if not (first.first and first.first.hits):
                continue
            planned = first.planned.mutant
            counts = True
            if (planned.root, planned.file) == origin:
                counting.counted.add(origin)
                return
    found = (
        f"{len(counting.uncounted[origin])} bugs in {mutant.file} changed the result, and none of "
        "them was counted"
    )
    if not counts:
        raise ControlError(
            f"{found}: the process or the code that runs this file is not followed",
            "Start it as `python FILE` or `python -m MODULE` with all environment variables, not "
            "by `exec` or with -I, -E or -S.",
        )
    counting.named.add(origin)
    session.progress.say(
        f"{found}: the program runs this file where trainwreck does not follow it, as by `exec` of "
        f"its text. How far its bugs get is not known. To leave them out, name {mutant.file} in "
        "`exclude` under [mutants]."
    )
