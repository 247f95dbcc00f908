"""Runs that cannot go on end early, and slow ones are left alone: a campaign of four mutants."""

import json
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from trainwreck.cli.main import run
from trainwreck.model import Ending, Outcome, Stuck, TrialKind
from trainwreck.store.campaign_file import CampaignFile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the rule needs Linux")

SETTINGS = """\
[subject]
name = "stuck"
command = ["train.py"]

[metrics.loss]
pattern = 'loss: (\\S+)'

[trials]
clean = 1
repeats = 1
seeds = 1
start = "{start}"
"""
TRAIN = """\
import threading
import time

lock, held = threading.Lock(), False
if held:
    lock.acquire()
# phase: learning
lock.acquire()
left = 1.0
while left > 0.5:
    left = left * 0.5 if True else left
number = 0
while number < 9:
    number += 1
print("loss:", number / 20)
# phase: testing
slow = False
sorted([0] * (240 if slow else 3), key=lambda item: time.sleep(0.02) or item)
"""
MUTANTS = {
    "asleep": (4, "BVR"),
    "unchanging": (11, "BVR"),
    "runaway": (14, "AsOR"),
    "slow": (17, "BVR"),
}


@dataclass(frozen=True)
class Campaign:
    """A campaign in which the four mutants have run, with their ids, and how they start."""

    folder: Path
    ids: dict[str, str]
    start: str

    def outcome_of(self, name: str) -> Outcome:
        with CampaignFile.open(self.folder / ".trainwreck") as file:
            outcomes = {mutant: outcome for _, mutant, outcome in file.outcomes(TrialKind.MUTANT)}
        return outcomes[self.ids[name]]


@pytest.fixture(scope="module", params=["cold", "warm"])
def campaign(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("stuck")
    (folder / "trainwreck.toml").write_text(SETTINGS.format(start=request.param))
    (folder / "train.py").write_text(TRAIN)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["baseline", "--jobs", "2"]) == 0
        ids = listed_ids()
        assert run(["run", "--jobs", "2", *ids.values()]) == 0
    return Campaign(folder, ids, request.param)


def listed_ids() -> dict[str, str]:
    listed = StringIO()
    with redirect_stdout(listed):
        assert run(["list", "--all", "--json"]) == 0
    mutants = [json.loads(line) for line in listed.getvalue().splitlines()]
    return {
        name: next(m["id"] for m in mutants if (m["line"], m["operator"]) == place)
        for name, place in MUTANTS.items()
    }


@pytest.mark.parametrize("why", ["asleep", "unchanging", "runaway"])
def test_a_run_that_is_stuck_ends_before_its_limit(campaign: Campaign, why: str) -> None:
    outcome = campaign.outcome_of(why)
    stuck = Stuck.read(outcome.observations)
    assert outcome.exit.ending is Ending.STUCK
    assert stuck
    assert stuck.why == why


STARTED = {
    "asleep": "its warm run ended at: stuck",
    "unchanging": "warm",
    "runaway": "warm",
    "slow": "warm",
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_warm_child_that_is_stuck_is_believed_unless_it_sleeps(
    campaign: Campaign, name: str
) -> None:
    started = campaign.outcome_of(name).observations.get("started", {})
    how = started.get("why", started.get("how", "cold"))
    assert how == (STARTED[name] if campaign.start == "warm" else "cold")


def test_a_slow_run_ends_by_itself(campaign: Campaign) -> None:
    assert campaign.outcome_of("slow").exit.fine


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("asleep", "none of them would have woken"),
        ("unchanging", "It ran in circles"),
        ("runaway", "where a clean run does"),
    ],
)
def test_a_verdict_says_how_the_run_was_stuck(
    campaign: Campaign,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    sentence: str,
) -> None:
    monkeypatch.chdir(campaign.folder)
    assert run(["show", campaign.ids[name]]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "hang" in shown
    assert sentence in shown
