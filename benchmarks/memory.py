"""The most memory that the tool itself holds in a campaign of 100,000 mutants."""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from figures import Figure, figure
from trainwreck import Campaign
from trainwreck.model import Ending, Exit, Failure, Frame, Outcome, PhaseTime, Trial, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.subject.settings_file import FILE_NAME, load_settings

GOAL_MB = 150.0
FILES = 2000
PER_FILE = 50
SETTINGS = f"""
[subject]
name = "large"
command = ["train.py"]
targets = ["app", "library"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'

[mutants]
per_file = {PER_FILE}

[trials]
clean = 1
repeats = 5
seeds = 1
"""
FUNCTION = '''
def adjust_{number}(values, width={number}, limit=0.5, strict=True):
    """Something like what libraries are made of."""
    if width > limit and values is not None:
        for index in range(len(values) - 1):
            values[index] = values[index] * limit + {number}
    if not strict or width == {number}:
        return values[-1] / width
    return [value for value in values if value in (1, 2, limit)]
'''
FUNCTIONS = 6
FILLER = "epoch 1: 9 of 10 batches\n" * 9
"""The lines between two values, so that a log is as long as usual."""


def measure(_python: str, rounds: int = 1) -> list[Figure]:
    """Measure each stage in a process of its own; no trial has a process.

    Runs are made up, so that none takes any time; all else is the tool itself.
    """
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in STAGES}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_program(folder)
            for stage, values in measured.items():
                values.append(_in_child(stage, folder))
    figures = []
    for stage, values in measured.items():
        limit = GOAL_MB if stage in LIMITED else None
        figures.append(figure(stage, "MB", (value["peak"] for value in values), limit))
        figures.append(figure(stage, "s", (value["seconds"] for value in values)))
    number = [value["planned"] for value in measured["plan"]]
    return [figure("planned mutants", "", number), *figures]


def write_program(folder: Path) -> None:
    """Write a program that imports nothing, and a library of ``FILES`` files around it."""
    program = folder / "program"
    program.mkdir()
    (program / "train.py").write_text("print('accuracy:', 1 / 2)\n", encoding="utf-8")
    (program / FILE_NAME).write_text(SETTINGS, encoding="utf-8")
    for number in range(FILES):
        path = folder / "libraries" / "library" / f"package_{number // 50:02}" / f"part_{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        numbers = range(number * FUNCTIONS, (number + 1) * FUNCTIONS)
        text = "".join(FUNCTION.format(number=name) for name in numbers)
        path.write_text(text, encoding="utf-8")
    (folder / "libraries" / "library" / "__init__.py").touch()


def _in_child(stage: str, folder: Path) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "libraries")}
    ended = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), stage, str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    values: dict[str, float] = json.loads(ended.stdout)
    return values


Covered = Mapping[str, Mapping[tuple[str, str], list[int]]]


@dataclass
class MadeUp:
    """A launcher that starts no process; runs with coverage execute what is ``covered``."""

    covered: Covered = field(default_factory=dict)

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        """Make every result alone."""
        return ([request] for request in requests)

    def launch(
        self, requests: Sequence[TrialRequest], _slot: Slot, _must_stop: MustStop
    ) -> Iterator[TrialResult]:
        """Yield a made-up result for each request."""
        for request in requests:
            covered = self.covered if request.trial.kind is TrialKind.COVERAGE else {}
            outcome = made_up(request.trial)
            yield TrialResult(request.trial, outcome, log_of(outcome), covered=covered)


def _prepare(campaign: Campaign) -> None:
    """Make clean runs that execute every line of every file."""
    with campaign.session() as session:
        lines = {
            (source.root, source.file): list(range(1, 1 + source.path.read_bytes().count(b"\n")))
            for source in session.subject.files
        }
        session.launcher = MadeUp({"import": lines, "learning": lines})
        campaign.baseline()


def _plan(campaign: Campaign) -> None:
    campaign.plan()


def _plan_again(campaign: Campaign) -> None:
    """Plan as in a second campaign: listings come from the cache, faster than they are drawn."""
    campaign.plan(())
    campaign.plan()


def _run(campaign: Campaign) -> None:
    """Run all of the plan, then once more from the end, as a campaign that is resumed."""
    for _ in range(2):
        campaign.run(rules=())


def _status(campaign: Campaign) -> None:
    campaign.status()


def _report(campaign: Campaign) -> None:
    campaign.tables()


STAGES: dict[str, Callable[[Campaign], None]] = {
    "prepare": _prepare,
    "plan": _plan,
    "plan, listings cached": _plan_again,
    "run": _run,
    "status": _status,
    "report": _report,
}
AT_WORK = frozenset(["prepare", "plan", "plan, listings cached", "run"])
LIMITED = ("plan", "plan, listings cached", "run")


def log_of(outcome: Outcome) -> bytes:
    """Return what a run with these values would have printed."""
    values = outcome.steps.get("accuracy", ())
    return "".join(f"accuracy: {value}\n{FILLER}" for value in values or [""]).encode()


def made_up(trial: Trial) -> Outcome:
    """Return a run's outcome: a third crash, a third end unlike clean runs, a third like them."""
    number = random.Random(trial.id).randrange(3) if trial.mutant else 2
    error = None
    if number == 0:
        frames = tuple(Frame("library/package_00/part_0.py", line, "adjust") for line in range(20))
        error = Failure("ValueError", "shapes (3, 4) and (5, 6) do not fit together", frames)
    steps = () if error else tuple(f"0.{number}{step}" for step in range(10))
    names = ("preprocessing", "constructing", "learning")
    return Outcome(
        trial_id=trial.id,
        exit=Exit(Ending.EXITED, 1 if error else 0),
        seconds=12.5,
        cpu_seconds=12.25,
        peak_rss=600 << 20,
        hits=1500,
        steps={"accuracy": steps},
        parameters=trial.id if number == 1 else "clean",
        error=error,
        phases=tuple(PhaseTime(name, 4.0 * turn, 4.0, 0) for turn, name in enumerate(names)),
        planted=trial.mutant is not None,
    )


def _peak_mb() -> float:
    """Return the process's largest resident size; ``ru_maxrss`` begins at that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = re.search(r"VmHWM:\s*(\d+) kB", status)
    assert peak is not None
    return int(peak[1]) / 1024


def main(stage: str, folder: Path) -> None:
    """Run one stage in this process, and print what it took."""
    settings = load_settings(folder / "program" / FILE_NAME, python=sys.executable)
    campaign = Campaign(folder / "campaign", settings, cache=folder / "cache", launcher=MadeUp())
    with campaign if stage in AT_WORK else nullcontext():
        began = time.perf_counter()
        STAGES[stage](campaign)
        seconds = time.perf_counter() - began
    with campaign.source() as source:
        values = {"peak": _peak_mb(), "seconds": seconds, "planned": source.planned}
    print(json.dumps(values))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
