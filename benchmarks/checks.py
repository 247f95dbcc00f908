"""What `power` takes to compare 1,000 bugs that change the result with 60 clean runs."""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import report
from figures import Figure, figure
from trainwreck import Campaign
from trainwreck.model import (
    CHECK,
    FIRST,
    Draw,
    Ending,
    Exit,
    Mutant,
    Outcome,
    Trial,
    TrialKind,
    check_trial,
)
from trainwreck.report.text import render_tables
from trainwreck.results.own_checks import VERSIONS
from trainwreck.store.campaign_file import CampaignFile

GOAL_SECONDS = 30.0
MUTANTS, CLEAN, SEEDS = 1000, 60, 10
REPORTS = (5, 200)
"""How often each metric is reported: after each epoch, and after each of many steps."""
OWN = ("tests", "script")
NOTICED = 0.4
"""The share of the mutants that each check of the user's own notices."""


def measure(_python: str, rounds: int = 3) -> list[Figure]:
    """Each number of reports, in processes of their own: the time, and the largest memory."""
    figures = []
    for reports in REPORTS:
        with tempfile.TemporaryDirectory() as folder:
            _in_child("make", folder, reports)
            found = [_in_child("power", folder, reports) for _ in range(rounds)]
        what = f"power of {MUTANTS:,} mutants, {CLEAN} clean runs, {reports} reports"
        figures.append(figure(what, "s", (each["seconds"] for each in found), GOAL_SECONDS))
        cpu = (each["cpu"] for each in found)
        figures.append(figure(f"{what}: processor", "s", cpu, GOAL_SECONDS))
        figures.append(figure(f"{what}: memory", "MB", (each["peak"] for each in found)))
    return figures


def _in_child(stage: str, folder: str, reports: int) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).resolve()), stage, folder, str(reports)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def make_campaign(folder: Path, reports: int) -> None:
    """Store clean runs, runs of mutants that change the result, and runs of two own checks."""
    chance = random.Random(1)
    mutants = list(islice(report.planned_mutants(), MUTANTS))
    with CampaignFile.open(folder, create=True) as file:
        file.set_meta("subject", "checked")
        file.set_meta("metrics", ["accuracy", "loss"])
        file.set_meta("measures", [{"name": "accuracy", "better": "higher", "margin": 0.01}])
        file.set_meta("looks", [3, 5, SEEDS])
        file.set_meta(VERSIONS, dict.fromkeys(OWN, "1"))
        file.set_plan(mutants, ())
        for trial in _trials([planned.mutant for planned in mutants]):
            outcome = _outcome(trial, reports, chance)
            file.add_run(trial, outcome, b"", report.ENVIRONMENT)


def _trials(mutants: list[Mutant]) -> Iterator[Trial]:
    for seed in range(CLEAN):
        yield Trial("checked", TrialKind.CLEAN, seed)
    for repeat in range(1, CLEAN):
        yield Trial("checked", TrialKind.CLEAN, 0, repeat=repeat)
    for mutant in mutants:
        for seed in range(SEEDS):
            yield Trial("checked", TrialKind.MUTANT, seed, mutant=mutant)
    for name in OWN:
        for seed in range(CLEAN):
            yield check_trial(name, Draw(seed))
        for mutant in mutants:
            yield check_trial(name, FIRST, mutant=mutant)


def _outcome(trial: Trial, reports: int, chance: random.Random) -> Outcome:
    """Return a run whose values leave those of the clean run with its seed if it has a bug."""
    outcome = report.outcome_of(trial, 2 if trial.mutant is None else 1, chance)
    if trial.kind is TrialKind.CHECK:
        named = next(name for name in OWN if name in trial.subject)
        failed = trial.mutant is not None and chance.random() < NOTICED
        own = {CHECK: {"name": named, "version": "1"}}
        return replace(outcome, exit=Exit(Ending.EXITED, int(failed)), observations=own)
    apart = 0.0 if trial.mutant is None else 10 ** chance.uniform(-4, -1)
    level = 0.5 + 0.01 * random.Random(trial.seed).gauss(0, 1)
    curve = (level + 0.3 * step / reports for step in range(reports))
    steps = tuple(f"{value + apart * chance.random():.6f}" for value in curve)
    return replace(outcome, steps={"accuracy": steps, "loss": steps})


def _power(folder: Path, _reports: int) -> None:
    render_tables(Campaign.open(folder).power())


STAGES: dict[str, Callable[[Path, int], None]] = {"make": make_campaign, "power": _power}


def main(stage: str, folder: str, reports: str) -> None:
    """One stage; prints what it took."""
    began, cpu = time.perf_counter(), time.process_time()
    STAGES[stage](Path(folder), int(reports))
    found = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
