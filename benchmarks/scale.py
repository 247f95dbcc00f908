"""What a campaign costs its driver: processor time for each outcome, on this machine and on Ray.

python benchmarks/scale.py local JOBS MUTANTS      # runs that end at once, so that the driver works
python benchmarks/scale.py ray JOBS MUTANTS        # the same as tasks of a Ray cluster
"""

import json
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
memory = "64M"
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


def of_driver(on_ray: bool, jobs: int, mutants: int) -> dict[str, Any]:
    """Return what the driver takes for each outcome of runs that end at once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "train.py").write_text("".join(f"x{n} = {n} + 1\n" for n in range(LINES)))
        (folder / "trainwreck.toml").write_text(SETTINGS)
        settings = load_settings(folder / "trainwreck.toml", python=sys.executable)
        progress = Counting()
        campaign = Campaign(
            folder / "c", settings, jobs=jobs, progress=progress, cache=folder / "cache"
        )
        campaign.launcher, campaign.ray = Made(), "" if on_ray else None
        with campaign:
            campaign.baseline()
            campaign.plan()
            progress.stored = 0
            began, wall = time.process_time(), time.monotonic()
            campaign.run(mutants)
            cpu, wall = time.process_time() - began, time.monotonic() - wall
        size = (folder / "c" / "campaign.sqlite").stat().st_size
    number = progress.stored
    return {
        "outcomes": number,
        "driver_ms_per_outcome": 1000 * cpu / number,
        "outcomes_per_second": number / wall,
        "bytes_per_outcome": size / number,
    }


def main(what: str, jobs: int, amount: int) -> None:
    """Measure, and print one line of JSON."""
    found = of_driver(what == "ray", jobs, amount)
    print(json.dumps({"what": what, "jobs": jobs, **found}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
