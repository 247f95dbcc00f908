"""What long work shows where there is no terminal."""

import pytest

from build import mutant, outcome
from trainwreck.cli.progress import LiveProgress
from trainwreck.model import Ending, Exit, Trial, TrialKind

BUG = Trial("s", TrialKind.MUTANT, 0, mutant=mutant())
CONTROL = Trial("s", TrialKind.CONTROL, 0)


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_the_end_of_a_piece_of_work_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveProgress(("accuracy",))
    progress.begin("mutants", 20)
    progress.finished(CONTROL, outcome())
    for run in (outcome(), outcome(steps={}), outcome(exit=Exit(Ending.TIME, 9)), outcome()):
        progress.finished(BUG, run)
    progress.end()
    text = shown(capsys)
    assert text.startswith("mutants 5/20 · crash 1 · hang 1 · normal 2 · ")
    assert text.endswith(" left · cost 11 s of processor\n")
    assert text.count("\n") == 1


def test_each_piece_of_work_is_counted_anew(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveProgress(())
    progress.begin("clean runs", 1)
    progress.finished(Trial("s", TrialKind.CLEAN, 0), outcome())
    progress.begin("mutants", 2)
    progress.end()
    assert shown(capsys) == "mutants 0/2 · cost 0.0 s of processor\n"


def test_no_work_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveProgress(())
    progress.begin("mutants", 0)
    progress.end()
    assert shown(capsys) == ""


def test_what_is_said_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = "train.py:100: [red] not understood " + "x" * 100
    LiveProgress(()).say(text)
    assert shown(capsys) == f"trainwreck: {text}\n"


def test_quiet_work_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveProgress((), quiet=True)
    progress.begin("mutants", 1)
    progress.say("x")
    progress.finished(BUG, outcome())
    progress.end()
    assert shown(capsys) == ""
