"""The first run of each mutant that no rule decides, and the joint runs that spare the rest of it.

A mutant that equals a clean run at its first report ends there, and waits: a run of up to 16 of
them goes to the end. Where it ends as no clean run, its halves run, and at last each mutant.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from trainwreck.campaign.early_decisions import EarlyEnds, not_settled_by, settled_ids
from trainwreck.campaign.session import Session
from trainwreck.campaign.together import Waited, run_together, run_waiting, waiting_ids
from trainwreck.campaign.warm_starts import WarmStarts
from trainwreck.errors import ControlError
from trainwreck.judge.early_rules import has_states
from trainwreck.judge.uncounted import Counting
from trainwreck.model import FIRST, Mutant, Rule, Selection, Trial
from trainwreck.model.trials import mutant_trials
from trainwreck.run.instructions import Instructions

LEAST_PIECE = 80
"""Mutants of the plan after which the first ones that wait run together."""

PIECE = 4
"""A later piece of the plan is as large as what came before, divided by this."""


@dataclass(frozen=True, slots=True)
class _Head:
    """The first ``number`` of some mutants, read again whenever they are iterated."""

    mutants: Iterable[Mutant]
    number: int

    def __iter__(self) -> Iterator[Mutant]:
        return islice(self.mutants, self.number)


def run_first(
    session: Session,
    mutants: Iterable[Mutant],
    rules: frozenset[Rule],
    again: Collection[str],
    is_warm: bool,
) -> int:
    """Run each mutant once that these rules do not decide; return the number of runs.

    Trials whose ids are in ``again`` run whether or not they have run before. Where mutants may
    wait for joint runs, the plan is worked on piece by piece, so that a campaign that is stopped
    has verdicts on all but its last piece.
    """
    ran = 0
    if Rule.TOGETHER in rules:
        ran = run_together(session, mutants, settled_ids(session.evidence, mutants, rules))
    may_wait = Rule.TOGETHER in rules and has_states(session.evidence.clean[FIRST])
    waited = Waited()
    # A later piece holds the earlier ones, whose runs are not to be repeated once more.
    for piece in _pieces(mutants) if may_wait and not again else [mutants]:
        ran += _run_each(session, piece, rules, again, is_warm, waited.pays)
        waiting = waiting_ids(session, piece)
        ran += run_waiting(session, piece, waited.most)
        if alone := waiting_ids(session, piece):
            ran += _run_each(session, piece, rules, alone, is_warm, may_wait=False)
        waited.alone += len(alone)
        waited.masked += len(waiting) - len(alone)
    return ran


def _pieces(mutants: Iterable[Mutant]) -> Iterator[Iterable[Mutant]]:
    """Yield the head of the mutants again and again, each time a longer one, at last all."""
    number, total = 0, sum(1 for _ in mutants)
    while number < total:
        number += max(LEAST_PIECE, number // PIECE)
        yield _Head(mutants, number)


def instructions_for(
    session: Session, mutants: Iterable[Mutant], rules: frozenset[Rule], is_warm: bool
) -> Callable[[Trial], Instructions]:
    """Return what gives a trial its instructions: where it may end early, and how it starts."""
    early = EarlyEnds(session.evidence, rules)
    if not is_warm:
        return early.instructions_of
    starts = WarmStarts(session.evidence, mutants)
    return lambda trial: starts.applied(trial, early.instructions_of(trial))


def _run_each(
    session: Session,
    mutants: Iterable[Mutant],
    rules: frozenset[Rule],
    again: Collection[str],
    is_warm: bool,
    may_wait: bool,
) -> int:
    """Run each mutant by itself that these rules do not decide; return the number of runs."""
    repeat = not_settled_by(session, rules).union(again)
    trials = left_trials(session, mutants, rules, repeat)
    number = sum(1 for _ in trials())
    if not number:
        return 0
    session.progress.begin("mutants", number)
    determinism, metrics = session.evidence.clean[FIRST].determinism, session.evidence.metric_names
    ran, counting = 0, Counting()
    ending = rules if may_wait else rules - {Rule.TOGETHER}
    instructions_of = instructions_for(session, mutants, ending, is_warm)
    for result in session.execute(trials(), None, instructions_of, repeat):
        ran += 1
        mutant = result.trial.mutant
        if mutant and counting.add(
            (mutant.root, mutant.file), result.outcome, determinism, metrics
        ):
            _check_counted(session, mutant, counting)
    session.progress.end()
    return ran


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
    return partial(_unfinished, session.id, mutants, finished, settled, session.lane)


def _unfinished(
    subject: str,
    mutants: Iterable[Mutant],
    finished: Collection[str],
    settled: Collection[str],
    lane: int,
) -> Iterator[Trial]:
    for trial in mutant_trials(subject, mutants, lane):
        if trial.id not in finished and (trial.mutant is None or trial.mutant.id not in settled):
            yield trial


def _check_counted(session: Session, mutant: Mutant, counting: Counting) -> None:
    """Raise ControlError where no run of the campaign has counted a bug in this mutant's file."""
    origin = mutant.root, mutant.file
    for selection in Selection:
        for first in session.file.first_runs(selection):
            planned = first.planned.mutant
            if (planned.root, planned.file) == origin and first.first and first.first.hits:
                counting.counted.add(origin)
                return
    raise ControlError(
        f"{len(counting.uncounted[origin])} bugs in {mutant.file} changed the result, and none of "
        "them was counted: the process or the code that runs this file is not followed",
        "Start it as `python FILE` or `python -m MODULE` with all environment variables, not by "
        "`exec` or with -I, -E or -S.",
    )
