"""What rules ask of a campaign, from the command line: nothing twice, and clear refusals."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from trainwreck.campaign.session import Session
from trainwreck.cli.main import run
from trainwreck.model import Trial, TrialKind
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.plan_tables import PlanTables

SETTINGS = """
[subject]
name = "tiny"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'

[mutants]
annotations = true

[trials]
clean = 1
repeats = 1
seeds = 1
clean_timeout = 60
"""
HALF = "def half(number):\n    return number / 2\n\n\n"
SHOWN = "print(f'{1 + 1=}')\n"
TRAIN = HALF + SHOWN + "print('accuracy:', half(1))\n"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "trainwreck.toml").write_text(SETTINGS)
    (tmp_path / "train.py").write_text(TRAIN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def number_of(tiny: Path, kind: TrialKind) -> int:
    with CampaignFile.open(tiny / ".trainwreck") as file:
        return sum(1 for _ in file.outcomes(kind))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run(list(arguments))
    text = capsys.readouterr().err
    assert "Traceback" not in text
    return code, text


def test_mutants_around_which_no_probe_can_be_put_are_asked_about_once(tiny: Path) -> None:
    assert run(["run"]) == 0
    with CampaignFile.open(tiny / ".trainwreck") as file:
        planned = {planned.mutant.id for planned in file.mutants()}
        probes = file.probes()
    assert set(probes) == planned
    assert "no probe can be put around it" in {probe.doubt for probe in probes.values()}
    assert run(["run"]) == 0
    assert number_of(tiny, TrialKind.PROBE) == 1


def test_a_probed_run_whose_records_a_kill_prevented_is_made_again_and_counts_once(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(PlanTables, "set_probes", stop)
        with pytest.raises(Killed):
            run(["run"])
    assert number_of(tiny, TrialKind.PROBE) == 1
    assert run(["run"]) == 0
    assert number_of(tiny, TrialKind.PROBE) == 1
    with CampaignFile.open(tiny / ".trainwreck") as file:
        trials = {outcome.trial_id for _, _, outcome in file.outcomes(TrialKind.PROBE)}
        assert {probe.trial_id for probe in file.probes().values()} == trials


class Killed(BaseException):
    """Stands for a SIGKILL: no code of ours handles it."""


def stop(*_: object) -> None:
    raise Killed


def test_a_campaign_that_asks_no_rule_makes_no_probed_run(tiny: Path) -> None:
    (tiny / "trainwreck.toml").write_text(SETTINGS + "rules = []\n")
    assert run(["run"]) == 0
    assert number_of(tiny, TrialKind.PROBE) == 0


def test_a_rule_that_does_not_exist_is_refused(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "trainwreck.toml").write_text(SETTINGS + 'rules = ["speed"]\n')
    code, text = said(capsys, "run")
    assert code == 1
    assert "`trials.rules` has the unknown rule `speed`" in text
    assert "unused-default" in text


def test_a_rule_that_does_not_exist_cannot_be_left_out(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(capsys, "run", "--without", "speed")
    assert code == 1
    assert "speed" in text


def test_an_audit_of_a_campaign_that_decided_nothing_early_says_so_and_is_fine(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "trainwreck.toml").write_text(SETTINGS + "rules = []\n")
    assert run(["run"]) == 0
    code, text = said(capsys, "audit")
    assert code == 0
    assert "Nothing was decided without a full run" in text
    assert "Run `trainwreck run` first" not in text


SAME_EITHER_WAY = """
two = float("2")
for number in range(3):
    right = [two < 5.0, two < 6.0, two < 7.0, two < 8.0, two < 9.0]
print("accuracy:", sum(right))
"""


def test_an_audit_that_was_interrupted_is_completed_and_the_next_one_takes_others(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny / "train.py").write_text(SAME_EITHER_WAY)
    assert run(["run"]) == 0
    run_all = Session.run_all

    def first_only(session: Session, what: str, trials: Sequence[Trial]) -> int:
        run_all(session, what, trials[:1])
        raise Killed

    with monkeypatch.context() as killed:
        killed.setattr(Session, "run_all", first_only)
        with pytest.raises(Killed):
            run(["audit", "--sample", "2"])
    assert number_of(tiny, TrialKind.AUDIT) == 1
    for expected in (2, 4):
        assert run(["audit", "--sample", "2"]) == 0
        assert number_of(tiny, TrialKind.AUDIT) == expected


def test_an_audit_of_no_campaign_says_so(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "audit")
    assert code == 1
    assert "Run `trainwreck run` first." in text


def test_a_picture_of_another_kind_is_refused(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run"]) == 0
    code, text = said(capsys, "report", "--figure", "ledger.bmp")
    assert code == 1
    assert ".svg" in text


def test_the_doctor_finds_nothing_wrong_with_a_sound_program(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor"]) == 0
    # The first run of all on a machine may write to the home of the user.
    lines = [line for line in capsys.readouterr().out.splitlines() if "outside of its" not in line]
    notes = [line for line in lines if not line.startswith("ok ")]
    assert len(lines) == 12
    assert [line[:4] for line in notes] == ["warn", *["note"] * 4]
    assert "what a result holds: Compared with" in notes[0]
    assert "only one seed ran" in notes[1]
    # An expression whose text is shown has no probe.
    assert "records that do not count for some of these rules: 3 of 6 (" in notes[2]
    assert "rule together decides nothing that runs while the program trains: a run" in notes[3]
    assert "`seeds = 1`" in notes[4]


def test_the_doctor_warns_of_rules_that_lack_only_one_more_clean_run(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "trainwreck.toml").write_text(SETTINGS.replace("repeats = 1", "repeats = 0"))
    assert run(["doctor"]) == 3
    lines = capsys.readouterr().out.splitlines()
    rules = [line for line in lines if re.search(" rules? ", line)]
    # One clean run has the times that a hang is compared with.
    assert rules[0] == "ok    rules that can decide mutants early: same-code and stuck"
    assert rules[1].startswith("warn  rules probe, unused-default, same-call, unread")
    assert "only one clean run" in rules[1]


def test_the_doctor_fails_where_clean_runs_never_repeat(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny / "train.py").write_text("import time\nprint('accuracy:', time.time() + 1)\n")
    code, text = said(capsys, "doctor")
    assert code == 3
    assert "clean runs with the same seed repeat" in text
