"""Whole campaigns that start warm: further seeds have stems, and a wrong warm run is found."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainwreck.cli.main import run
from trainwreck.errors import ExitCode
from trainwreck.model import Draw, TrialKind
from trainwreck.model.start import STARTED, is_warm
from trainwreck.store.campaign_file import CampaignFile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone forks so")

SETTINGS = """\
[subject]
name = "warm"
command = ["train.py", "{seed}"]

[metrics.loss]
pattern = 'loss: (\\S+)'
better = "lower"
margin = 0.01

[trials]
clean = 12
seeds = 3
repeats = 1
rules = []
start = "warm"
"""
TRAIN = """\
import random
import sys
RATE = 0.1 * 2
{before}
random.seed(int(sys.argv[1]))
# phase: learning
value = 1.0
for epoch in range(3):
    value = value - RATE * value + random.random() + 0.25 * 2
print("loss:", value)
{after}
print("trainwreck: state=%r" % value)
"""
EARLY, LATE = 3, 9
PROCESS = "open('/proc/self/stat').read().split()[0]"


class Campaign:
    """A campaign of a program, with the ids of its mutants by line."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder / ".trainwreck"
        self._capsys = capsys
        assert run(["baseline", "--jobs", "1"]) == 0

    def ids(self, line: int, operator: str = "") -> list[str]:
        """Return the mutants of a line, or those of one operator there."""
        self._capsys.readouterr()
        assert run(["list", "--all", "--json"]) == 0
        mutants = map(json.loads, self._capsys.readouterr().out.splitlines())
        return sorted(
            mutant["id"]
            for mutant in mutants
            if mutant["line"] == line and operator in mutant["operator"]
        )

    def started(self) -> dict[tuple[Draw, str], bool]:
        """Return whether each run of a mutant started warm."""
        with CampaignFile.open(self.folder) as file:
            how = file.observations(STARTED)
            return {
                (draw, mutant): is_warm(how.get(outcome.trial_id))
                for draw, mutant, outcome in file.outcomes(TrialKind.MUTANT)
                if mutant is not None
            }

    def draws(self, kind: TrialKind) -> set[Draw]:
        with CampaignFile.open(self.folder) as file:
            return {draw for draw, _, _ in file.outcomes(kind)}


@pytest.fixture
def program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Campaign]:
    monkeypatch.chdir(tmp_path)

    def write(before: str = "pass", after: str = "pass") -> Campaign:
        (tmp_path / "trainwreck.toml").write_text(SETTINGS)
        (tmp_path / "train.py").write_text(TRAIN.format(before=before, after=after))
        return Campaign(tmp_path, capsys)

    return write


def test_further_seeds_start_warm_from_stems_of_their_own_and_are_checked(program: Any) -> None:
    campaign = program()
    assert run(["run", "--jobs", "1", *campaign.ids(LATE)[:6]]) == 0
    started = campaign.started()
    draws = {draw for draw, _ in started}
    assert draws == {Draw(0), Draw(1), Draw(2)}
    for draw in draws:
        ways = [is_warm for (of, _), is_warm in started.items() if of == draw]
        assert len(ways) < 3 or all(ways)
    assert campaign.draws(TrialKind.STEM) == draws
    assert len(campaign.draws(TrialKind.AUDIT)) == 2


# No function that the agent watches reads this id, and the first child without a bug forks before.
MARK = f"mark = {PROCESS}"


def test_a_stem_whose_last_clean_child_ends_otherwise_proves_nothing(program: Any) -> None:
    campaign = program(MARK, f"if mark != {PROCESS}: print('loss:', 5)")
    ids = [*campaign.ids(EARLY)[:2], *campaign.ids(LATE)[:4]]
    assert run(["run", "--jobs", "1", *ids]) == 0
    assert not any(campaign.started().values())
    with CampaignFile.open(campaign.folder) as file:
        ends = {stem["ended"] for stem in file.observations("stem").values()}
    assert ends == {"its stem ended otherwise than clean runs"}


def test_a_warm_run_that_ends_otherwise_than_its_cold_one_stops_the_campaign(
    program: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = f"{MARK}\nother = 4 - 4 + 6 - 6", f"if other and mark != {PROCESS}:"
    campaign = program(before, f"{after} print('loss:', 5)")
    ids = campaign.ids(5, "NVR")
    command = ["run", "--jobs", "1", *ids]
    assert run(command) == ExitCode.AUDIT
    assert "ended otherwise after a warm start" in capsys.readouterr().err
    assert campaign.started() == {}
    assert run(command) == 0
    assert not any(campaign.started().values())
    assert {mutant for _, mutant in campaign.started()} == set(ids)
