"""The most memory that the tool itself holds in a campaign of 100,000 mutants."""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from figures import Figure, figure
from trainwreck.campaign.plan import make_plan
from trainwreck.campaign.run import run_campaign
from trainwreck.campaign.session import Session, open_session
from trainwreck.model import (
    Ending,
    Environment,
    Exit,
    Failure,
    Frame,
    Outcome,
    PhaseTime,
    Trial,
    TrialKind,
)
from trainwreck.results.report import report_tables
from trainwreck.results.status import read_status
from trainwreck.run.launcher import TrialResult
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import FILE_NAME, load_settings

GOAL_MB = 200.0
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
LOG = b"epoch 1: accuracy: 0.5\n" * 100


def measure(_python: str, rounds: int = 1) -> list[Figure]:
    """Each stage in a process of its own; only the parent of the runs is measured.

    Runs are made up, so that none takes any time; all else is the tool itself.
    """
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in STAGES}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _write_program(folder)
            for stage, found in measured.items():
                found.append(_in_child(stage, folder))
    figures = []
    for stage, found in measured.items():
        limit = GOAL_MB if stage in LIMITED else None
        if stage != "prepare":
            figures.append(figure(stage, "MB", (each["peak"] for each in found), limit))
            figures.append(figure(stage, "s", (each["seconds"] for each in found)))
    number = [each["planned"] for each in measured["plan"]]
    return [figure("planned mutants", "", number), *figures]


def _write_program(folder: Path) -> None:
    """A program that imports nothing, and a library of ``FILES`` files around it."""
    program = folder / "program"
    program.mkdir()
    (program / "train.py").write_text("print('accuracy:', 1 / 2)\n", encoding="utf-8")
    (program / FILE_NAME).write_text(SETTINGS, encoding="utf-8")
    for number in range(FILES):
        path = folder / "libraries" / "library" / f"package_{number // 50:02}" / f"part_{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        numbers = range(number * FUNCTIONS, (number + 1) * FUNCTIONS)
        text = "".join(FUNCTION.format(number=each) for each in numbers)
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
    found: dict[str, float] = json.loads(ended.stdout)
    return found


class Quiet:
    """Nobody wants to know how far it is."""

    def begin(self, title: str, total: int) -> None:
        """Nothing is shown."""

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Nothing is shown."""

    def say(self, text: str) -> None:
        """Nothing is shown."""

    def end(self) -> None:
        """Nothing is shown."""


def _prepare(session: Session, file: CampaignFile) -> None:
    """What clean runs leave behind: every line is executed."""
    phases = {"import", "learning"}
    executed = {
        (source.root, source.file): dict.fromkeys(
            range(1, source.path.read_bytes().count(b"\n") + 1), phases
        )
        for source in session.files
    }
    file.set_executed(executed)
    file.set_meta("metrics", ["accuracy"])
    for trial in (Trial(session.subject_id, TrialKind.CLEAN, 0, repeat=r) for r in range(6)):
        file.add_run(trial, made_up(trial).outcome, LOG, Environment("3.11.7", {}))


def _plan(session: Session, file: CampaignFile) -> None:
    make_plan(session, file, Quiet())


def _plan_again(session: Session, file: CampaignFile) -> None:
    """As in a second campaign: listings come from the cache, faster than they are drawn from."""
    file.set_plan((), ())
    make_plan(session, file, Quiet())


def _run(session: Session, file: CampaignFile) -> None:
    """All of the plan, then once more from the end, as a campaign that is taken up again."""
    with mock.patch("trainwreck.campaign.loop.run_trial", made_up):
        for _ in range(2):
            run_campaign(session, file, None, 1, Quiet(), rules=())


def _status(_desk: Session, file: CampaignFile) -> None:
    read_status(file)


def _report(_desk: Session, file: CampaignFile) -> None:
    report_tables(file)


STAGES: dict[str, Callable[[Session, CampaignFile], None]] = {
    "prepare": _prepare,
    "plan": _plan,
    "plan, listings cached": _plan_again,
    "run": _run,
    "status": _status,
    "report": _report,
}
LIMITED = ("plan", "plan, listings cached", "run")


def made_up(trial: Trial, *_: object, **__: object) -> TrialResult:
    """A finished run: a third crash, a third change the result, a third end as clean runs do."""
    number = random.Random(trial.id).randrange(3) if trial.mutant else 2
    error = None
    if number == 0:
        frames = tuple(Frame("library/package_00/part_0.py", line, "adjust") for line in range(20))
        error = Failure("ValueError", "shapes (3, 4) and (5, 6) do not fit together", frames)
    steps = () if error else tuple(f"0.{number}{step}" for step in range(10))
    names = ("preprocessing", "constructing", "learning")
    outcome = Outcome(
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
    return TrialResult(outcome, LOG, (), {})


def _peak_mb() -> float:
    """The process's largest resident size; ``ru_maxrss`` would begin at that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def main(stage: str, folder: Path) -> None:
    """One stage in this process; prints what it took."""
    settings = load_settings(folder / "program" / FILE_NAME, python=sys.executable)
    campaign = folder / "campaign"
    campaign.mkdir(exist_ok=True)
    session = open_session(settings, campaign, folder / "cache", None, print)
    began = time.perf_counter()
    with CampaignFile.open(campaign, create=True) as file:
        STAGES[stage](session, file)
        seconds = time.perf_counter() - began
        found = {"peak": _peak_mb(), "seconds": seconds, "planned": file.planned_number()}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
