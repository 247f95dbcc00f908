"""Slots, launchers and engines can be replaced: each by a fake of a few lines."""

import os
import pickle
import signal
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from build import ENVIRONMENT, many_mutants, outcome
from trainwreck.campaign.progress import NoProgress
from trainwreck.campaign.session import Session
from trainwreck.engine import Job
from trainwreck.engine.local import LocalEngine, local_slots
from trainwreck.errors import TrainwreckError
from trainwreck.model import Subject, Trial, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.run.context import RunContext
from trainwreck.run.instructions import Instructions
from trainwreck.run.launcher import ColdLauncher, TrialRequest, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.store.campaign_file import CampaignFile

LIMITS = Limits(10, 10, 1 << 30)
TRIALS = [Trial("s", TrialKind.MUTANT, 0, mutant=mutant) for mutant in many_mutants(5)]
GPUS = [Slot(index, Path(f"/slots/{index}"), device=f"cuda:{index}") for index in range(2)]


class PairLauncher:
    """A launcher that makes two trials at a time, as a warm one makes many from one process."""

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        requests = list(requests)
        return (requests[start : start + 2] for start in range(0, len(requests), 2))

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        for request in requests:
            log = f"{slot.device} {len(requests)}".encode()
            yield TrialResult(request.trial, outcome(trial_id=request.trial.id), log)


@dataclass
class SerialEngine:
    """An engine that works on one task after the other, and sends the job elsewhere first."""

    slots: Sequence[Slot]
    jobs: int = 1

    def map(self, job: Job[Any, Any], tasks: Iterable[Any]) -> Generator[Any, None, None]:
        sent = pickle.loads(pickle.dumps(job))
        for number, task in enumerate(tasks):
            yield from sent(task, self.slots[number % len(self.slots)], lambda: False)


def session_of(file: CampaignFile, engine: Any, launcher: Any) -> Session:
    subject: Any = SimpleNamespace(environment=ENVIRONMENT)
    return Session(subject, file, NoProgress(), engine, launcher)


@pytest.mark.parametrize("engine", [SerialEngine(GPUS), LocalEngine(GPUS)])
def test_a_session_stores_what_any_launcher_makes_in_any_engine(
    tmp_path: Path, engine: Any
) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        session = session_of(file, engine, PairLauncher())
        results = list(session.execute(TRIALS, LIMITS))
        assert {result.trial.id for result in results} == {trial.id for trial in TRIALS}
        assert file.finished_ids() == {trial.id for trial in TRIALS}
        logs = sorted(file.log(trial.id) for trial in TRIALS)
        assert {log.split()[1] for log in logs} == {"1", "2"}, "pairs, and one left over"
        assert {log.split()[0] for log in logs} <= {"cuda:0", "cuda:1"}
        assert list(session.execute(TRIALS, LIMITS)) == [], "nothing runs twice"
        again = session.execute(TRIALS[:1], LIMITS, lambda _: Instructions(), {TRIALS[0].id})
        assert len(list(again)) == 1


def test_evidence_is_read_again_once_the_file_has_changed(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        session = session_of(file, SerialEngine(GPUS), PairLauncher())
        before = session.evidence
        assert session.evidence is before
        list(session.execute([Trial("s", TrialKind.CLEAN, 0)], LIMITS))
        assert session.evidence is not before
        assert session.evidence.clean


def test_a_cold_launcher_can_be_sent_to_another_process() -> None:
    context = RunContext(
        Subject("s", ("train.py",), ".", "", ("app",), (), (), 1, ()),
        *(Path("/program"), Path("/campaign"), "python3", {}, (), {}, None),
    )
    launch = pickle.loads(pickle.dumps(ColdLauncher(context).launch))
    assert launch.__self__ == ColdLauncher(context)


def test_local_slots_have_processors_of_their_own_where_there_are_enough(tmp_path: Path) -> None:
    (slot,) = local_slots(1, tmp_path)
    assert len(slot.cpus) == 1
    assert slot.folder == tmp_path / "0"
    assert {slot.cpus for slot in local_slots(10_000, tmp_path)} == {()}


def test_local_slots_of_campaigns_at_the_same_time_are_on_all_processors(tmp_path: Path) -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system binds no process to a processor")
    available = os.sched_getaffinity(0)
    assert local_slots(1, tmp_path) == local_slots(1, tmp_path)
    taken = {local_slots(1, tmp_path / str(n))[0].cpus for n in range(40 * len(available))}
    assert taken == {(cpu,) for cpu in available}
    together = {slot.cpus for slot in local_slots(len(available), tmp_path)}
    assert together == taken


@pytest.mark.parametrize(
    ("jobs", "threads", "expected"),
    [
        (2, 3, [3, 3]),
        (3, 2, [2, 2, 2]),
        (1, 6, [6]),
        (6, 1, [1] * 6),
        (2, 4, [0, 0]),
        (7, 1, [0] * 7),
    ],
)
def test_local_slots_have_a_processor_for_each_thread_where_there_are_enough_for_all(
    jobs: int, threads: int, expected: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    available = {1, 3, 4, 6, 8, 9}
    monkeypatch.setattr("os.sched_getaffinity", lambda _: available, raising=False)
    slots = local_slots(jobs, tmp_path, threads=threads)
    assert [len(slot.cpus) for slot in slots] == expected
    taken = [cpu for slot in slots for cpu in slot.cpus]
    assert len(set(taken)) == len(taken)
    assert available.issuperset(taken)


def failing(task: int, slot: Slot, must_stop: MustStop) -> Iterator[int]:
    yield task
    if task == 1:
        raise TrainwreckError("broken")
    while not must_stop():
        time.sleep(0.01)


def test_local_engine_gives_results_before_the_error_and_stops_all_other_tasks() -> None:
    engine, results = LocalEngine(GPUS), []
    with pytest.raises(TrainwreckError, match="broken"):
        results += list(engine.map(failing, [0, 1, 2]))
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


def test_local_engine_stops_its_tasks_when_the_consumer_does() -> None:
    work = LocalEngine(GPUS).map(failing, iter([0, 2, 3]))
    assert next(work) in (0, 2)
    work.close()
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


def test_local_engine_takes_tasks_only_when_a_slot_is_free() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    work = LocalEngine(GPUS).map(failing, tasks())
    next(work)
    assert len(taken) <= 2
    work.close()


def test_local_engine_hears_ctrl_c_while_it_waits() -> None:
    def idle(task: int, slot: Slot, must_stop: MustStop) -> Iterator[int]:
        while not must_stop():
            time.sleep(0.01)
        yield task

    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        list(LocalEngine(GPUS).map(idle, [1]))
