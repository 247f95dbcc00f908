"""The tool's own time for one mutant, beside the time of the program itself."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, alternate, figure
from overhead import LIBRARY_LINE, LIMITS, counted, run_once
from subject import open_study, say
from trainwreck.campaign.session import Session, open_session
from trainwreck.model import Trial, TrialKind
from trainwreck.mutants.catalogue import list_files
from trainwreck.run.launcher import run_trial
from trainwreck.store.campaign_file import CampaignFile
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
    """A program of some 50 ms, bare and as a mutant; the study too where there is ``python``."""
    with tempfile.TemporaryDirectory() as folder:
        found = _tiny(Path(folder), rounds)
    if python:
        with tempfile.TemporaryDirectory() as folder:
            found += _study(open_study(python, Path(folder)))
    return found


def _tiny(folder: Path, rounds: int) -> list[Figure]:
    program = folder / "program"
    program.mkdir()
    (program / "train.py").write_text(PROGRAM, encoding="utf-8")
    (program / FILE_NAME).write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(program / FILE_NAME, python=sys.executable)
    session = open_session(settings, folder / "campaign", folder / "cache", None, say)
    session.context.campaign.mkdir()
    with CampaignFile.open(session.context.campaign, create=True) as file:
        trial = _last_mutant(session)
        ways = {"bare": lambda: _bare(program), "mutant": lambda: _mutant(session, file, trial)}
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


def _last_mutant(session: Session) -> Trial:
    """The text's last mutant lies outside the loop, so that counting it costs nothing."""
    operators = session.settings.mutants.operators
    (listing,) = list_files(session.files, session.interpreter, operators, session.cache)
    return Trial(session.subject_id, TrialKind.MUTANT, 0, mutant=listing.mutants[-1])


def _bare(program: Path) -> tuple[float]:
    """Seconds of ``python train.py``."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "train.py"], cwd=program, capture_output=True, check=True)
    return (time.perf_counter() - began,)


def _mutant(session: Session, file: CampaignFile, trial: Trial) -> tuple[float, float, float]:
    """Seconds of the child, of everything around it, and of storing the outcome."""
    finished = run_trial(trial, session.context, LIMITS, 0, None)
    if not finished.outcome.exit.fine or not finished.outcome.hits:
        raise SystemExit(f"the tiny program failed: {finished.log.decode(errors='replace')}")
    began = time.perf_counter()
    file.add_run(trial, finished.outcome, finished.log, session.interpreter.environment)
    return finished.outcome.seconds, finished.outcome.overhead, time.perf_counter() - began


def _study(session: Session) -> list[Figure]:
    trial = counted(session, *LIBRARY_LINE)
    runs = [run_once(trial, session.context, None, "the study") for _ in range(STUDY_RUNS)]
    overhead = [1000 * run.overhead for run in runs]
    return [figure("Keras study: folders, planting, clearing away", "ms", overhead, GOAL_MS)]
