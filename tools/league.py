"""Measures detectors that people can install, on the studies `torch` and `keras`; hours.

``python tools/league.py torch`` puts the program and the adapters of ``studies/league`` into a
folder, and goes on from ``results/league/torch.jsonl.xz`` where this machine has no campaign yet.
It runs mutants in batches, first those that are likely to matter, then those of the plan, and
after each batch every bug that changes the result with all detectors. Then it writes the export
again and beside it ``torch.json``: what detectors cost, and the reasons of their alarms. Ctrl-C
ends it; the same command goes on.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import mean
from typing import Any

from trainwreck import Campaign
from trainwreck.model import APP, Rung, Selection, TrialKind
from trainwreck.results.judged_campaign import judge_mutants
from trainwreck.store.campaign_file import FILE_NAME as CAMPAIGN_FILE
from trainwreck.subject.preparation import interpreter_of
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import cache_folder

ROOT = Path(__file__).resolve().parents[1]
STUDIES = ROOT / "studies"
RESULTS = ROOT / "results" / "league"
CHECK = "watched"
BATCH = 60
COST = re.compile(r"^cost of (\S+): (\S+) s$", re.MULTILINE)
ALARM = re.compile(r"^alarm of (\S+): (.*)$", re.MULTILINE)


def main() -> None:
    """Measure what is named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("study", choices=["torch", "keras"])
    parser.add_argument("--mutants", type=int, default=400, metavar="N")
    parser.add_argument("--folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--export", action="store_true", help="write what there is, and run nothing"
    )
    options = parser.parse_args()
    study, folder = options.study, options.folder or cache_folder() / "league" / options.study
    campaign = folder / ".trainwreck"
    if not options.export:
        assemble(study, folder)
        measure(study, folder, campaign, options.mutants)
    export(study, campaign)


def assemble(study: str, folder: Path) -> None:
    """Put the program of a study, and the adapters and settings for it, into a folder."""
    for source in (STUDIES / study, STUDIES / "league" / study):
        ignored = shutil.ignore_patterns("__pycache__", ".trainwreck*")
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=ignored)


def measure(study: str, folder: Path, campaign: Path, mutants: int) -> None:
    """Run mutants in batches, and after each the bugs among them with the detectors."""
    before = RESULTS / f"{study}.jsonl.xz"
    if before.is_file() and not (campaign / CAMPAIGN_FILE).is_file():
        Campaign.import_records(before, campaign)
    trainwreck(folder, "run", "--mutants", "1", "--jobs", "1")  # makes baseline and plan
    make_golden(folder)
    first = likely(folder)
    for start in range(0, len(first), BATCH):
        run_only(folder, first[start : start + BATCH])
        watch(study, folder, campaign)
    for number in (*range(BATCH, mutants, BATCH), mutants):
        trainwreck(folder, "run", "--mutants", str(number), "--jobs", "1")
        watch(study, folder, campaign)


def watch(study: str, folder: Path, campaign: Path) -> None:
    """Run the bugs that change the result with the detectors, and write the export."""
    trainwreck(folder, "run", "--check", CHECK, "--jobs", "1")
    run_only(folder, chosen_bugs(campaign), "--check", CHECK)
    export(study, campaign)


def export(study: str, campaign: Path) -> None:
    """Write what the campaign has, and what the output of its watched runs says."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    written = RESULTS / f"{study}.jsonl.xz"
    new = written.with_name("new-" + written.name)
    Campaign.open(campaign).export(new)
    new.replace(written)
    file = RESULTS / f"{study}.json"
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    said = {name: {**before.get(name, {}), **seen} for name, seen in seen_in(campaign).items()}
    file.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def trainwreck(folder: Path, *words: str, given: str | None = None, **options: Any) -> str:
    """Run a command of trainwreck in a folder; return what it printed where that is captured."""
    command = [sys.executable, "-m", "trainwreck", *words]
    run = subprocess.run(command, cwd=folder, check=True, text=True, input=given, **options)
    return str(run.stdout)


def run_only(folder: Path, mutants: Sequence[str], *words: str) -> None:
    """Run these mutants, one trial at a time."""
    if mutants:
        ids = "\n".join(mutants)
        trainwreck(folder, "run", "--only", "-", *words, "--jobs", "1", given=ids)


def likely(folder: Path) -> list[str]:
    """Return drawn mutants of the program, and of lines that run while it learns, at random.

    Few of a plan's mutants change a result. These are likely to; their order is by hashes.
    """
    printed = trainwreck(folder, "list", "--json", stdout=subprocess.PIPE)
    mutants = [fields for fields in map(json.loads, printed.splitlines()) if "phases" in fields]
    ids = [each["id"] for each in mutants if each["root"] == APP or "learning" in each["phases"]]
    return sorted(ids, key=lambda mutant: sha256(mutant.encode()).hexdigest())


def chosen_bugs(campaign: Path) -> list[str]:
    """Return the mutants out of turn that change the result: a check leaves them out by itself."""
    with Campaign.open(campaign).source() as source:
        judged = {
            selection: judge_mutants(source.evidence, selection).judged for selection in Selection
        }
    drawn = {item.mutant.id for item in judged[Selection.SAMPLE]}
    return [
        item.mutant.id
        for item in judged[Selection.CHOSEN]
        if item.verdict.rung is Rung.PROPAGATED and item.mutant.id not in drawn
    ]


def make_golden(folder: Path) -> None:
    """Let plugins of pytest keep golden values, where there are none: numbers, then arrays."""
    settings = load_settings(folder / FILE_NAME)
    check = next(each for each in settings.checks if each.name == CHECK)
    tests = list((folder / CHECK).glob("test_*.py"))
    if not tests or any((folder / CHECK).glob("test_*/*.npz")):
        return
    python = interpreter_of(settings, cache_folder(), print)
    data = next((cache_folder() / "data").iterdir())
    values = {"{data}": str(data), "{seed}": "0"}
    command = [python, *(values.get(word, word) for word in check.command)]
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **limits, "PYTHONHASHSEED": "0"}
    for made in ("make", ""):
        subprocess.run(command, cwd=folder, env={**environment, "LEAGUE_GOLDEN": made}, check=True)


def seen_in(campaign: Path) -> dict[str, Any]:
    """Return what the output of the watched runs says: seconds by detector, reasons by mutant."""
    costs: dict[str, list[float]] = {}  # of runs in which the detector had something to do
    alarms: dict[str, dict[str, str]] = {}
    with Campaign.open(campaign).source() as source:
        for _, mutant, run in source.file.outcomes(TrialKind.CHECK):
            log = source.file.log(run.trial_id)
            if mutant is None:
                for name, seconds in COST.findall(log):
                    costs.setdefault(name, []).extend([float(seconds)] if float(seconds) else [])
            reasons: Iterable[tuple[str, str]] = ALARM.findall(log)
            for name, reason in reasons:
                alarms.setdefault(mutant or f"clean {run.trial_id}", {}).setdefault(name, reason)
    return {
        "seconds": {name: round(mean(each or [0.0]), 3) for name, each in costs.items()},
        "alarms": alarms,
    }


if __name__ == "__main__":
    main()
