"""Runs thousands of trials in one process, and measures whether the process grows.

    python tests/chaos/soak.py --trials 10000 --out FILE

Each trial is a real one of a tiny program, contained at the level that the machine gives, and
stored as a campaign stores it.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from made import keep
from trainwreck import Campaign
from trainwreck.campaign.session import Session
from trainwreck.model import Mutant, Trial, TrialKind
from trainwreck.run.limits import Limits
from trainwreck.subject.settings_file import FILE_NAME, load_settings

SETTINGS = """
[subject]
name = "soak"
command = ["train.py"]

[metrics.loss]
pattern = 'loss: (\\S+)'

[trials]
clean = 1
repeats = 1
seeds = 1
"""
PROGRAM = "loss = 1 + 2\nprint('loss:', loss)\n"
LIMITS = Limits(seconds=120, cpu_seconds=120, memory=1 << 30)
POINTS = 50
MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Point:
    """What the process has and does after a number of trials; ``rate`` is in trials per second.

    ``memory`` is the resident size in MB, ``work`` the number of files below the folder of slots,
    ``seconds`` the wall time since the beginning, and ``cpu`` the processor seconds of a trial,
    the program's own apart.
    """

    trials: int
    memory: float
    descriptors: int
    threads: int
    processes: int
    work: int
    rate: float
    cpu: float
    seconds: float


def soak(trials: int, jobs: int, folder: Path, level: str = "") -> Iterator[Point]:
    """Yield what the process is like, ``POINTS`` times in the course of the trials.

    Args:
        trials: The number of trials.
        jobs: The number at a time.
        folder: Where the program and its campaign are made.
        level: The level of containment; empty for the best of this machine.

    """
    program = folder / "program"
    program.mkdir()
    (program / "train.py").write_text(PROGRAM, encoding="utf-8")
    (program / FILE_NAME).write_text(
        SETTINGS + (f'containment = "{level}"\n' if level else ""), encoding="utf-8"
    )
    settings = load_settings(program / FILE_NAME, python=sys.executable)
    campaign = Campaign(folder / "campaign", settings, jobs=jobs, cache=folder / "cache")
    with campaign, campaign.session() as session:
        campaign.baseline()
        mutant = next(campaign.mutants(uncovered=True)).mutant
        yield from _points(session, mutant, trials)


def _points(session: Session, mutant: Mutant, trials: int) -> Iterator[Point]:
    every = max(1, trials // POINTS)
    began = last = time.monotonic()
    cpu_before = _own_cpu()
    planned = (
        Trial(session.id, TrialKind.MUTANT, number, mutant=mutant) for number in range(trials)
    )
    for number, result in enumerate(session.execute(planned, LIMITS), 1):
        if not result.outcome.exit.fine:
            raise SystemExit(f"trial {number} ended badly: {result.outcome.exit}")
        if number % every == 0:
            now, cpu = time.monotonic(), _own_cpu()
            rates = every / (now - last), (cpu - cpu_before) / every
            yield _point(session, number, *rates, now - began)
            last, cpu_before = now, cpu


def _own_cpu() -> float:
    """Return the processor seconds of this process without its children."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


def _point(session: Session, number: int, rate: float, cpu: float, seconds: float) -> Point:
    process = psutil.Process()
    work = session.subject.context.work
    return Point(
        trials=number,
        memory=round(process.memory_info().rss / MB, 2),
        descriptors=process.num_fds(),
        threads=threading.active_count(),
        processes=len(process.children(recursive=True)),
        work=sum(len(files) for _, _, files in os.walk(work)),
        rate=round(rate, 3),
        cpu=round(cpu, 5),
        seconds=round(seconds, 1),
    )


def main() -> None:
    """Soak, and keep the points."""
    parser = argparse.ArgumentParser(description="Run thousands of trials in one process.")
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--level", default="")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    points = []
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        for point in soak(asked.trials, asked.jobs, Path(folder), asked.level):
            points.append(asdict(point))
            print(point, flush=True)
            if asked.out:
                keep(asked.out, {"jobs": asked.jobs, "points": points})


if __name__ == "__main__":
    main()
