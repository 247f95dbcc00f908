"""The processors that runs on this machine are bound to: one for each thread of the program."""

import os
import sys
from pathlib import Path

import pytest

from trainwreck import Campaign
from trainwreck.campaign.progress import NoProgress
from trainwreck.model import TrialKind
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import FILE_NAME, load_settings

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform != "linux", reason="this system binds no process"),
    pytest.mark.usefixtures("no_process_is_left"),
]

HERE = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
TRAIN = """\
import os, subprocess, sys
count = "import os; print('processors:', len(os.sched_getaffinity(0)))"
subprocess.run([sys.executable, "-c", count], check=True)
exec(count)
"""
SETTINGS = """\
[subject]
name = "counting"
command = ["train.py"]
threads = {threads}
pin = {pin}

[metrics.processors]
pattern = 'processors: (\\S+)'

[trials]
clean = 1
repeats = 1
seeds = 1
"""


class Said(NoProgress):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)


@pytest.mark.parametrize(
    ("threads", "jobs", "pin", "expected", "is_said"),
    [
        (1, 1, "true", 1, False),
        (2, 1, "true", min(2, HERE), HERE < 2),
        (2, HERE, "true", HERE, True),
        (1, 1, "false", HERE, False),
        (2, HERE, "false", HERE, False),
    ],
)
def test_a_run_of_the_local_engine_has_as_many_processors_as_threads(
    threads: int, jobs: int, pin: str, expected: int, is_said: bool, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / FILE_NAME).write_text(SETTINGS.format(threads=threads, pin=pin))
    settings, said = load_settings(tmp_path / FILE_NAME, python=sys.executable), Said()
    how = {"jobs": jobs, "progress": said, "cache": tmp_path / "cache"}
    with Campaign(tmp_path / "campaign", settings, **how) as campaign:
        campaign.baseline()
    with CampaignFile.open(tmp_path / "campaign") as file:
        found = [outcome.steps["processors"] for *_, outcome in file.outcomes(TrialKind.CLEAN)]
    assert set(found) == {(str(expected),) * 2}
    need = f"{jobs} at a time with {threads} threads each need {jobs * threads}"
    assert any(need in sentence for sentence in said.sentences) == is_said
