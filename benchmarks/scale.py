"""What a campaign costs its driver: processor time for each outcome, on this machine and on Ray.

python benchmarks/scale.py local JOBS MUTANTS      # runs that end at once, so that the driver works
python benchmarks/scale.py ray JOBS MUTANTS        # the same as tasks of a Ray cluster
python benchmarks/scale.py local JOBS MUTANTS 20   # trainings in processes, which sleep 20 seconds
python benchmarks/scale.py local JOBS MUTANTS 20 --out FILE     # adds the result to a JSON file
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck import Campaign
from trainwreck.campaign.progress import NoProgress
from trainwreck.model import APP, Ending, Exit, Outcome, PhaseTime, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.subject.settings_file import load_settings

LINES = 4000
SLEEP = "SCALE_SLEEP"
SLEEPING = f"""
import os, time
time.sleep(float(open(os.environ["{SLEEP}"]).read()))
print("loss: 1.0")
"""
SETTINGS = """
[subject]
name = "scale"
command = ["train.py"]

[metrics.loss]
pattern = 'loss: (\\S+)'

[mutants]
per_file = 100000

[trials]
clean = 2
repeats = 1
seeds = 1
rules = []
memory = "{memory}"
timeout_factor = 100000
"""


@dataclass
class Made:
    """A launcher without processes, whose outcomes have the facts of a short training."""

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        """Launch every trial alone."""
        return ([request] for request in requests)

    def launch(
        self,
        requests: Sequence[TrialRequest],
        slot: Slot,  # noqa: ARG002
        must_stop: MustStop,  # noqa: ARG002
    ) -> Iterator[TrialResult]:
        """Yield an outcome at once."""
        for request in requests:
            trial = request.trial
            bug = trial.mutant.id if trial.mutant and int(trial.mutant.id, 16) % 2 else ""
            steps = {"loss": tuple(f"{0.9 / (step + 1):.6f}{bug[:2]}" for step in range(20))}
            outcome = Outcome(
                trial_id=trial.id,
                exit=Exit(Ending.EXITED, 0),
                seconds=1.0,
                cpu_seconds=1.0,
                peak_rss=1 << 27,
                hits=1 if trial.mutant else 0,
                steps=steps,
                parameters=f"clean {bug}",
                error=None,
                phases=(PhaseTime("learning", 0.1, 0.1, 0),),
                planted=bool(trial.mutant),
            )
            log = "".join(f"loss: {value}\n" for value in steps["loss"]).encode()
            lines = list(range(1, LINES + 1))
            covered = {"learning": {(APP, "train.py"): lines}}
            is_measured = trial.kind is TrialKind.COVERAGE
            yield TrialResult(trial, outcome, log, covered=covered if is_measured else {})


class Counting(NoProgress):
    """Counts the outcomes that were stored."""

    stored = 0

    def finished(self, trial: Any, outcome: Any) -> None:  # noqa: ARG002
        """Count one."""
        self.stored += 1


class Share:
    """How much of a processor a thread gets that always wants one, while other work runs."""

    def __init__(self, seconds: float = 2.0) -> None:
        began, cpu = time.monotonic(), time.thread_time()
        while time.monotonic() < began + seconds:
            pass
        self.value = (time.thread_time() - cpu) / (time.monotonic() - began)


def of_driver(on_ray: bool, jobs: int, mutants: int, sleep: float) -> dict[str, Any]:
    """Return what the driver takes for each outcome.

    Args:
        on_ray: Whether the trials are tasks of a Ray cluster.
        jobs: The number of slots.
        mutants: The number of planned mutants to run.
        sleep: Seconds that each training sleeps, in a process; 0 for runs that end at once.

    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = "".join(f"x{n} = {n} + 1\n" for n in range(LINES))
        (folder / "train.py").write_text(lines + (SLEEPING if sleep else ""))
        memory = "100M" if sleep else "64M"
        (folder / "trainwreck.toml").write_text(SETTINGS.format(memory=memory))
        asked = folder / "sleep"
        asked.write_text("0")
        os.environ[SLEEP] = str(asked)
        settings = load_settings(folder / "trainwreck.toml", python=sys.executable)
        progress = Counting()
        campaign = Campaign(
            folder / "c", settings, jobs=jobs, progress=progress, cache=folder / "cache"
        )
        campaign.launcher, campaign.ray = None if sleep else Made(), "" if on_ray else None
        with campaign:
            campaign.baseline()
            campaign.plan()
            asked.write_text(str(sleep))
            before, share = progress.stored, Share()
            began, wall = time.process_time(), time.monotonic()
            children = resource.getrusage(resource.RUSAGE_CHILDREN)
            campaign.run(mutants)
            cpu, wall = time.process_time() - began, time.monotonic() - wall
            ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        size = (folder / "c" / "campaign.sqlite").stat().st_size
    number = progress.stored - before
    return {
        "outcomes": number,
        "wall": wall,
        "driver_cpu": cpu,
        "children_cpu": ended.ru_utime + ended.ru_stime - children.ru_utime - children.ru_stime,
        "share": (share.value + Share().value) / 2,
        "driver_ms_per_outcome": 1000 * cpu / number,
        "outcomes_per_second": number / wall,
        "bytes_per_outcome": size / number,
    }


def main() -> None:
    """Measure, and print one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("local", "ray"))
    parser.add_argument("jobs", type=int)
    parser.add_argument("mutants", type=int)
    parser.add_argument("sleep", type=float, nargs="?", default=0.0)
    parser.add_argument("--out", type=Path)
    words = parser.parse_args()
    found = of_driver(words.what == "ray", words.jobs, words.mutants, words.sleep)
    row = {"what": words.what, "jobs": words.jobs, "sleep": words.sleep, **found}
    row["load"] = os.getloadavg()[0]
    print(json.dumps(row))
    if words.out:
        rows = json.loads(words.out.read_text()) if words.out.exists() else []
        words.out.write_text(json.dumps([*rows, row], indent=1) + "\n")


if __name__ == "__main__":
    main()
