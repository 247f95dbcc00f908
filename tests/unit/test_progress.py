"""What long work shows where there is no terminal, and what its ledger counts."""

import time

import pytest

from build import many_mutants, mutant, outcome
from trainwreck.cli.progress import LiveProgress, rung_so_far
from trainwreck.model import (
    TOGETHER,
    Ending,
    Exit,
    Expected,
    Forecast,
    Rung,
    Trial,
    TrialKind,
)

BUG = Trial("s", TrialKind.MUTANT, 0, mutant=mutant())
CLEAN = Trial("s", TrialKind.CLEAN, 0)
CONTROL = Trial("s", TrialKind.CONTROL, 0)
METRICS = ("accuracy",)
CLEAN_DIGEST = outcome().digest


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_the_end_of_a_piece_of_work_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveProgress(METRICS)
    progress.expect(None, {}, [CLEAN_DIGEST])
    progress.begin("mutants", 20)
    progress.finished(CONTROL, outcome())
    for run in (outcome(), outcome(steps={}), outcome(exit=Exit(Ending.TIME, 9)), outcome()):
        progress.finished(BUG, run)
    progress.end()
    text = shown(capsys)
    assert text.startswith("mutants 5/20 with 1 control · ")
    assert "2 masked, 1 crash, 1 hang" in text
    assert text.endswith(" · cost 11 s of processor\n")
    assert text.count("\n") == 1


def test_long_work_has_a_line_now_and_then_and_its_last_one_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainwreck.cli.progress.LINE_SECONDS", 0.0)
    progress = LiveProgress(())
    progress.begin("clean runs", 2)
    progress.finished(CLEAN, outcome())
    progress.finished(CLEAN, outcome())
    progress.end()
    first, last = shown(capsys).splitlines()
    assert first.startswith("clean runs 1/2 · ")
    assert last == "clean runs 2/2 · cost 4.5 s of processor"


def test_each_piece_of_work_is_counted_by_itself_and_the_cost_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = LiveProgress(())
    progress.begin("clean runs", 1)
    progress.finished(CLEAN, outcome())
    progress.end()
    progress.begin("mutants", 2)
    progress.end()
    first, second = shown(capsys).splitlines()
    assert first.startswith("clean runs 1/1 · ")
    assert second == "mutants 0/2 · cost 2.2 s of processor"


def test_controls_that_were_not_announced_make_no_more_done_than_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = LiveProgress(METRICS)
    progress.begin("mutants", 1)
    progress.finished(BUG, outcome())
    progress.finished(CONTROL, outcome())
    progress.end()
    assert shown(capsys).startswith("mutants 2/2 with 1 control · ")


def test_a_run_that_a_rule_ended_early_is_no_crash(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveProgress(METRICS)
    progress.expect(None, {}, [CLEAN_DIGEST])
    progress.begin("mutants", 1)
    progress.finished(BUG, outcome(steps={}, settled="horizon", exit=Exit(Ending.SIGNAL, 9)))
    progress.end()
    text = shown(capsys)
    assert "1 masked" in text
    assert "crash" not in text


def test_a_mutant_that_waits_is_masked_only_after_a_joint_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waits = outcome(settled="together", exit=Exit(Ending.SIGNAL, 9))
    first, second = (Trial("s", TrialKind.MUTANT, 0, mutant=bug) for bug in many_mutants(2))
    assert first.mutant is not None
    progress = LiveProgress(METRICS)
    progress.expect(None, {}, [CLEAN_DIGEST])
    progress.begin("mutants", 2)
    progress.finished(first, waits)
    progress.finished(second, waits)
    progress.end()
    assert "2 waiting for a joint run" in shown(capsys)
    progress.begin("runs of several mutants together", 1)
    joint = outcome(observations={TOGETHER: {first.mutant.id: [3, 1]}})
    progress.finished(Trial("s", TrialKind.TOGETHER, 0), joint)
    progress.end()
    assert "1 masked, 1 waiting for a joint run" in shown(capsys)
    progress.begin("mutants", 1)
    progress.finished(second, outcome(steps={}))
    progress.end()
    text = shown(capsys)
    assert "1 masked, 1 crash" in text
    assert "waiting" not in text


def test_further_seeds_count_no_mutant_twice(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveProgress(METRICS)
    progress.expect(None, {"masked": 3}, [CLEAN_DIGEST])
    progress.begin("open mutants", 2)
    progress.finished(Trial("s", TrialKind.MUTANT, 1, mutant=mutant()), outcome(steps={}))
    progress.finished(Trial("s", TrialKind.MUTANT, 0, repeat=1, mutant=mutant()), outcome())
    progress.end()
    text = shown(capsys)
    assert "open mutants 2/2" in text
    assert "3 masked" in text
    assert "crash" not in text


def test_a_forecast_that_is_used_up_does_not_say_that_nothing_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    progress = LiveProgress(METRICS)
    used_up = Expected(10.0, 5.0, 20.0)
    progress.expect(Forecast(3, 1, used_up, used_up, 0.5), {}, [CLEAN_DIGEST])
    now[0] = 60.0
    progress.begin("open mutants", 4)
    for _ in range(3):
        now[0] += 40.0
        progress.finished(BUG, outcome())
    first, _, third = shown(capsys).splitlines()
    assert first.startswith("open mutants 1/4 · 1.5 per min")
    assert third.startswith("open mutants 3/4 · about 40 s left")


def test_no_rest_is_named_at_the_end_or_below_a_second(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr("trainwreck.cli.progress.LINE_SECONDS", 0.0)
    for each, rests in ((2.0, [True, True, False]), (0.4, [True, False, False])):
        progress = LiveProgress(METRICS)
        ahead = Expected(2.5 * each, each, 9.0)
        progress.expect(Forecast(3, 1, ahead, ahead, 0.0), {}, [CLEAN_DIGEST])
        progress.begin("open mutants", 3)
        shown_rests = []
        for _ in range(3):
            now[0] += each
            progress.finished(BUG, outcome())
            shown_rests.append(" left" in progress._rest())
        assert shown_rests == rests if each > 1 else not any(shown_rests)
        assert " left" not in shown(capsys).splitlines()[-1] or each > 1


@pytest.mark.parametrize(
    ("run", "clean", "rung"),
    [
        (outcome(), [CLEAN_DIGEST], Rung.MASKED),
        (outcome(hits=0), [CLEAN_DIGEST], Rung.UNREACHED),
        (outcome(parameters="other"), [CLEAN_DIGEST], Rung.PROPAGATED),
        (outcome(parameters="other"), [], "normal"),
        (outcome(parameters="other"), [CLEAN_DIGEST, "second"], "normal"),
        (outcome(parameters=None), [outcome(parameters=None).digest], "masked (printed values)"),
        (outcome(exit=Exit(Ending.LOST, 9)), [CLEAN_DIGEST], "no verdict"),
        (outcome(exit=Exit(Ending.STUCK, 9), settled="stuck"), [CLEAN_DIGEST], Rung.HANG),
    ],
)
def test_the_ledger_says_no_more_than_a_run_shows(run: object, clean: list[str], rung: str) -> None:
    assert rung_so_far(run, METRICS, clean) == rung  # type: ignore[arg-type]


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
