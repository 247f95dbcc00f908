"""No mutant stops a campaign: lost runs are made again, broken ones are checked by a control."""

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from build import ENVIRONMENT, many_mutants, metric, outcome
from trainwreck.campaign.attempts import FILE_NAME, Attempts
from trainwreck.campaign.controls import CONTROL_SECONDS
from trainwreck.campaign.dispatch import PASSED_OVER
from trainwreck.campaign.progress import NoProgress
from trainwreck.campaign.session import Session
from trainwreck.engine.local import LocalEngine
from trainwreck.errors import ControlError, TrainwreckError, UsageError
from trainwreck.model import NO_VERDICT, Ending, Exit, Outcome, Trial, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.model.trials import CONTROL_EVERY, mutant_trials
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.run_tables import WITHDRAWN

LIMITS = Limits(10, 10, 1 << 30)
TRIALS = [Trial("s", TrialKind.MUTANT, 0, mutant=mutant) for mutant in many_mutants(4)]
BROKEN = Exit(Ending.BROKEN, 0)
LOST = Exit(Ending.LOST, 9)
FINE = Exit(Ending.EXITED, 0)
CRASH = Exit(Ending.EXITED, 1)

Ends = Callable[[Trial, int], Exit | BaseException]
"""The end of a trial when it is started for the first, second … time."""


class Killed(BaseException):
    """What no program catches, as the death of its process."""


@dataclass
class Script:
    """A launcher whose trials end as a function says; it remembers what it has started."""

    ends: Ends
    started: list[Trial] = field(default_factory=list)

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        return ([request] for request in requests)

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        for request in requests:
            trial = request.trial
            end = self.ends(trial, self.started.count(trial))
            self.started.append(trial)
            if isinstance(end, BaseException):
                raise end
            yield TrialResult(trial, self.outcome_of(trial, end))

    def outcome_of(self, trial: Trial, end: Exit) -> Outcome:
        reason = {} if end.proves else {NO_VERDICT: "so"}
        return outcome(trial_id=trial.id, exit=end, observations=reason)

    def kinds(self) -> list[TrialKind]:
        return [trial.kind for trial in self.started]


@dataclass
class World:
    """A campaign in a folder, which may die and go on."""

    folder: Path

    def run(
        self,
        ends: Ends,
        trials: Iterable[Trial] = TRIALS,
        jobs: int = 1,
        repeat: frozenset[str] = frozenset(),
    ) -> Script:
        launcher = Script(ends)
        with CampaignFile.open(self.folder, create=True) as file:
            subject: Any = SimpleNamespace(
                environment=ENVIRONMENT,
                settings=SimpleNamespace(
                    subject=SimpleNamespace(fingerprint="s", metrics=(metric(),))
                ),
            )
            engine = LocalEngine([Slot(n, Path(f"/slots/{n}")) for n in range(jobs)])
            session = Session(subject, file, NoProgress(), engine, launcher)
            session.attempts = Attempts(self.folder / FILE_NAME)
            with suppress(Killed):
                for _ in session.execute(trials, LIMITS, repeat=repeat):
                    pass
        return launcher

    def endings(self) -> dict[str, Ending]:
        with CampaignFile.open(self.folder) as file:
            runs = file.outcomes(TrialKind.MUTANT)
            return {outcome.trial_id: outcome.exit.ending for _, _, outcome in runs}

    def reason(self, trial: Trial) -> str:
        with CampaignFile.open(self.folder) as file:
            return str(file.observations(NO_VERDICT)[trial.id])

    def meta(self, key: str) -> Any:
        with CampaignFile.open(self.folder) as file:
            return file.meta(key)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def first_of(end: Exit | BaseException, times: int = 1) -> Ends:
    """Let the first trial end so a number of times, and all others be fine."""

    def ends(trial: Trial, started: int) -> Exit | BaseException:
        return end if trial == TRIALS[0] and started < times else FINE

    return ends


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_lost_run_is_made_again_after_all_others(world: World, jobs: int) -> None:
    launcher = world.run(first_of(LOST), jobs=jobs)
    assert launcher.started[-1] == TRIALS[0]
    assert world.endings() == dict.fromkeys((trial.id for trial in TRIALS), Ending.EXITED)


