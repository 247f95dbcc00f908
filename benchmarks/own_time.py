"""The tool's own time for one mutant, beside the time of the program itself."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, alternate, figure
from overhead import LIBRARY_LINE, LIMITS, counted, run_once
from subject import study_campaign
from trainwreck import Campaign
from trainwreck.campaign.session import Session
from trainwreck.model import Trial, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.run.launcher import TrialRequest, run_trial
from trainwreck.subject.settings_file import FILE_NAME, load_settings

GOAL_MS = 100.0
STUDY_RUNS = 3
SETTINGS = """
[subject]
name = "tiny"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'
"""
PROGRAM = """
right = 0
for step in range(300_000):
    right += step % 3
print("accuracy:", right / 600_000)
"""


def measure(python: str, rounds: int = 31) -> list[Figure]:
    """Measure a program of some 50 ms, bare and as a mutant; with ``python`` the study too."""
    with tempfile.TemporaryDirectory() as folder:
        figures = _tiny(Path(folder), rounds)
    if python:
        with (
            tempfile.TemporaryDirectory() as folder,
            study_campaign(python, Path(folder)) as campaign,
        ):
            figures += _study(campaign)
    return figures


def _tiny(folder: Path, rounds: int) -> list[Figure]:
    program = folder / "program"
    program.mkdir()
    (program / "train.py").write_text(PROGRAM, encoding="utf-8")
    (program / FILE_NAME).write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(program / FILE_NAME, python=sys.executable)
    campaign = Campaign(folder / "campaign", settings, cache=folder / "cache")
    with campaign, campaign.session() as session:
        # The text's last mutant lies outside the loop, so that counting it costs nothing.
        *_, last = campaign.mutants(uncovered=True)
        trial = Trial(session.id, TrialKind.MUTANT, 0, mutant=last.mutant)
        ways = {"bare": lambda: _bare(program), "mutant": lambda: _mutant(session, trial)}
        alternate(ways, 1)
        times = alternate(ways, rounds)
    bare = [1000 * sum(parts) for parts in times["bare"]]
    child, overhead, store = (
        [1000 * part for part in parts] for parts in zip(*times["mutant"], strict=True)
    )
    agent = [with_agent - without for with_agent, without in zip(child, bare, strict=True)]
    own = [sum(parts) for parts in zip(agent, overhead, store, strict=True)]
    return [
        figure("the tiny program, bare", "ms", bare),
        figure("folders, planting, clearing away", "ms", overhead),
        figure("agent, and noticing the end", "ms", agent),
        figure("storing the outcome", "ms", store),
        figure("own time per mutant", "ms", own, GOAL_MS),
    ]


def _bare(program: Path) -> tuple[float, ...]:
    """Return the seconds of ``python train.py``."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "train.py"], cwd=program, capture_output=True, check=True)
    return (time.perf_counter() - began,)


def _mutant(session: Session, trial: Trial) -> tuple[float, ...]:
    """Return the seconds of the child, of all around it, and of storing the outcome."""
    context = session.subject.context
    result = run_trial(TrialRequest(trial, LIMITS), context, Slot(0, context.work / "0"))
    if not result.outcome.exit.fine or not result.outcome.hits:
        raise SystemExit(f"the tiny program failed: {result.log.decode(errors='replace')}")
    began = time.perf_counter()
    environment = session.subject.interpreter.environment
    session.file.add_run(trial, result.outcome, result.log, environment)
    return result.outcome.seconds, result.outcome.overhead, time.perf_counter() - began


def _study(campaign: Campaign) -> list[Figure]:
    trial = counted(campaign, *LIBRARY_LINE)
    with campaign.session() as session:
        context = session.subject.context
        runs = [run_once(trial, context, (), "the study") for _ in range(STUDY_RUNS)]
    overhead = [1000 * run.overhead for run in runs]
    return [figure("Keras study: folders, planting, clearing away", "ms", overhead, GOAL_MS)]
