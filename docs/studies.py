"""Runs the campaigns of docs/studies.md, or writes the page from them.

    python docs/studies.py run FOLDER [STUDY …]
    python docs/studies.py page FOLDER > docs/studies.md

FOLDER gets one campaign per study, resumable like any other, with ten seeds, twenty-one clean runs
with the first seed, and forty mutants at `quick`; and one of clean runs alone at `paper` where
``AT_PAPER`` says so.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from trainwreck.campaign import make_plan, open_desk, run_baseline, run_campaign
from trainwreck.cli.context import cache_folder, studies
from trainwreck.cli.progress import LiveProgress
from trainwreck.config import FILE_NAME, load_settings
from trainwreck.store import CampaignFile, campaign_lock

SEEDS = 10
SAME_SEED = int(os.environ.get("SAME_SEED", "21"))
MUTANTS = int(os.environ.get("MUTANTS", "40"))
AT_PAPER = {"keras-2.3": SEEDS}
JOBS = 2


def run(folder: Path, study: str, profile: str | None, clean: int, mutants: int) -> None:
    """One campaign, from wherever it stands."""
    settings = load_settings(studies()[study] / FILE_NAME, profile)
    trials = replace(settings.trials, clean=clean, seeds=SEEDS)
    settings = replace(settings, trials=trials)
    campaign = folder / f"{study}-{profile or 'quick'}"
    progress = LiveProgress(("accuracy",))
    with campaign_lock(campaign), CampaignFile.open(campaign, create=True) as file:
        desk = open_desk(settings, campaign, cache_folder(), None, progress.say)
        run_baseline(desk, file, JOBS, progress)
        if mutants:
            make_plan(desk, file, progress)
            run_campaign(desk, file, mutants, JOBS, progress)


def main(task: str, folder: str, *names: str) -> None:
    """Run campaigns one after the other, or write the page."""
    for study in names or studies():
        if task == "run":
            run(Path(folder), study, None, SEEDS + SAME_SEED - 1, MUTANTS)
        elif study in AT_PAPER:
            run(Path(folder), study, "paper", AT_PAPER[study], 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
