"""What the guest costs a real training: with a live hit counter, and with coverage."""

import os
import statistics
import sys
import tempfile
import timeit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from figures import Figure, alternate, figure, ratios
from subject import say, study_campaign
from trainwreck import Campaign
from trainwreck.model import Mutant, Outcome, Trial, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.run.context import RunContext
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.launcher import TrialRequest, run_trial
from trainwreck.run.limits import Limits
from trainwreck.subject.interpreter import AGENT

BARE = "without the agent"
LIBRARY_HITS = "hits in Keras"
PROGRAM_HITS = "hits in the program"
COVERAGE = "coverage"
GOALS = {LIBRARY_HITS: 1.03, PROGRAM_HITS: 1.03, COVERAGE: 1.5}
LIMITS = Limits(seconds=1800, cpu_seconds=1800, memory=16 << 30)

LIBRARY_LINE = ("keras/src/trainers/epoch_iterator.py", "EpochIterator._enumerate_iterator", ">=")
PROGRAM_LINE = ("reviews.py", "vocabulary_of", "+")
"""File, function and token: the first such token is replaced by itself, and counted."""


def measure(python: str, rounds: int = 5) -> list[Figure]:
    """Run on one processor, alternated; one round goes unmeasured, to warm the caches."""
    with (
        tempfile.TemporaryDirectory() as folder,
        one_processor() as cpu,
        study_campaign(python, Path(folder)) as campaign,
        campaign.session() as session,
    ):
        context = session.subject.context
        bare = replace(context, agent=False)
        clean = Trial(session.id, TrialKind.CLEAN, 0)
        trials = {
            BARE: (clean, bare),
            LIBRARY_HITS: (counted(campaign, *LIBRARY_LINE), context),
            PROGRAM_HITS: (counted(campaign, *PROGRAM_LINE), context),
            COVERAGE: (Trial(session.id, TrialKind.COVERAGE, 0), context),
        }
        run_once(clean, bare, (cpu,), "one run to warm up")
        ways = {
            name: partial(run_once, trial, where, (cpu,), name)
            for name, (trial, where) in trials.items()
        }
        outcomes = alternate(ways, rounds)
    return [*_figures(outcomes), one_hit(), *computed_shares(outcomes)]


def one_hit() -> Figure:
    """Measure one counted evaluation, in nanoseconds, once counting is at full speed."""
    sys.path.insert(0, str(AGENT))
    from trainwreck_agent.planting.counter import FAST, HIT, Counter

    Counter(lambda: None)
    counted_text, plain_text = f"{HIT}() and (1)", "(1)"
    timeit.timeit(counted_text, number=2 * FAST)
    number = 1_000_000
    values = [
        (timeit.timeit(counted_text, number=number) - timeit.timeit(plain_text, number=number))
        / number
        for _ in range(9)
    ]
    return figure("one hit", "ns", (1e9 * value for value in values))


def computed_shares(outcomes: dict[str, list[Outcome]]) -> list[Figure]:
    """Compute the cost of the hits as a share of the bare run, which is below the runs' noise."""
    seconds = statistics.median(run.cpu_seconds for run in outcomes[BARE])
    each = one_hit().median / 1e9
    return [
        figure(
            f"{name}, computed", "of the run", [each * (run.hits or 0) / seconds for run in runs]
        )
        for name, runs in outcomes.items()
        if runs[0].hits
    ]


def no_change(mutant: Mutant) -> Mutant:
    """Return a mutant that replaces the text by itself: it is counted, and no bug."""
    edits = tuple(replace(edit, replacement=edit.original) for edit in mutant.edits)
    return replace(mutant, edits=edits)


def run_once(
    trial: Trial,
    context: RunContext,
    cpus: tuple[int, ...],
    name: str,
    instructions: Instructions = NO_INSTRUCTIONS,
) -> Outcome:
    """Run one trial, which must end well."""
    slot = Slot(0, context.work / "0", cpus)
    outcome = run_trial(TrialRequest(trial, LIMITS, instructions), context, slot).outcome
    if not outcome.exit.fine or (trial.mutant is not None and not outcome.hits):
        raise SystemExit(f"{name}: {outcome.exit}, hits {outcome.hits}, {outcome.error}")
    say(f"  {name}: {outcome.cpu_seconds:.2f} s of processor, {outcome.seconds:.2f} s")
    return outcome


@contextmanager
def one_processor() -> Iterator[int]:
    """Stay on the last usable processor; children do so too, even without the agent."""
    before = os.sched_getaffinity(0)
    cpu = max(before)
    os.sched_setaffinity(0, {cpu})
    try:
        yield cpu
    finally:
        os.sched_setaffinity(0, before)


def counted(campaign: Campaign, file: str, function: str, token: str) -> Trial:
    """Return a run that counts how often the first such token of a function is evaluated."""
    with campaign.session() as session:
        for item in campaign.mutants(uncovered=True, files=[file]):
            mutant = item.mutant
            if mutant.function == function and mutant.edits[0].original == token:
                return Trial(session.id, TrialKind.MUTANT, 0, mutant=no_change(mutant))
    raise SystemExit(f"{file}: no `{token}` in {function}; choose another hot line")


def _figures(outcomes: dict[str, list[Outcome]]) -> list[Figure]:
    cpu = {name: [run.cpu_seconds for run in runs] for name, runs in outcomes.items()}
    wall = {name: [run.seconds for run in runs] for name, runs in outcomes.items()}
    found = []
    for name, runs in outcomes.items():
        found.append(figure(name, "s processor", cpu[name]))
        found.append(figure(name, "s wall", wall[name]))
        if name in GOALS:
            found.append(
                figure(name, "times the processor", ratios(cpu[name], cpu[BARE]), GOALS[name])
            )
            found.append(
                figure(name, "times the wall", ratios(wall[name], wall[BARE]), GOALS[name])
            )
        if runs[0].hits:
            found.append(figure(name, "hits", (run.hits or 0 for run in runs)))
    return found
