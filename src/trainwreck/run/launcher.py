"""Launchers, which run trials and return their results.

To add one: write a class with the methods of `Launcher`. `ColdLauncher` starts a process for each
trial; another one may run many trials from one process.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from trainwreck.errors import TrainwreckError
from trainwreck.model import FILES, STATE, Ending, Outcome, Trial, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.run.child import Ended, end_marked, run_child
from trainwreck.run.context import RunContext
from trainwreck.run.events import Events, Probed, agent_has_started, read_events
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.limits import Limits
from trainwreck.run.metric_files import FileMetrics
from trainwreck.run.output import Output
from trainwreck.run.sandbox import ORDER_VARIABLE, Sandbox


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A trial to run, with its limits and the instructions to the agent."""

    trial: Trial
    limits: Limits
    instructions: Instructions = NO_INSTRUCTIONS


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The outcome of a trial, and what is stored beside it.

    ``log`` is the program's output, shortened. ``troubles`` are what the agent could not do.
    ``covered`` maps a phase to (root, file) to the executed lines. ``probed`` is None where no
    probe was read.
    """

    trial: Trial
    outcome: Outcome
    log: bytes = b""
    troubles: tuple[str, ...] = ()
    covered: Mapping[str, Mapping[tuple[str, str], list[int]]] = field(default_factory=dict)
    probed: Probed | None = None


class Launcher(Protocol):
    """A way to run trials of one program; an engine may pickle it for its processes."""

    def batch(self, requests: Iterable[TrialRequest]) -> Iterable[Sequence[TrialRequest]]:
        """Divide requests into groups that are launched together."""

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterable[TrialResult]:
        """Yield the result of each request of one group as its trial ends.

        Args:
            requests: One group, as `batch` returned it.
            slot: The slot to run in.
            must_stop: Return whether to give up.

        Raises:
            Stopped: ``must_stop`` returned true.
            TrainwreckError: The agent did not work, so that a run would prove nothing.

        """


@dataclass(frozen=True, slots=True)
class ColdLauncher:
    """The launcher that starts each trial in a process of its own."""

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
        request: The trial with its limits and instructions.
        context: The program, its folders and its interpreter.
        slot: The slot to run in; its folder is removed before and afterwards.
        must_stop: Return whether to give up; called several times a second.
        echo: Called with each chunk of the program's output.

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
            lambda pid: context.subject.signals and agent_has_started(sandbox.events, pid),
            must_stop,
            f"{ORDER_VARIABLE}={sandbox.order}",
            output.feed_errors if output.apart else None,
        )
        output.close()
        events = read_events(sandbox.events, sandbox.restore, sandbox.app)
        covered = sandbox.restore_covered(events)
        # A run that was ended early has written a part of its values at most.
        written = FileMetrics() if events.settled else sandbox.metric_files.read()
        observed = _observed(events, ended, output, sandbox) | written.observations
        if trial.kind is TrialKind.WARMING and ended.exit.fine:
            sandbox.keep_cache()
        if sandbox.is_fetching and ended.exit.fine:
            sandbox.keep_fetched()
    finally:
        sandbox.remove()
    overhead = time.monotonic() - began - ended.seconds
    outcome = _outcome(trial, ended, output, events, written, overhead, context.agent)
    outcome = replace(outcome, observations=observed)
    return TrialResult(trial, outcome, output.log, events.troubles, covered, events.probed)


def clear_leftovers(work: Path) -> None:
    """End the processes and remove the copies that a killed run of the campaign left behind."""
    if work.exists():
        end_marked(f"{ORDER_VARIABLE}={work}{os.sep}")
        shutil.rmtree(work, ignore_errors=True)


def _observed(events: Events, ended: Ended, output: Output, sandbox: Sandbox) -> dict[str, Any]:
    """Return what the agent observed, the printed states, and the files of a run to its end."""
    observed = dict(events.observations)
    if output.state is not None:
        observed[STATE] = output.state
    if sandbox.has_outputs and ended.exit.fine and not events.settled:
        observed[FILES] = sandbox.outputs.written()
    return observed


def _outcome(
    trial: Trial,
    ended: Ended,
    output: Output,
    events: Events,
    written: FileMetrics,
    overhead: float,
    agent: bool,
) -> Outcome:
    """Return the outcome of a run.

    Raises TrainwreckError where the agent refused to plant the mutant or did not start.
    """
    if events.refused:
        planting = f" to plant {trial.mutant.name}" if trial.mutant else ""
        raise TrainwreckError(
            f"the agent refused{planting}: {events.refused}",
            "Start a new campaign if the program or a library has changed since this one began.",
        )
    if agent and not events.started and ended.exit.ending is Ending.EXITED:
        raise TrainwreckError(
            "the agent did not start in the program's process",
            "Run the program by the interpreter given as `python`, without -S, -I or -E.",
        )
    return Outcome(
        trial_id=trial.id,
        exit=ended.exit,
        seconds=ended.seconds,
        cpu_seconds=ended.cpu_seconds,
        peak_rss=ended.peak_rss,
        hits=events.hits,
        steps=output.steps | (events.steps or {}) | written.steps,
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
