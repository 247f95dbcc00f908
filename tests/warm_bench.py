"""One program with its mutants, run warm and cold, and the facts on which both must agree."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trainwreck.model import (
    LEFT_SHARED,
    Better,
    Level,
    Means,
    Metric,
    Mutant,
    Outcome,
    Subject,
    Trial,
    TrialKind,
)
from trainwreck.model.slot import Slot
from trainwreck.model.start import STARTED
from trainwreck.mutants.files import application_files
from trainwreck.mutants.listing import list_mutants
from trainwreck.run.context import RunContext
from trainwreck.run.instructions import Horizon, Instructions, WarmStart
from trainwreck.run.launcher import ColdLauncher, TrialRequest, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.run.means import strict_means
from trainwreck.run.policy import Policy
from trainwreck.run.stem.launcher import WarmLauncher
from trainwreck.source import decode
from trainwreck.subject.interpreter import Interpreter, survey
from trainwreck.subject.phase_markers import phase_marks

LIMITS = Limits(60, 60, 1 << 30)
OTHERS = (STARTED, LEFT_SHARED)
"""Observations that differ: the second one may be of other programs of the machine."""


@dataclass(frozen=True)
class Bench:
    """One program with its mutants, and the digests of its clean runs."""

    context: RunContext
    interpreter: Interpreter
    mutants: tuple[Mutant, ...]
    clean: Outcome

    def requests(self, mutants: Sequence[Mutant], horizon: Horizon | None = None) -> Any:
        start = WarmStart(frozenset([self.clean.digest]))
        return [
            TrialRequest(
                Trial("s", TrialKind.MUTANT, 1, mutant=mutant),
                LIMITS,
                Instructions(horizon=horizon, start=start),
            )
            for mutant in mutants
        ]

    def warm(self, requests: Any, slot: int = 0) -> list[TrialResult]:
        launcher = WarmLauncher(self.context, ColdLauncher(self.context), self.interpreter)
        place = Slot(slot, self.context.work / str(slot))
        return list(launcher.launch(requests, place, lambda: False))

    def cold(self, request: TrialRequest) -> Outcome:
        place = Slot(0, self.context.work / "0")
        (result,) = ColdLauncher(self.context).launch([request], place, lambda: False)
        return result.outcome


def bench_in(folder: Path, policy: Policy, texts: dict[str, str], python: str = "") -> Bench:
    program = folder / "program"
    program.mkdir()
    for name, text in texts.items():
        (program / name).write_text(text)
    interpreter = survey(python or sys.executable, [])
    metrics = tuple(
        Metric(name, rf"{name}: (\S+)", better, None)
        for name, better in (("loss", Better.LOWER), ("accuracy", Better.HIGHER))
    )
    command = ("train.py", "{seed}")
    subject = Subject("s", command, ".", "", ("app",), metrics, (), 1, (), outputs=("log.txt",))
    context = RunContext(
        subject=subject,
        folder=program,
        campaign=folder / "campaign",
        executable=interpreter.executable,
        bases={},
        covers=(),
        marks=phase_marks((), texts),
        data=None,
        policy=policy,
    )
    mutants = [
        mutant
        for file in application_files(program)
        for mutant in list_mutants(
            decode(file.path.read_bytes()), "app", file.file, file.module, interpreter.grammar
        ).mutants
        if mutant.evaluated is not None
    ]
    bench = Bench(context, interpreter, tuple(mutants), None)  # type: ignore[arg-type]
    clean = bench.cold(TrialRequest(Trial("s", TrialKind.CONTROL, 1), LIMITS))
    assert clean.exit.fine, clean
    return replace(bench, clean=clean)


def policies() -> dict[str, Policy]:
    found = {"copy": Policy(Level.COPY)}
    if strict_means()[0] is Means.MOUNTS:
        found["strict"] = Policy(Level.STRICT, Means.MOUNTS)
    return found


def facts(outcome: Outcome) -> dict[str, Any]:
    """All of an outcome that does not depend on the machine's speed."""
    failure = outcome.error and replace(outcome.error, seconds=None)
    return {
        "exit": outcome.exit,
        "digest": outcome.digest,
        "steps": outcome.steps,
        "hits": outcome.hits,
        "failure": failure,
        "phases": [(phase.name, phase.hits) for phase in outcome.phases],
        "reports": [(report.metrics, report.hits) for report in outcome.reports],
        "checkpoint": outcome.checkpoint,
        "settled": outcome.settled,
        "planted": outcome.planted,
        "work": outcome.work,
        "observed": {k: v for k, v in outcome.observations.items() if k not in OTHERS},
        "reached": outcome.first_hit is not None,
    }


def how(outcome: Outcome) -> str:
    started = outcome.observations["started"]
    return str(started.get("why", started["how"]))


def split(results: Sequence[TrialResult]) -> tuple[dict[str, Outcome], list[Outcome]]:
    """The outcomes of mutants by id, and those of stems."""
    mutants = {r.trial.mutant.id: r.outcome for r in results if r.trial.mutant}
    return mutants, [r.outcome for r in results if r.trial.kind is TrialKind.STEM]
