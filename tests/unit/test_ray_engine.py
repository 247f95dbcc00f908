"""The Ray engine where nodes and workers fail; a stand-in takes the place of Ray's remote tasks."""

import errno
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from trainwreck.engine import ray as ray_engine
from trainwreck.engine.ray import RayEngine, Rehearsal
from trainwreck.engine.ray_cluster import Needs, connected
from trainwreck.engine.ray_task import Done
from trainwreck.errors import Paused, TrainwreckError, UsageError
from trainwreck.model.slot import Slot
from trainwreck.run.no_verdict import unmade

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")

FULL = Paused("the disk of /scratch has 3 MB left", "Make room on it.")
NO_FOLDER = unmade(PermissionError(errno.EACCES, "Permission denied"), Path("/scratch/0"))
LITTLE = Needs(1)
ID_BYTES = 28
Act = Callable[[int, str], Done]


class Remote:
    """A remote function whose tasks end at once, as ``act`` says for a task and its node."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.asked: list[tuple[Any, ...]] = []
        self.tasks: list[tuple[int, str]] = []

    def options(self, **declared: Any) -> Any:
        self.asked.append(tuple(declared[name] for name in ("num_cpus", "num_gpus", "memory")))
        assert declared["max_retries"] == 0
        node = bytes.fromhex(declared["scheduling_strategy"].node_id).rstrip(b"-").decode()

        def remote(shared: list[Any], packed: bytes) -> Any:
            task, slot, *_ = pickle.loads(packed)
            assert isinstance(slot, Slot)
            self.tasks.append((task, node))
            ended: Future[bytes] = Future()
            try:
                ended.set_result(pickle.dumps(self.act(task, node)))
            except ray.exceptions.RayError as error:
                ended.set_exception(error)
            return SimpleNamespace(future=lambda: ended)

        return SimpleNamespace(remote=remote)


@pytest.fixture
def engine_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes an engine on nodes with these numbers of slots; `said` is what it shows."""
    said: list[str] = []

    def made(
        act: Act, needs: Needs = LITTLE, rehearsal: Rehearsal | None = None, **nodes: int
    ) -> Any:
        remote = Remote(act)
        ids = {name: name.encode().ljust(ID_BYTES, b"-").hex() for name in nodes}
        known = [
            {"NodeID": id_, "Alive": True, "NodeManagerHostname": name} for name, id_ in ids.items()
        ]
        slots = {ids[name]: number for name, number in nodes.items()}
        monkeypatch.setattr(ray, "put", lambda value: value)
        monkeypatch.setattr(ray, "nodes", lambda: known)
        monkeypatch.setattr(ray_engine, "_remote_task", lambda: remote)
        ray_engine._task_on.cache_clear()
        monkeypatch.setattr(ray_engine, "_is_here", lambda node: node == ids.get("here"))
        say = said.append
        engine = RayEngine(lambda: slots, tmp_path, needs, lost, {}, say, rehearsal=rehearsal)
        return SimpleNamespace(engine=engine, remote=remote, said=said)

    return made


def lost(task: int, reason: str) -> list[str]:
    return [f"{task}: {reason}"]


def job(*_: Any) -> Iterator[Any]:
    raise AssertionError


@pytest.mark.parametrize("error", [FULL, NO_FOLDER])
def test_a_node_that_can_make_no_run_is_left_out_and_others_do_its_tasks(
    engine_of: Any, error: TrainwreckError
) -> None:
    def act(task: int, node: str) -> Done:
        return Done([-task], error) if node == "full" else Done([task])

    made = engine_of(act, full=2, good=1)
    assert sorted(made.engine.map(job, range(1, 7))) == [1, 2, 3, 4, 5, 6]
    assert sum(node == "full" for _, node in made.remote.tasks) <= 2
    assert made.said == [
        f"The node full (66756c6c) can run no trial, and is asked again each minute: {error.what}."
    ]


