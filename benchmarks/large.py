"""What commands take on a large campaign of generated mutants and outcomes.

python benchmarks/large.py MUTANTS OUTCOMES [--out FILE]     # adds one row of JSON to a file

With ``--within FOLDER``, the campaigns are made in a folder that stays, unless they are there: to
make them takes most of the time.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import report
from trainwreck import Campaign
from trainwreck.campaign.early_decisions import not_settled_by
from trainwreck.campaign.first_runs import left_trials
from trainwreck.campaign.merge import merge_campaigns
from trainwreck.campaign.planned_mutants import PlannedMutants
from trainwreck.model import RULES_IN_USE, DrawMethod, TrialKind
from trainwreck.mutants.selection import in_turns
from trainwreck.report.text import render_tables
from trainwreck.results.evidence import Evidence
from trainwreck.store.campaign_file import CampaignFile

WHOLE, PARTS, MERGED = "whole", ("one", "other"), "merged"


def _make(folder: Path) -> None:
    """Store the plan, clean runs, and the runs of all mutants."""
    (folder / WHOLE).mkdir()
    report.make_campaign(folder / WHOLE)


def _make_parts(folder: Path) -> None:
    """Copy the campaign twice, each with the runs of every second mutant."""
    for part, name in enumerate(PARTS):
        shutil.copytree(folder / WHOLE, folder / name)
        with CampaignFile.open(folder / name, create=True) as file:
            others = [item.mutant.id for item in islice(file.mutants(), part, None, 2)]
            dropped = {
                trial
                for mutant in others
                for trial in (run.outcome.trial_id for run in file.runs_of(mutant))
            }
            with file.merging():
                for trial in dropped:
                    file.drop_run(trial)


def _plan(folder: Path) -> Callable[[], None]:
    """Bring listed mutants into their order, and store them; to list them is another measure."""
    planned = list(report.planned_mutants())
    (folder / "planned").mkdir()

    def plan() -> None:
        ordered = in_turns((item.mutant for item in planned), 0, DrawMethod.STRATIFIED)
        phases = {item.mutant.id: item for item in planned}
        with CampaignFile.open(folder / "planned", create=True) as file:
            file.set_plan((phases[mutant.id] for mutant in ordered), ())

    return plan


def _resume(folder: Path) -> None:
    """Find out what a stopped run has left, as it does before its first trial."""
    with CampaignFile.open(folder / WHOLE, create=True) as file:
        evidence, mutants = Evidence(file), PlannedMutants(file, None)
        session: Any = SimpleNamespace(file=file, evidence=evidence, id="large", lane=0)
        session.finished_first_ids = file.finished_first_ids
        repeat = not_settled_by(session, RULES_IN_USE)
        left = left_trials(session, mutants, RULES_IN_USE, repeat)
        assert not [trial for trial in left() if trial.kind is TrialKind.MUTANT]


def _status(folder: Path) -> None:
    Campaign.open(folder / WHOLE).status()


def _report(folder: Path) -> None:
    render_tables(Campaign.open(folder / WHOLE).tables())


def _merge(folder: Path) -> None:
    merged = merge_campaigns([folder / name for name in PARTS], folder / MERGED)
    assert not merged.missing, merged


STAGES: dict[str, Callable[[Path], Callable[[], None] | None]] = {
    "make": _make,
    "plan": _plan,
    "resume": _resume,
    "status": _status,
    "report": _report,
    "make parts": _make_parts,
    "merge": _merge,
}


def measured(stage: str, folder: str, mutants: int, outcomes: int) -> dict[str, float]:
    """Return what a stage takes, or the rest that it returns, in a process of its own."""
    command = [sys.executable, __file__, str(mutants), str(outcomes), stage, folder]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def main() -> None:
    """Measure all stages, or one of them where a parent asks for it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mutants", type=int)
    parser.add_argument("outcomes", type=int)
    parser.add_argument("stage", nargs="?")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--within", type=Path)
    words = parser.parse_args()
    report.MUTANTS, report.RUNS = words.mutants, words.outcomes
    if words.stage:
        began, cpu = time.perf_counter(), time.process_time()
        if rest := STAGES[words.stage](words.folder):
            began, cpu = time.perf_counter(), time.process_time()
            rest()
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
        print(json.dumps({**spent, "megabytes": used.ru_maxrss / 1024}))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = words.within or Path(temporary)
        for name in ("planned", MERGED):
            shutil.rmtree(folder / name, ignore_errors=True)
        is_made = (folder / PARTS[-1]).exists()
        wanted = [stage for stage in STAGES if not (is_made and stage.startswith("make"))]
        sizes = words.mutants, words.outcomes
        stages = {stage: measured(stage, str(folder), *sizes) for stage in wanted}
        size = (folder / WHOLE / "campaign.sqlite").stat().st_size
    load = os.getloadavg()[1]
    row = {"mutants": words.mutants, "outcomes": words.outcomes, "bytes": size, "load": load}
    row["stages"] = stages
    print(json.dumps(row))
    if words.out:
        rows = json.loads(words.out.read_text()) if words.out.exists() else []
        words.out.write_text(json.dumps([*rows, row], indent=1) + "\n")


if __name__ == "__main__":
    main()
