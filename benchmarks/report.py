"""The report of a campaign with 100,000 mutants and 1,000,000 runs, and of as many records."""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from figures import Figure, figure
from trainwreck import Campaign
from trainwreck.model import (
    Context,
    Edit,
    Ending,
    Environment,
    Exit,
    Failure,
    Frame,
    Mutant,
    OperatorCode,
    Outcome,
    PhaseTime,
    PlannedMutant,
    Span,
    Trial,
    TrialKind,
)
from trainwreck.report.text import render_tables
from trainwreck.store.campaign_file import CampaignFile

GOAL_SECONDS, GOAL_MB = 60.0, 2048.0
MUTANTS, RUNS = 100_000, 1_000_000
CLEAN = 30
PHASES = ("preprocessing", "constructing", "learning")
CODES = tuple(OperatorCode)
ENVIRONMENT = Environment("3.11", {})
LOG = b"""Traceback (most recent call last):
  File "train.py", line 9, in <module>
    fit(rows)
  File "library/part_3.py", line 40, in adjust
    raise ValueError("shapes do not fit")
ValueError: shapes (3, 4) and (5, 6) do not fit together
"""


def measure(_python: str, rounds: int = 1) -> list[Figure]:
    """Each stage in a process of its own, with its time and its largest memory."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in STAGES}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for stage, measured in found.items():
                measured.append(_in_child(stage, folder))
    figures = []
    for stage, measured in found.items():
        if not stage.startswith("make"):
            limits = (GOAL_SECONDS, GOAL_MB) if stage.startswith("report") else (None, None)
            figures.append(figure(stage, "s", (each["seconds"] for each in measured), limits[0]))
            figures.append(figure(stage, "MB", (each["peak"] for each in measured), limits[1]))
    return figures


def _in_child(stage: str, folder: str) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).resolve()), stage, folder]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def planned_mutants() -> Iterator[PlannedMutant]:
    contexts = tuple(Context)
    for number in range(MUTANTS):
        line = 1 + number % 50
        edit = Edit(Span(9 * line, 9 * line + 1, line, 4, line, 5), "+", "-")
        mutant = Mutant(
            root="library",
            file=f"library/part_{number // 50}.py",
            module=f"library.part_{number // 50}",
            function="adjust",
            operator=CODES[number % len(CODES)],
            edits=(edit,),
            source_sha="0" * 40,
            context=contexts[number % len(contexts)],
            anchor=f"statement {number}",
            lines=(line, line),
            evaluated=None,
        )
        yield PlannedMutant(mutant, (PHASES[number % 3],))


def outcome_of(trial: Trial, kind: int, chance: random.Random) -> Outcome:
    """Crashed (0), propagated (1) or as the clean run (2)."""
    shift = 0.02 * chance.random() if kind == 1 else 0.0
    value = 0.76 + 0.012 * (trial.seed % 30 - 15) / 15 - shift
    error = None
    if kind == 0:
        frames = tuple(Frame("library/part_3.py", line, "adjust") for line in (9, 40))
        error = Failure("ValueError", "shapes (3, 4) and (5, 6) do not fit together", frames)
    steps = [f"{value - 0.01 * (4 - step):.4f}" for step in range(5)] if kind else []
    return Outcome(
        trial_id=trial.id,
        exit=Exit(Ending.EXITED, 0 if kind else 1),
        seconds=13.0 + chance.random(),
        cpu_seconds=12.0 + chance.random(),
        peak_rss=600 << 20,
        hits=1500,
        steps={"accuracy": tuple(steps), "loss": tuple(steps)},
        parameters=f"{trial.seed}-{kind == 1}",
        error=error,
        phases=tuple(PhaseTime(name, at, at, 0) for at, name in enumerate(PHASES)),
        planted=True,
        work={"epochs": 5, "batches": 1495},
    )


def make_campaign(folder: Path) -> None:
    """Store clean runs, a plan, and runs of all mutants: more of those that propagate."""
    chance = random.Random(1)
    with CampaignFile.open(folder, create=True) as file:
        file.set_meta("subject", "large")
        file.set_meta("metrics", ["accuracy"])
        measures = [{"name": "accuracy", "better": "higher", "range": [0, 1], "margin": 0.01}]
        file.set_meta("measures", measures)
        file.set_meta("looks", [3, 5, 10, 20, 28])
        file.set_plan(planned_mutants(), ())
        for seed in (*range(CLEAN), *(0,) * 5):
            repeat = len(file.finished_ids()) if seed == 0 else 0
            trial = Trial("large", TrialKind.CLEAN, seed, repeat=repeat)
            file.add_run(trial, outcome_of(trial, 2, chance), b"", ENVIRONMENT)
        for trial, outcome in runs_of_mutants(chance):
            file.add_run(trial, outcome, LOG if outcome.error else b"", ENVIRONMENT)


def runs_of_mutants(chance: random.Random) -> Iterator[tuple[Trial, Outcome]]:
    propagated = MUTANTS // 3
    further = (RUNS - CLEAN - MUTANTS) // propagated
    for number, planned in enumerate(planned_mutants()):
        for seed in range(1 + further if number % 3 == 1 else 1):
            trial = Trial("large", TrialKind.MUTANT, seed, mutant=planned.mutant)
            yield trial, outcome_of(trial, number % 3, chance)


def _report(folder: Path) -> None:
    render_tables(Campaign.open(folder).tables())


def _make_records(folder: Path) -> None:
    """As many mutants with ten runs each, as another tool would write them."""
    chance = random.Random(1)
    with (folder / "records.jsonl").open("w", encoding="utf-8") as file:
        for record in _records(chance):
            file.write(json.dumps(record) + "\n")


def _records(chance: random.Random) -> Iterator[dict[str, Any]]:
    def run(seed: int) -> dict[str, Any]:
        value = round(chance.gauss(0.76, 0.012), 4)
        return {"seed": seed, "metrics": {"accuracy": value}, "seconds": chance.gauss(13, 0.4)}

    yield {"kind": "subject", "name": "theirs", "records": 1}
    for seed in range(CLEAN):
        yield {"kind": "clean", **run(seed)}
    for number in range(MUTANTS):
        crash = number % 3 == 0
        yield {
            "kind": "mutant",
            "operator": CODES[number % len(CODES)],
            "symptom": "crash" if crash else "normal",
            "file": f"part_{number // 50}.py",
            "line": 1 + number % 50,
            "phases": [PHASES[number % 3]],
            "runs": [] if crash else [run(seed) for seed in range(RUNS // (MUTANTS * 2 // 3))],
        }


def _import(folder: Path) -> None:
    Campaign.import_records(folder / "records.jsonl", folder / "theirs")


def _report_records(folder: Path) -> None:
    _report(folder / "theirs")


STAGES: dict[str, Callable[[Path], None]] = {
    "make a campaign": make_campaign,
    "report of a campaign": _report,
    "make records": _make_records,
    "import of records made elsewhere": _import,
    "report of records made elsewhere": _report_records,
}


def main(stage: str, folder: str) -> None:
    """One stage; prints what it took."""
    began = time.perf_counter()
    STAGES[stage](Path(folder))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
