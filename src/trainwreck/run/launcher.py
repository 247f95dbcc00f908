"""Runs one trial from scratch copy to outcome."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trainwreck.errors import TrainwreckError
from trainwreck.model import Ending, Outcome, Trial, TrialKind
from trainwreck.run.child import Ended, end_carriers, run_child
from trainwreck.run.context import RunContext
from trainwreck.run.events import Events, Probed, main_process_listens, read_events
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.limits import Limits
from trainwreck.run.output import Output
from trainwreck.run.sandbox import ORDER_VARIABLE, Sandbox


@dataclass(frozen=True, slots=True)
class TrialResult:
    """An outcome with what is kept beside it.

    ``covered`` maps phase, root and file to lines; ``probed`` is what the probes of the run saw.
    """

    outcome: Outcome
    log: bytes
    troubles: tuple[str, ...]
    covered: Mapping[str, Mapping[tuple[str, str], list[int]]]
    probed: Probed | None = None


def run_trial(
    trial: Trial,
    context: RunContext,
    limits: Limits,
    slot: int,
    cpu: int | None,
    must_stop: Callable[[], bool] = lambda: False,
    echo: Callable[[bytes], object] | None = None,
    orders: Instructions = NO_INSTRUCTIONS,
) -> TrialResult:
    """Run in the working copy number ``slot``, on processor ``cpu`` if one is given.

    ``echo`` gets the output as it comes. Raises Stopped when ``must_stop`` says so, and
    TrainwreckError where the run would prove nothing.
    """
    began = time.monotonic()
    sandbox = Sandbox(context, trial, context.campaign.resolve() / "work" / str(slot), orders)
    sandbox.prepare(cpu)
    output = Output(context.subject.metrics, echo)
    try:
        ended = run_child(
            sandbox.command(),
            sandbox.app,
            sandbox.environment(),
            limits,
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
        shutil.rmtree(sandbox.slot, ignore_errors=True)
    overhead = time.monotonic() - began - ended.seconds
    outcome = _outcome(trial, ended, output, events, overhead, context.agent)
    return TrialResult(outcome, output.log, events.troubles, covered, events.probed)


def clear_leftovers(campaign: Path) -> None:
    """End processes and remove copies that an earlier, killed run of the campaign left behind."""
    work = campaign.resolve() / "work"
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
            "was the library or the program changed since the campaign began?",
        )
    if agent and not events.started and ended.exit.ending is Ending.EXITED:
        raise TrainwreckError(
            "the agent did not start in the program's process",
            "the program must run by the interpreter given as `python`, without -S, -I or -E",
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
        observations=events.observations,
    )
