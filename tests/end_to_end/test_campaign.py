"""The public object `Campaign`, with a launcher that makes up the results of runs."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from build import outcome
from exchanging import CRASHED
from trainwreck import Campaign
from trainwreck.errors import Paused, UsageError
from trainwreck.model import APP, PlannedMutant, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import FILE_NAME, load_settings

SETTINGS = """
[subject]
name = "two"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'

[trials]
clean = 2
repeats = 1
seeds = 1
"""
TRAIN = "import other\nx = 1 + 2\nif not x:\n    x = 3 * 4\n"
OTHER = "y = 5 / 6\n"
EXECUTED = {"learning": {(APP, "train.py"): [1, 2, 3], (APP, "other.py"): [1]}}


@dataclass
class MadeUp:
    """A launcher without processes; ``requests`` are all that it was asked for."""

    requests: list[TrialRequest] = field(default_factory=list)

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        return ([request] for request in requests)

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        for request in requests:
            self.requests.append(request)
            trial = request.trial
            covered = EXECUTED if trial.kind is TrialKind.COVERAGE else {}
            yield TrialResult(trial, replace(outcome(), trial_id=trial.id), covered=covered)

    def kinds(self) -> list[TrialKind]:
        return [request.trial.kind for request in self.requests]


@pytest.fixture
def work(tmp_path: Path, cache: Path) -> Iterator[Campaign]:
    program = tmp_path / "program"
    program.mkdir()
    for name, text in ((FILE_NAME, SETTINGS), ("train.py", TRAIN), ("other.py", OTHER)):
        (program / name).write_text(text)
    settings = load_settings(program / FILE_NAME, python=sys.executable)
    campaign = Campaign(tmp_path / "campaign", settings, cache=cache, launcher=MadeUp())
    with campaign:
        campaign.baseline()
        yield campaign


def kinds(campaign: Campaign) -> list[TrialKind]:
    assert isinstance(campaign.launcher, MadeUp)
    return campaign.launcher.kinds()


def test_campaign_plan_takes_chosen_mutants_in_their_order(work: Campaign) -> None:
    assert work.plan() > 2
    listed = [item.mutant for item in work.mutants(uncovered=True)]
    never = next(mutant for mutant in listed if mutant.original == "*")
    last = next(mutant for mutant in listed if mutant.file == "other.py")
    first = next(mutant for mutant in listed if mutant.original == "+")
    assert work.plan([last, never, first]) == 2
    planned = list(work.mutants())
    assert planned == [PlannedMutant(last, ("learning",)), PlannedMutant(first, ("learning",))]


def test_campaign_mutants_lists_only_the_given_files(work: Campaign) -> None:
    work.plan()
    for ways in ({}, {"sources": True}, {"uncovered": True}):
        files = {item.mutant.file for item in work.mutants(**ways)}
        assert files == {"train.py", "other.py"}
        files = {item.mutant.file for item in work.mutants(**ways, files=["other.py"])}
        assert files == {"other.py"}


def test_campaign_probe_watches_all_planned_mutants_and_runs_none(work: Campaign) -> None:
    work.plan()
    work.probe()
    assert kinds(work).count(TrialKind.PROBE) == 1
    assert TrialKind.MUTANT not in kinds(work)
    with work.source() as source:
        assert source.file.probes().keys() == {item.mutant.id for item in work.mutants()}
    work.probe()
    assert kinds(work).count(TrialKind.PROBE) == 1


def test_campaign_read_baseline_sums_up_without_a_run(work: Campaign) -> None:
    before = kinds(work)
    read = Campaign.open(work.folder).read_baseline()
    assert read == work.baseline()
    assert read.runs == before.count(TrialKind.CLEAN) > 2
    assert kinds(work) == before


def test_campaign_read_audits_returns_those_made_so_far(campaign: Path) -> None:
    (audited,) = Campaign.open(campaign).read_audits()
    assert audited.disagreement is None


def test_campaign_read_audits_refuses_a_campaign_without_clean_runs(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True):
        pass
    with pytest.raises(UsageError, match="no clean run"):
        Campaign.open(tmp_path).read_audits()


def test_campaign_mutants_are_listed_before_there_is_a_campaign_file(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print('accuracy:', 1 + 2)\n")
    (tmp_path / "trainwreck.toml").write_text(
        "[subject]\nname = 'x'\ncommand = ['train.py']\n[metrics.accuracy]\npattern = 'y: (.*)'\n"
    )
    (tmp_path / ".trainwreck").mkdir()
    campaign = Campaign.create(tmp_path / "trainwreck.toml")
    assert {item.mutant.file for item in campaign.mutants(uncovered=True)} == {"train.py"}


def test_show_prints_a_message_that_is_no_text(campaign: Path) -> None:
    command = [sys.executable, "-m", "trainwreck", "--campaign", str(campaign), "show", CRASHED.id]
    shown = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "ValueError" in shown.stdout


def test_campaign_pauses_where_its_disk_is_full(work: Campaign) -> None:
    with pytest.raises(Paused, match="disk is full"), Campaign(work.folder / "b", work.settings):
        raise full_disk()


def full_disk() -> sqlite3.OperationalError:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("PRAGMA max_page_count = 1")
        try:
            connection.execute("CREATE TABLE a (b)")
        except sqlite3.OperationalError as error:
            return error
    raise AssertionError("a page more was given than there may be")