def test_a_run_that_is_lost_three_times_is_stored_as_lost_and_tried_by_the_next_command(
    world: World,
) -> None:
    launcher = world.run(first_of(LOST, 3))
    assert launcher.started.count(TRIALS[0]) == 3
    assert world.endings()[TRIALS[0].id] is Ending.LOST
    assert world.run(first_of(LOST, 0)).started == TRIALS[:1]
    assert world.endings()[TRIALS[0].id] is Ending.EXITED


def test_a_lost_stem_is_stored_and_not_made_again(world: World) -> None:
    stem = Trial("s", TrialKind.STEM, 0, repeat=7)
    launcher = world.run(lambda *_: LOST, trials=[stem])
    assert launcher.started == [stem]
    with CampaignFile.open(world.folder) as file:
        ((_, _, stored),) = file.outcomes(TrialKind.STEM)
    assert stored.exit.ending is Ending.LOST


def test_a_broken_run_is_stored_once_a_control_right_after_it_works(world: World) -> None:
    launcher = world.run(first_of(BROKEN))
    assert launcher.kinds()[:2] == [TrialKind.MUTANT, TrialKind.CONTROL]
    assert launcher.kinds().count(TrialKind.CONTROL) == 1
    assert world.endings()[TRIALS[0].id] is Ending.BROKEN
    assert len(world.endings()) == len(TRIALS)
    assert world.run(first_of(FINE)).started == [], "it has run"


def test_a_broken_run_at_the_end_is_followed_by_its_control(world: World) -> None:
    launcher = world.run(first_of(BROKEN), TRIALS[:1])
    assert launcher.kinds() == [TrialKind.MUTANT, TrialKind.CONTROL]
    assert world.endings() == {TRIALS[0].id: Ending.BROKEN}


@pytest.mark.parametrize("end", [CRASH, BROKEN, TrainwreckError("the agent did not start")])
def test_a_broken_run_is_not_stored_where_the_control_breaks_as_well(
    world: World, end: Exit | TrainwreckError
) -> None:
    def ends(trial: Trial, _: int) -> Exit | BaseException:
        if trial.kind is TrialKind.CONTROL:
            return end
        return BROKEN if trial == TRIALS[1] else FINE

    with pytest.raises(ControlError) as raised:
        world.run(ends)
    assert "does not work any more" in raised.value.what
    assert TRIALS[1].id not in world.endings()


def test_a_failed_control_withdraws_what_ran_since_the_last_good_one(world: World) -> None:
    mutants = many_mutants(2 * CONTROL_EVERY + 5)
    trials = list(mutant_trials("s", mutants))
    controls = [trial for trial in trials if trial.kind is TrialKind.CONTROL]

    def ends(trial: Trial, _: int) -> Exit:
        return CRASH if trial == controls[2] else FINE

    with pytest.raises(ControlError, match="50 runs since the last one that worked"):
        world.run(ends, trials)
    assert len(world.endings()) == CONTROL_EVERY
    assert world.meta(WITHDRAWN) == CONTROL_EVERY
    world.run(lambda *_: FINE, trials)
    assert len(world.endings()) == len(mutants), "they ran again"
    assert world.meta(WITHDRAWN) == CONTROL_EVERY, "which reports go on to say"


def test_controls_run_by_number_where_a_list_of_trials_has_none(world: World) -> None:
    trials = [Trial("s", TrialKind.MUTANT, 3, mutant=mutant) for mutant in many_mutants(120)]
    with CampaignFile.open(world.folder, create=True) as file:
        clean = Trial("s", TrialKind.CLEAN, 0)
        file.add_run(clean, outcome(trial_id=clean.id), b"", ENVIRONMENT)
    kinds = world.run(lambda *_: FINE, trials).kinds()
    at = [index for index, kind in enumerate(kinds) if kind is TrialKind.CONTROL]
    assert at == [50, 101]


def test_controls_run_by_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = count(0.0, CONTROL_SECONDS / 3)
    monkeypatch.setattr("trainwreck.campaign.controls.monotonic", lambda: next(now))
    trials = [Trial("s", TrialKind.MUTANT, 3, mutant=mutant) for mutant in many_mutants(8)]
    with CampaignFile.open(world.folder, create=True) as file:
        clean = Trial("s", TrialKind.CLEAN, 0)
        file.add_run(clean, outcome(trial_id=clean.id, seconds=0.5), b"", ENVIRONMENT)
    kinds = world.run(lambda *_: FINE, trials).kinds()
    assert kinds.count(TrialKind.CONTROL) == 2
    assert kinds[0] is TrialKind.MUTANT


