"""What a mutant or the machine does to a run is an ending; what we or the user did is an error."""

import errno
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build import edit_at, mutant
from guest import agent_module
from trainwreck.errors import Paused, TrainwreckError
from trainwreck.model import Ending, Exit, Mutant, Subject, Trial, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.run import launcher
from trainwreck.run.child import Stopped
from trainwreck.run.context import RunContext
from trainwreck.run.ended import Ended
from trainwreck.run.launcher import TrialRequest, TrialResult, run_trial
from trainwreck.run.limits import Limits
from trainwreck.source import hash_of

LIMITS = Limits(10, 10, 1 << 30)
FINE = Exit(Ending.EXITED, 0)
SOURCE = "a = 1 + 1\n"


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    """A program of one file, whose trials are not started."""
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "train.py").write_text(SOURCE)
    subject = Subject("s", ("train.py",), ".", "", ("app",), (), (), 1, ())
    folders = (tmp_path / "program", tmp_path / "campaign")
    return RunContext(subject, *folders, "python3", {}, (), {}, None)


def bug() -> Mutant:
    return mutant(
        file="train.py",
        edits=(edit_at(SOURCE.index("+"), "+", "-"),),
        source_sha=hash_of(SOURCE.encode()),
    )


def run(
    context: RunContext,
    patch: pytest.MonkeyPatch,
    program: Callable[[Path], Exit],
    planted: Mutant | None,
) -> TrialResult:
    """Run a function in place of the program; it gets the folder of its slot."""
    folder = context.work / "0"

    def run_child(*_: Any, **__: Any) -> Ended:
        return Ended(program(folder), 1.0, 0.5, 1 << 20)

    patch.setattr(launcher, "run_child", run_child)
    kind = TrialKind.MUTANT if planted else TrialKind.CLEAN
    trial = Trial("s", kind, 0, mutant=planted)
    return run_trial(TrialRequest(trial, LIMITS), context, Slot(0, folder))


def events_of(folder: Path) -> Any:
    events = agent_module("events").Events(str(folder / "events"))
    events.write("start", pid=os.getpid(), main=True)
    return events


def works(folder: Path) -> Exit:
    events_of(folder).write("hit", wall=0.5, cpu=0.5, hits=3)
    return FINE


def does_nothing(_: Path) -> Exit:
    return FINE


def writes_garbage(folder: Path) -> Exit:
    (folder / "events" / "events-1-0.jsonl").write_text("garbage\n")
    return works(folder)


def is_refused(folder: Path) -> Exit:
    events_of(folder).write("refused", path="train.py", reason="another hash")
    return Exit(Ending.EXITED, 86)


def fails_in_reading(_: Path) -> Exit:
    raise RecursionError("deep")


def fails_with(number: int) -> Callable[[Path], Exit]:
    def fail(_: Path) -> Exit:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_run_that_breaks_nothing_is_judged(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = run(context, monkeypatch, works, bug()).outcome
    assert (outcome.exit, outcome.hits, outcome.reason) == (FINE, 3, "")


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (does_nothing, "the agent's record of the run is gone"),
        (writes_garbage, "the agent's record of the run was changed"),
        (is_refused, "the program changed a file in which bugs are planted"),
        (fails_in_reading, "RecursionError: deep"),
        (fails_with(errno.EACCES), "PermissionError"),
    ],
)
def test_what_a_mutant_breaks_is_an_ending_with_the_reason(
    context: RunContext,
    monkeypatch: pytest.MonkeyPatch,
    program: Callable[[Path], Exit],
    reason: str,
) -> None:
    outcome = run(context, monkeypatch, program, bug()).outcome
    assert outcome.exit.ending is Ending.BROKEN
    assert outcome.reason.startswith(reason)
    assert not (context.work / "0").exists()


@pytest.mark.parametrize("planted", [None, bug()])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.ENOMEM, errno.EAGAIN, errno.EMFILE])
def test_what_the_machine_lacks_loses_the_run_of_any_program(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, number: int, planted: Mutant | None
) -> None:
    outcome = run(context, monkeypatch, fails_with(number), planted).outcome
    assert outcome.exit.ending is Ending.LOST
    assert os.strerror(number) in outcome.reason


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_takes_nothing_before_the_run_pauses_the_campaign(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def prepare(_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(launcher.Sandbox, "prepare", prepare)
    with pytest.raises(Paused, match=os.strerror(number)):
        run(context, monkeypatch, works, bug())


def test_no_memory_for_trainwreck_loses_the_run(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def program(_: Path) -> Exit:
        raise MemoryError

    assert run(context, monkeypatch, program, bug()).outcome.exit.ending is Ending.LOST


def test_a_folder_that_cannot_be_made_is_no_fault_of_the_mutant(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(launcher.Sandbox, "prepare", prepare)
    with pytest.raises(TrainwreckError, match="a run could not be made: PermissionError"):
        run(context, monkeypatch, works, bug())


@pytest.mark.parametrize(
    ("program", "what"),
    [(does_nothing, "the agent did not start"), (is_refused, "the agent refused: another hash")],
)
def test_a_clean_program_that_the_agent_cannot_follow_is_an_error(
    context: RunContext,
    monkeypatch: pytest.MonkeyPatch,
    program: Callable[[Path], Exit],
    what: str,
) -> None:
    with pytest.raises(TrainwreckError, match=what):
        run(context, monkeypatch, program, None)


def test_damaged_events_of_a_clean_program_prove_nothing_either(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = run(context, monkeypatch, writes_garbage, None).outcome
    assert outcome.exit.ending is Ending.BROKEN


def test_a_refusal_because_the_user_changed_the_source_is_an_error(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def program(folder: Path) -> Exit:
        (context.folder / "train.py").write_text("a = 2\n")
        return is_refused(folder)

    with pytest.raises(TrainwreckError, match="the agent refused to plant"):
        run(context, monkeypatch, program, bug())


def test_a_lost_run_keeps_the_reason_of_its_end(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = context.work / "0"

    def run_child(*_: Any, **__: Any) -> Ended:
        works(folder)
        end = Exit(Ending.LOST, signal.SIGKILL)
        return replace(Ended(end, 1.0, 0.5, 1 << 20), reason="it stood still for 9 s")

    monkeypatch.setattr(launcher, "run_child", run_child)
    trial = Trial("s", TrialKind.MUTANT, 0, mutant=bug())
    outcome = run_trial(TrialRequest(trial, LIMITS), context, Slot(0, folder)).outcome
    assert (outcome.exit.ending, outcome.reason) == (Ending.LOST, "it stood still for 9 s")


def test_a_run_that_was_stopped_is_no_result(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def program(_: Path) -> Exit:
        raise Stopped

    with pytest.raises(Stopped):
        run(context, monkeypatch, program, bug())
    assert not (context.work / "0").exists()