def test_a_node_that_was_left_out_works_again_once_it_has_room(
    engine_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = []

    def act(task: int, node: str) -> Done:
        if node == "full" and not refused:
            refused.append(task)
            return Done([], FULL)
        return Done([node])

    monkeypatch.setattr(ray_engine, "PAUSE_SECONDS", -1.0)
    made = engine_of(act, full=1, good=1)
    assert set(made.engine.map(job, range(1, 7))) == {"full", "good"}
    assert len(made.said) == 1


def test_the_campaign_pauses_where_no_node_has_room(engine_of: Any) -> None:
    made = engine_of(lambda *_: Done([], FULL), one=1, other=1)
    with pytest.raises(Paused) as paused:
        list(made.engine.map(job, [1]))
    assert paused.value.what.endswith("of the Ray cluster: the disk of /scratch has 3 MB left")
    assert paused.value.hint == "Make room on it."
    assert {node for _, node in made.remote.tasks} == {"one", "other"}


def test_a_worker_that_cannot_begin_leaves_its_node_out(engine_of: Any) -> None:
    def act(task: int, node: str) -> Done:
        if node == "bare":
            cause = ModuleNotFoundError("No module named 'trainwreck'")
            raise ray.exceptions.RayTaskError("run_task", f"...\n{cause!r}", cause)
        return Done([task])

    made = engine_of(act, bare=1, good=1)
    assert sorted(made.engine.map(job, [1, 2, 3])) == [1, 2, 3]
    assert "a worker of the Ray cluster failed: ModuleNotFoundError" in made.said[0]


@pytest.mark.parametrize(
    "error",
    [
        ray.exceptions.OutOfMemoryError("Task was killed due to the node running low on memory."),
        ray.exceptions.WorkerCrashedError(),
        ray.exceptions.NodeDiedError("The node was terminated."),
    ],
)
def test_a_task_that_ray_kills_is_lost_and_others_go_on(
    engine_of: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def act(task: int, node: str) -> Done:
        if task == 2:
            raise error
        return Done([str(task)])

    monkeypatch.setattr(ray_engine, "REST_SECONDS", -1.0)
    made = engine_of(act, one=1)
    first, second, third = made.engine.map(job, [1, 2, 3])
    assert (first, third) == ("1", "3")
    assert second.startswith(f"2: Ray lost it: {type(error).__name__}: ")
    assert made.said == []


def rehearsing(first: Callable[[int], int | None] = lambda _: 0) -> Rehearsal:
    """A rehearsal with the task 0, whose result is the problem of the node."""
    return Rehearsal(lambda task, _: first(task), lambda results: str(results[0]))


def test_each_node_but_the_drivers_rehearses_once_before_all_else(engine_of: Any) -> None:
    def act(task: int, node: str) -> Done:
        return Done(["" if task == 0 else f"{task} on {node}"])

    made = engine_of(act, rehearsal=rehearsing(), far=2, near=1, here=1)
    first = list(made.engine.map(job, range(1, 9)))
    list(made.engine.map(job, range(9, 12)))
    assert sorted(result[0] for result in first if result) == list("12345678")
    assert first.count("") == 2
    for node in ("far", "near"):
        assert next(task for task, at in made.remote.tasks if at == node) == 0
    assert sorted(at for task, at in made.remote.tasks if task == 0) == ["far", "near"]
    assert made.said == []


def test_the_node_of_the_driver_gets_the_first_task(engine_of: Any) -> None:
    made = engine_of(lambda task, _: Done([task]), away=2, here=1, zone=1)
    assert list(made.engine.map(job, [1])) == [1]
    assert made.remote.tasks == [(1, "here")]


def test_a_node_that_rehearses_badly_is_left_out_for_good(engine_of: Any) -> None:
    def act(task: int, node: str) -> Done:
        return Done(["it has no data" if node == "bad" and task == 0 else str(task or "")])

    made = engine_of(act, rehearsal=rehearsing(), bad=3, good=1)
    assert sorted(filter(None, made.engine.map(job, [1, 2, 3]))) == ["1", "2", "3"]
    assert sorted(filter(None, made.engine.map(job, [4, 5]))) == ["4", "5"]
    assert [task for task, at in made.remote.tasks if at == "bad"] == [0]
    assert made.said == ["The node bad (6261642d) is left out: it has no data."]
    assert made.engine.jobs == 1


def test_the_campaign_pauses_where_every_node_rehearses_badly(engine_of: Any) -> None:
    made = engine_of(lambda *_: Done(["it has no data"]), rehearsal=rehearsing(), one=2, other=1)
    for _ in range(2):
        with pytest.raises(Paused, match=r"no node .* can run the program: it has no data"):
            list(made.engine.map(job, [1, 2]))
    assert [task for task, _ in made.remote.tasks] == [0, 0]


def test_tasks_may_need_no_rehearsal(engine_of: Any) -> None:
    made = engine_of(lambda task, _: Done([task]), rehearsal=rehearsing(lambda _: None), one=1)
    assert list(made.engine.map(job, [1, 2])) == [1, 2]


def test_a_node_whose_rehearsal_is_lost_rehearses_again(
    engine_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def act(task: int, _: str) -> Done:
        tried.append(task)
        if len(tried) == 1:
            raise ray.exceptions.WorkerCrashedError
        if len(tried) == 2:
            return Done([], FULL)
        return Done([str(task or "")])

    monkeypatch.setattr(ray_engine, "REST_SECONDS", -1.0)
    monkeypatch.setattr(ray_engine, "PAUSE_SECONDS", -1.0)
    made = engine_of(act, rehearsal=rehearsing(), one=2)
    assert sorted(filter(None, made.engine.map(job, [1, 2, 3]))) == ["1", "2", "3"]
    assert tried[:3] == [0, 0, 0]
    assert sorted(tried) == [0, 0, 0, 1, 2, 3]


@pytest.mark.parametrize("threads", [1, 4])
def test_a_task_declares_as_many_processors_as_the_program_has_threads(
    engine_of: Any, threads: int
) -> None:
    made = engine_of(lambda task, _: Done([task]), Needs(1 << 30, threads, 0.5), one=1)
    assert list(made.engine.map(job, [1])) == [1]
    assert made.remote.asked == [(threads, 0.5, 1 << 30)]


@pytest.mark.parametrize(
    ("needs", "number"),
    [
        (Needs(1), 8),
        (Needs(1, 4), 2),
        (Needs(1, 5), 1),
        (Needs(1, 9), 0),
        (Needs(3, 1), 3),
        (Needs(1, 2, 0.5), 4),
        (Needs(1, 1, 2), 1),
        (Needs(1, 1, 3), 0),
    ],
)
def test_needs_have_room_on_a_node_as_often_as_its_scarcest_resource(
    needs: Needs, number: int
) -> None:
    assert needs.number_in({"CPU": 8, "memory": 9, "GPU": 2}) == number


def test_a_cluster_with_another_python_or_ray_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ray._private.utils import check_version_info

    def init(**_: Any) -> None:
        cluster = {"ray_version": "2.9.3", "python_version": "3.8.19"}
        check_version_info(cluster, "node 10.0.0.7:6379")

    monkeypatch.setattr(ray, "init", init)
    before = dict(os.environ)
    with pytest.raises(UsageError) as refused, connected("auto", 1, LITTLE):
        pass
    here = f"Ray {ray.__version__} and Python {'.'.join(map(str, sys.version_info[:3]))}"
    assert refused.value.what == (
        "the Ray cluster at auto has other versions: Ray 2.9.3 and Python 3.8.19, "
        f"where trainwreck has {here}"
    )
    assert refused.value.hint == "Start its nodes in the environment that trainwreck runs in."
    assert dict(os.environ) == before