def test_controls_by_time_are_rarer_where_a_clean_run_takes_hours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = count(0.0, CONTROL_SECONDS / 3)
    monkeypatch.setattr("trainwreck.campaign.controls.monotonic", lambda: next(now))
    trials = [Trial("s", TrialKind.MUTANT, 3, mutant=mutant) for mutant in many_mutants(8)]
    with CampaignFile.open(world.folder, create=True) as file:
        clean = Trial("s", TrialKind.CLEAN, 0)
        file.add_run(clean, outcome(trial_id=clean.id, seconds=10_000.0), b"", ENVIRONMENT)
    assert TrialKind.CONTROL not in world.run(lambda *_: FINE, trials).kinds()


def test_a_mutant_of_which_the_campaign_died_twice_is_passed_over(world: World) -> None:
    deadly = first_of(Killed(), 99)
    assert world.run(deadly).started == TRIALS[:1]
    second = world.run(deadly)
    assert second.started == [*TRIALS[1:], TRIALS[0]], "it runs alone, after all others"
    third = world.run(deadly)
    assert third.started == []
    assert world.endings()[TRIALS[0].id] is Ending.BROKEN
    assert world.reason(TRIALS[0]) == PASSED_OVER
    assert world.run(deadly).started == []


def test_a_mutant_that_was_passed_over_runs_again_where_it_is_named(world: World) -> None:
    for _ in range(3):
        world.run(first_of(Killed(), 99))
    world.run(first_of(FINE), repeat=frozenset([TRIALS[0].id]))
    assert world.endings()[TRIALS[0].id] is Ending.EXITED


def test_of_several_mutants_at_work_only_the_deadly_one_is_passed_over(world: World) -> None:
    deadly = first_of(Killed(), 99)
    for _ in range(4):
        world.run(deadly, jobs=3)
    endings = world.endings()
    assert endings.pop(TRIALS[0].id) is Ending.BROKEN
    assert set(endings.values()) == {Ending.EXITED}


@pytest.mark.parametrize("error", [TrainwreckError("the disk is full"), KeyboardInterrupt()])
def test_no_mutant_is_blamed_where_a_campaign_is_stopped(
    world: World, error: BaseException
) -> None:
    for _ in range(3):
        with pytest.raises(type(error)):
            world.run(first_of(error, 99))
    world.run(first_of(FINE))
    assert set(world.endings().values()) == {Ending.EXITED}


@pytest.mark.parametrize("content", [b"", b"garbage", b"[1]", b'{"a": {"deaths": "two"}}', b"\xff"])
def test_attempts_that_cannot_be_read_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    attempts = Attempts(tmp_path / FILE_NAME)
    assert attempts.deaths("a") == 0
    attempts.begin(["a"])
    assert Attempts(tmp_path / FILE_NAME).deaths("a") == 1


def test_attempts_that_ended_leave_nothing(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path / FILE_NAME)
    attempts.begin(["a", "b"])
    attempts.end("a")
    attempts.end("b", is_lost=True)
    again = Attempts(tmp_path / FILE_NAME)
    assert (again.deaths("a"), again.deaths("b"), again.lost("b")) == (0, 0, 1)
    again.forget(["b"])
    assert (tmp_path / FILE_NAME).read_text() == "{}"


def test_attempts_in_a_folder_that_cannot_be_written_are_an_error(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path / "gone" / FILE_NAME)
    with pytest.raises(TrainwreckError, match="cannot be written"):
        attempts.begin(["a"])


def test_notes_that_a_killed_session_or_a_full_disk_left_half_written_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partial = tmp_path / "attempts.partial"
    partial.write_text("{")
    attempts = Attempts(tmp_path / "attempts.json")
    attempts.tidy()
    assert not partial.exists()
    attempts.begin(["t"])

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "replace", fail)
        with pytest.raises(UsageError, match="cannot be written"):
            attempts.end("t")
    assert not partial.exists()
