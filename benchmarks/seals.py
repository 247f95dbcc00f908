"""The cost of seals: for each run that is stored, and for the checks of a campaign's records."""

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from figures import Figure, alternate, figure
from memory import log_of, made_up
from trainwreck.model import Environment, Trial, TrialKind
from trainwreck.store import connecting
from trainwreck.store.campaign_file import CampaignFile, verify_campaign

RUNS = 1000
ENVIRONMENT = Environment("3.11", {"keras": "3.15.1"})
DIGEST = "digest"
"""The file beside a campaign's that lets a command check it at once."""


def measure(_python: str, rounds: int = 5) -> list[Figure]:
    """Measure processor time: of storing, per run, and of checks, per 1,000 runs."""
    with TemporaryDirectory() as name:
        numbers = count()
        folders = (Path(name) / str(number) for number in numbers)
        sealed, bare = (lambda: stored(next(folders))), (lambda: stored_without(next(folders)))
        storing = alternate({"with": sealed, "without": bare}, rounds)
        whole = Path(name) / "whole"
        stored(whole)
        ways = {
            "opening, the digest of the file fits": lambda: opened(whole),
            "opening, no digest": lambda: opened(whole, has_digest=False),
            "verify": lambda: seconds_of(lambda: verify_campaign(whole)),
        }
        checking = alternate(ways, rounds)
    added = [one - other for one, other in zip(storing["with"], storing["without"], strict=True)]
    milliseconds = {
        "storing a run, all of it": storing["with"],
        "storing a run, its seals": added,
    }
    return [
        *(figure(what, "ms", (v * 1000 / RUNS for v in s)) for what, s in milliseconds.items()),
        *(figure(what, "ms per 1,000 runs", map(_scaled, s)) for what, s in checking.items()),
    ]


def _scaled(seconds: float) -> float:
    """Return the milliseconds for 1,000 runs."""
    return seconds * 1000 * 1000 / RUNS


def seconds_of(step: Callable[[], object]) -> float:
    """Return the processor seconds of a step."""
    began = time.process_time()
    step()
    return time.process_time() - began


def stored(folder: Path) -> float:
    """Store clean runs in a new campaign, each in a transaction; return processor seconds."""
    folder.mkdir()
    trials = [Trial("large", TrialKind.CLEAN, seed) for seed in range(RUNS)]
    outcomes = [made_up(trial) for trial in trials]
    with CampaignFile.open(folder, create=True) as file:
        began = time.process_time()
        for trial, outcome in zip(trials, outcomes, strict=True):
            file.add_run(trial, outcome, log_of(outcome), ENVIRONMENT)
        return time.process_time() - began


def stored_without(folder: Path) -> float:
    """Store the same without the triggers that keep seals."""
    with patch.object(connecting, "keep_seals"):
        return stored(folder)


def opened(folder: Path, *, has_digest: bool = True) -> float:
    """Open a campaign to read it, which checks it first; return processor seconds."""
    digest = folder / DIGEST
    kept = digest.read_bytes()
    if not has_digest:
        digest.unlink()
    try:
        return seconds_of(lambda: _read(folder))
    finally:
        digest.write_bytes(kept)


def _read(folder: Path) -> None:
    with CampaignFile.open(folder) as file:
        file.meta("subject")
