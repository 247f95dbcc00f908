"""Launchers: from requests for trials to their results.

To add one: write a class with the methods of `Launcher`. `ColdLauncher` starts a process for each
trial; another one may make many trials from one process.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from trainwreck.errors import TrainwreckError
from trainwreck.model import Ending, Outcome, Trial, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.run.child import Ended, end_carriers, run_child
from trainwreck.run.context import RunContext
from trainwreck.run.events import Events, Probed, main_process_listens, read_events
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.limits import Limits
from trainwreck.run.output import Output
from trainwreck.run.sandbox import ORDER_VARIABLE, Sandbox


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A trial to run, with its limits and what the agent is to do besides."""

    trial: Trial
    limits: Limits
    instructions: Instructions = NO_INSTRUCTIONS


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The outcome of a trial with what is kept beside it.

    ``covered`` maps phase, root and file to lines; ``probed`` are the records of its probes.
    """

    trial: Trial
    outcome: Outcome
    log: bytes = b""
    troubles: tuple[str, ...] = ()
    covered: Mapping[str, Mapping[tuple[str, str], list[int]]] = field(default_factory=dict)
    probed: Probed | None = None


class Launcher(Protocol):
    """Runs trials of one program; an engine may pickle it and use it in several processes."""

    def batch(self, requests: Iterable[TrialRequest]) -> Iterable[Sequence[TrialRequest]]:
        """Divide requests into groups that are launched together."""

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterable[TrialResult]:
        """Yield the result of each request of one group as its trial ends.

        Raises Stopped when ``must_stop`` says so, and TrainwreckError where a run would prove
        nothing.
        """


@dataclass(frozen=True, slots=True)
class ColdLauncher:
    """Starts each trial in a process of its own."""

    context: RunContext

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        """Launch every trial alone."""
        return ([request] for request in requests)

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        """Run one trial after the other; see `Launcher.launch`."""
        for request in requests:
            yield run_trial(request, self.context, slot, must_stop)


def run_trial(
    request: TrialRequest,
    context: RunContext,
    slot: Slot,
    must_stop: MustStop = lambda: False,
    echo: Callable[[bytes], object] | None = None,
) -> TrialResult:
    """Run one trial in a new process, in a working copy of its own.

    Args:
        request: The trial.
        context: The program, where it lies and what runs it.
        slot: Where it runs; what its folder holds is removed before and afterwards.
        must_stop: Asked all the time; the trial is given up when it returns true.
        echo: Called with the program's output as it comes.

    Raises:
        Stopped: ``must_stop`` returned true.
        TrainwreckError: The agent did not start, or refused to plant the bug.

    """
    began = time.monotonic()
    trial = request.trial
    sandbox = Sandbox(context, slot, trial, request.instructions)
    sandbox.prepare()
    output = Output(context.subject.metrics, echo)
    try:
        ended = run_child(
            sandbox.command(),
            sandbox.app,
            sandbox.environment(),
            request.limits,
            output.feed,
            lambda pid: main_process_listens(sandbox.events, pid),
            must_stop,
            f"{ORDER_VARIABLE}={sandbox.order}",
        )
        output.close()
        events = read_events(sandbox.events, sandbox.restore)
        covered = sandbox.restore_covered(events)
        if trial.kind is TrialKind.WARMING and ended.exit.fine:
            sandbox.keep_cache()
    finally:
        shutil.rmtree(sandbox.folder, ignore_errors=True)
    overhead = time.monotonic() - began - ended.seconds
    outcome = _outcome(trial, ended, output, events, overhead, context.agent)
    return TrialResult(trial, outcome, output.log, events.troubles, covered, events.probed)


def clear_leftovers(work: Path) -> None:
    """End processes and remove copies that an earlier, killed run of the campaign left behind."""
    if work.exists():
        end_carriers(f"{ORDER_VARIABLE}={work}{os.sep}")
        shutil.rmtree(work, ignore_errors=True)


def _outcome(
    trial: Trial, ended: Ended, output: Output, events: Events, overhead: float, agent: bool
) -> Outcome:
    if events.refused:
        raise TrainwreckError(
            f"the agent refused to plant {trial.mutant.name if trial.mutant else 'nothing'}: "
            f"{events.refused}",
            "Restore the library and the program as they were when the campaign began.",
        )
    if agent and not events.started and ended.exit.ending is Ending.EXITED:
        raise TrainwreckError(
            "the agent did not start in the program's process",
            "Run the program by the interpreter of `python`, without -S, -I or -E.",
        )
    return Outcome(
        trial_id=trial.id,
        exit=ended.exit,
        seconds=ended.seconds,
        cpu_seconds=ended.cpu_seconds,
        peak_rss=ended.peak_rss,
        hits=events.hits,
        steps=output.steps,
        parameters=events.parameters,
        error=events.failure,
        phases=events.phases,
        planted=events.planted,
        stack=events.stack,
        overhead=overhead,
        work=events.work,
        reports=events.reports,
        checkpoint=events.checkpoint,
        first_hit=events.first_hit,
        settled=events.settled,
    )
