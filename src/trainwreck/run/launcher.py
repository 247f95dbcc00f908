"""Launchers, which run trials and return their results.

To add one: write a class with the methods of `Launcher`. `ColdLauncher` starts a process for each
trial; another one may run many trials from one process.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from trainwreck.errors import TrainwreckError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model import (
    APP,
    FIRED,
    LEFT_SHARED,
    SAME_WHOLE,
    STATE,
    STUCK,
    TOGETHER,
    UNREAD,
    Ending,
    Exit,
    Mutant,
    Outcome,
    Rule,
    Trial,
    TrialKind,
)
from trainwreck.model.slot import MustStop, Slot
from trainwreck.run.agent_records import Probed, joint_counts, same_wholes, unread_constants
from trainwreck.run.child import Stopped, run_child
from trainwreck.run.context import RunContext
from trainwreck.run.ended import KILLED, Ended
from trainwreck.run.events import Events, agent_has_started, read_events
from trainwreck.run.hang_watch import HangWatch
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.kept_copies import KeptCopies
from trainwreck.run.limits import Limits
from trainwreck.run.metric_files import FileMetrics
from trainwreck.run.no_verdict import (
    has_met_counter,
    is_shortage,
    lacks_disk,
    reason_of,
    unmade,
    unproven,
    without_facts,
)
from trainwreck.run.output import Output
from trainwreck.run.program_start import ProgramStart
from trainwreck.run.reached import with_reached
from trainwreck.run.removal import remove_tree
from trainwreck.run.room import check_reserve
from trainwreck.run.sandbox import ORDER_VARIABLE, Sandbox
from trainwreck.run.shared_memory import left_files
from trainwreck.run.tree import end_marked
from trainwreck.source import hash_of


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
    """The launcher that starts each trial in a process of its own.

    ``copies`` are the working copies that trials leave to the next ones.
    """

    context: RunContext
    copies: KeptCopies = field(default_factory=KeptCopies, compare=False)

    def within(self, context: RunContext) -> "ColdLauncher":
        """Return the same launcher of another context."""
        return ColdLauncher(context)

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        """Launch every trial alone."""
        return ([request] for request in requests)

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        """Run one trial after the other; see `Launcher.launch`."""
        for request in requests:
            result = run_trial(request, self.context, slot, must_stop, copies=self.copies)
            if result.outcome.exit == KILLED:
                result = run_trial(
                    request, self.context, slot, must_stop, is_again=True, copies=self.copies
                )
            yield result


def run_trial(
    request: TrialRequest,
    context: RunContext,
    slot: Slot,
    must_stop: MustStop = INTERRUPTS.check,
    echo: Callable[[bytes], object] | None = None,
    is_again: bool = False,
    copies: KeptCopies | None = None,
    inspect: Callable[[Path], object] | None = None,
) -> TrialResult:
    """Run one trial in a new process, in a working copy of its own.

    Args:
        request: The trial with its limits and instructions.
        context: The program, its folders and its interpreter.
        slot: The slot to run in; its folder is removed before and afterwards.
        must_stop: Return whether to give up; called several times a second. By default, an end
            that was asked for is raised.
        echo: Called with each chunk of the program's output.
        is_again: Whether a SIGKILL has ended the same trial just before. A second one is no
            accident, but the program's.
        copies: The working copies that earlier trials have left.
        inspect: Called with the working copy after the run, before it is removed.

    Returns:
        The result. Its outcome is ``broken`` where the mutant destroyed what a verdict needs, and
        ``lost`` where the machine had too little of something for trainwreck itself.

    Raises:
        Stopped: ``must_stop`` returned true.
        Paused: The disk has less free room than the reserve, or cannot be written.
        TrainwreckError: The agent did not start, or refused to plant the bug, and the bug is not
            the cause.

    """
    began = time.monotonic()
    sandbox = Sandbox(context, slot, request.trial, request.instructions, copies)
    output = Output(context.subject.metrics, echo)
    is_prepared = False
    try:
        check_reserve(slot.folder, context.policy.disk)
        sandbox.prepare()
        is_prepared = True
        result = _run(Run(request, context, sandbox, output, began, is_again), must_stop)
        if inspect is not None:
            inspect(sandbox.app)
        return result
    except (Stopped, TrainwreckError):
        raise
    except Exception as error:
        is_of_machine = is_shortage(error)
        is_of_bug = is_prepared and request.trial.is_buggy
        is_unmade = lacks_disk(error) and not is_prepared
        if isinstance(error, OSError) and (is_unmade or not (is_of_machine or is_of_bug)):
            raise unmade(error, slot.folder) from None
        if not (is_of_machine or is_of_bug):
            raise
        ending = Ending.LOST if is_of_machine else Ending.BROKEN
        nothing = without_facts(request.trial, time.monotonic() - began)
        reason = sandbox.restore(reason_of(error))
        return TrialResult(request.trial, unproven(nothing, ending, reason), output.log)
    finally:
        sandbox.remove()


@dataclass(frozen=True, slots=True)
class Run:
    """One trial at work, which ``began`` at a time of the monotonic clock."""

    request: TrialRequest
    context: RunContext
    sandbox: Sandbox
    output: Output
    began: float
    is_again: bool = False

    def takes_signals(self, pid: int) -> bool:
        """Return whether the agent of a process, which sees this id, handles its signals by now."""
        return self.context.subject.signals and agent_has_started(self.sandbox.events, pid)

    def hang_watch(self, began: float = 0.0) -> HangWatch | None:
        """Return the watch over it from a moment of its own time on; None where none is wanted."""
        times = self.request.instructions.times
        return HangWatch(times, self.sandbox.events, self.takes_signals, began) if times else None


def _run(run: Run, must_stop: MustStop) -> TrialResult:
    """Run the program in its prepared folders, and read what it left there."""
    sandbox, output = run.sandbox, run.output
    command, environment = sandbox.command(), sandbox.environment()
    start = ProgramStart(
        command,
        sandbox.app,
        environment,
        replace(
            run.request.limits,
            disk=run.context.policy.disk,
            gpu_memory=run.context.gpu_memory,
        ),
        f"{ORDER_VARIABLE}={sandbox.order}",
        sandbox.containment(command, environment),
        sandbox.folder,
    )
    ended = run_child(
        start,
        output.feed,
        run.takes_signals,
        must_stop,
        output.feed_errors if output.apart else None,
        hang_watch=run.hang_watch(),
    )
    check_reserve(sandbox.folder, run.context.policy.disk)
    if run.is_again and ended.exit == KILLED:
        ended = replace(ended, exit=Exit(Ending.SIGNAL, signal.SIGKILL))
    return read_result(run, ended)


def read_result(run: Run, ended: Ended) -> TrialResult:
    """Read what a run that has ended left in its folders.

    Raises TrainwreckError where the agent could not work, and no mutant is the cause.
    """
    trial, sandbox, output = run.request.trial, run.sandbox, run.output
    output.close()
    is_measured = trial.kind is TrialKind.COVERAGE or run.request.instructions.observe
    events = read_events(
        sandbox.events, sandbox.restore, sandbox.app, run.request.instructions, is_measured
    )
    _check_agent(run, events, ended)
    covered = sandbox.restore_covered(events)
    # A run that was ended early has written a part of its values at most.
    written = FileMetrics() if events.settled else sandbox.metric_files.read()
    if trial.kind is TrialKind.WARMING and ended.exit.fine:
        sandbox.keep_cache()
    if sandbox.is_fetching and ended.exit.fine:
        sandbox.keep_fetched()
    outcome = _outcome(run, ended, events, written)
    if not ended.exit.proves:
        outcome = unproven(outcome, ended.exit.ending, ended.reason)
    elif reason := _broken(run, events, ended):
        outcome = unproven(outcome, Ending.BROKEN, sandbox.restore(reason))
    return TrialResult(trial, outcome, output.log, events.troubles, covered, events.probed)


def clear_leftovers(work: Path) -> None:
    """End the processes and remove the copies that a killed run of the campaign left behind."""
    if work.exists():
        end_marked(f"{ORDER_VARIABLE}={work}{os.sep}")
        for path in left_files(work):
            with suppress(OSError):
                path.unlink()
        remove_tree(work)


def _observed(events: Events, ended: Ended, output: Output, sandbox: Sandbox) -> dict[str, Any]:
    """Return what the agent observed, the printed states, and the files of a run to its end."""
    observed = dict(events.observations)
    if ended.stuck is not None:
        observed[STUCK] = ended.stuck.as_json()
    if output.state is not None:
        observed[STATE] = output.state
    if output.fired:
        observed[FIRED] = {**observed.get(FIRED, {}), **output.fired}
    if ended.exit.fine and not events.settled:
        observed |= sandbox.written_files()
    if ended.left:
        observed[LEFT_SHARED] = list(ended.left)
    return with_reached(observed) if sandbox.is_fetching else observed


def _refusal(trial: Trial, reason: str) -> TrainwreckError:
    """Return the error of a run that the agent refused, with what helps in a run of this kind."""
    doing = f" to plant {trial.mutant.name}" if trial.mutant else ""
    hint = "Start a new campaign if the program or a library has changed since this one began."
    if trial.kind is TrialKind.PROBE:
        doing = " to run the program with probes"
        hint = (
            "Start a new campaign if the program or a library has changed, and otherwise leave "
            'out the rules that need probes: `rules = ["same-code"]` under [trials].'
        )
    return TrainwreckError(f"the agent refused{doing}: {reason}", hint)


def _check_agent(run: Run, events: Events, ended: Ended) -> None:
    """Raise TrainwreckError where the agent could not work, unless a mutant may be the cause."""
    mutant = run.request.trial.mutant
    if events.refused and not (mutant and _has_its_sources(mutant, run.context)):
        raise _refusal(run.request.trial, events.refused)
    is_missing = run.context.agent and not events.started
    if is_missing and not run.request.trial.is_buggy and ended.exit.ending is Ending.EXITED:
        raise TrainwreckError(
            "the agent did not start in the program's process",
            "Run the program by the interpreter given as `python`, without -S, -I or -E.",
        )


def _has_its_sources(mutant: Mutant, context: RunContext) -> bool:
    """Return whether the clean files are still those that the mutant changes."""
    bases = {**context.bases, APP: context.folder}
    paths = [(bases[part.root] / part.file, part.source_sha) for part in mutant.parts]
    try:
        return all(hash_of(path.read_bytes()) == sha for path, sha in paths)
    except OSError:
        return False


def _broken(run: Run, events: Events, ended: Ended) -> str:
    """Return how the program broke what a verdict rests on, empty where it did not."""
    if events.refused:
        return f"the program changed a file in which bugs are planted: {events.refused}"
    if run.context.agent and not events.started:
        return "the agent's record of the run is gone"
    if events.damage:
        others = f" ({len(events.damage) - 1} more)" if len(events.damage) > 1 else ""
        return f"the agent's record of the run was changed: {events.damage[0]}{others}"
    if events.settled and not ended.exit.fine:
        return f"the run was ended early, but its process {ended.exit}"
    if not ended.exit.fine and has_met_counter(events.failure):
        return "it compiles this function itself, and cannot compile the call that counts its runs"
    return ""


def _outcome(run: Run, ended: Ended, events: Events, written: FileMetrics) -> Outcome:
    """Return the outcome of a run as its process and its files have it."""
    observed = _observed(events, ended, run.output, run.sandbox) | written.observations
    if events.probed is not None and run.request.trial.kind is TrialKind.TOGETHER:
        observed[TOGETHER] = joint_counts(events.probed, run.request.instructions.groups)
    elif events.probed is not None:
        observed[SAME_WHOLE] = same_wholes(events.probed, run.request.instructions.groups)
        observed[UNREAD] = unread_constants(events.probed, run.request.instructions.groups)
    return Outcome(
        trial_id=run.request.trial.id,
        exit=ended.exit,
        seconds=ended.seconds,
        cpu_seconds=ended.cpu_seconds,
        peak_rss=ended.peak_rss,
        hits=events.hits,
        steps=run.output.steps | (events.steps or {}) | written.steps,
        parameters=events.parameters,
        error=events.failure,
        phases=events.phases,
        planted=events.planted,
        stack=events.stack,
        overhead=time.monotonic() - run.began - ended.seconds,
        work=events.work,
        reports=events.reports,
        checkpoint=events.checkpoint,
        first_hit=events.first_hit,
        settled=Rule.STUCK if ended.stuck else events.settled,
        observations=observed,
    )
