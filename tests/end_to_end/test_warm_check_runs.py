"""Runs of a check that start warm: forks of a clean run of the check's own command."""

import shutil
from pathlib import Path

import pytest

from trainwreck import Campaign
from trainwreck.campaign.check_starts import LEAST, REFUTED
from trainwreck.errors import AuditError, ExitCode
from trainwreck.model import CHECK, Outcome, TrialKind
from trainwreck.model.start import STARTED, is_warm
from trainwreck.results.power import read_observations
from trainwreck.store.campaign_file import CampaignFile

MODEL = """\
def fit():
    total = 0
    for value in [20, 30, 40, 50, 60, 70, 80, 90, 21, 31, 41]:
        total += value if value % 20 else 3 * value
    return total
"""
CLEAN = 933
SLOW_TO_START = """\
import sys, time
until = time.process_time() + 0.1
while time.process_time() < until:
    pass
"""
TRAIN = SLOW_TO_START + "from model import fit\nprint('trainwreck: loss=%d' % fit())\n"
ENDS = SLOW_TO_START + f"from model import fit\nsys.exit(abs(fit() - {CLEAN}) > 2)\n"
TESTS = f"""\
from model import fit
def test_fit(capfd, tmp_path):
    print("fits", end="")
    (tmp_path / "file").write_text(capfd.readouterr().out)
    assert (tmp_path / "file").read_text() == "fits"
    print("now", "it", "fits")
    assert abs(fit() - {CLEAN}) <= 2
"""
READS_ITS_PARENT = f"""\
{SLOW_TO_START}
def parent():
    with open("/proc/self/stat") as file:
        return file.read().rpartition(")")[2].split()[1]
before = parent()
from model import fit
sys.exit(fit() != {CLEAN} and parent() == before)
"""
SETTINGS = """\
[subject]
name = "warm-checks"
command = ["train.py"]
[metrics.loss]
better = "lower"
[mutants]
operators = ["NVR"]
[trials]
start = "warm"
clean = 2
repeats = 2
seeds = 1
[checks.ends]
command = ["check.py"]
clean = 2
masked = 0
[checks.tests]
command = ["pytest", "-q", "-p", "no:cacheprovider", "test_model.py"]
clean = 2
masked = 0
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program whose mutants have run, before any check did."""
    folder = tmp_path_factory.mktemp("warm-checks") / "program"
    folder.mkdir()
    files = {"model.py": MODEL, "train.py": TRAIN, "check.py": ENDS, "test_model.py": TESTS}
    files["trainwreck.toml"] = SETTINGS
    for name, text in files.items():
        (folder / name).write_text(text)
    with Campaign.create(folder / "trainwreck.toml") as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(cold=True)
    return folder


@pytest.fixture
def campaign(ran: Path, tmp_path: Path) -> Campaign:
    shutil.copytree(ran, tmp_path / "program")
    return Campaign.create(tmp_path / "program" / "trainwreck.toml")


def noticed(campaign: Campaign, name: str = "ends") -> dict[str, bool | None]:
    with campaign.source() as source:
        (check,) = (own for own in read_observations(source).own if own.name == name)
    assert check.alarms.count == 0
    return dict(check.noticed)


def runs(campaign: Campaign) -> list[tuple[str, Outcome]]:
    """All runs of the check with a bug, with the ids of the bugs."""
    with CampaignFile.open(campaign.folder) as file:
        return [(mutant, run) for _, mutant, run in file.outcomes(TrialKind.CHECK) if mutant]


def warm(campaign: Campaign) -> set[str]:
    """The bugs with which the check started warm."""
    return {mutant for mutant, run in runs(campaign) if is_warm(run.observations.get(STARTED))}


def test_runs_of_a_check_start_warm_and_answer_as_cold_ones(campaign: Campaign) -> None:
    with campaign:
        campaign.run_checks(["ends"])
        found = noticed(campaign)
        assert campaign.run_checks(["ends"]) == 0
    assert len(found) >= LEAST
    assert set(found.values()) == {True, False}
    assert warm(campaign) == found.keys()
    versions = {run.observations[CHECK]["version"] for _, run in runs(campaign)}
    assert len(versions) == 2  # One of them is that of cold runs, which are no answers.
    with CampaignFile.open(campaign.folder, create=True) as file:
        file.withdraw_runs({run.trial_id for _, run in runs(campaign)})
        file.set_meta(REFUTED, [*versions])
    with campaign:
        campaign.run_checks(["ends"])
    assert not warm(campaign)
    assert noticed(campaign) == found


def test_runs_of_pytest_start_warm_and_capture_what_each_prints(campaign: Campaign) -> None:
    with campaign:
        campaign.run_checks(["tests"])
    found = noticed(campaign, "tests")
    assert set(found.values()) == {True, False}
    assert warm(campaign) == found.keys()
    with CampaignFile.open(campaign.folder) as file:
        for _, run in runs(campaign):
            printed = file.log(run.trial_id)
            assert printed.count("now it fits") == (not run.exit.fine)
            assert ("1 passed" if run.exit.fine else "1 failed") in printed


def test_a_warm_run_that_answers_otherwise_than_cold_ones_withdraws_all(campaign: Campaign) -> None:
    (campaign.folder.parent / "check.py").write_text(READS_ITS_PARENT)
    with campaign, pytest.raises(AuditError, match="answered otherwise after a warm start") as got:
        campaign.run_checks(["ends"])
    assert got.value.exit_code == ExitCode.AUDIT
    assert not warm(campaign)
    with campaign:
        campaign.run_checks(["ends"])
    assert not warm(campaign)
    assert set(noticed(campaign).values()) == {True}


def test_a_few_runs_of_a_check_start_cold(campaign: Campaign) -> None:
    with campaign:
        bugs = list(campaign.mutants())[: LEAST - 1]
        campaign.run_checks(["ends"], chosen=bugs)
    assert len(runs(campaign)) == LEAST - 1
    assert not warm(campaign)
