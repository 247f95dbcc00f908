"""Campaigns on a real Ray cluster of several nodes on this machine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ray_clusters import LITTLE, MUTANTS, Watched, added, cluster_for, facts, made_program, run
from trainwreck import Campaign
from trainwreck.campaign import cluster as cluster_module
from trainwreck.campaign.cluster import engine_of
from trainwreck.cli.planning import ray_of
from trainwreck.cli.values import read_engine
from trainwreck.engine.ray import RayEngine
from trainwreck.engine.ray_cluster import CheckedNodes, Needs, connected
from trainwreck.errors import Paused, UsageError
from trainwreck.model import Ending, Trial, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.model.start import STARTED, is_warm
from trainwreck.run.launcher import TrialRequest
from trainwreck.run.limits import Limits
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import FILE_NAME

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("no_process_is_left")]

MANY = 20


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without processors, as a driver has it, and a node with one."""
    with cluster_for(__name__) as begun:
        for number in (0, 1):
            added(begun, num_cpus=number)
        yield begun


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return made_program(tmp_path)


def seconds(folder: Path) -> dict[str, float]:
    with CampaignFile.open(folder) as file:
        ids = file.finished_ids()
        return {trial: file.run_of(trial)[0].seconds for trial in ids}


def test_a_campaign_on_ray_has_the_runs_of_the_local_engine(cluster: Any, program: Path) -> None:
    expected = facts(run(program, "local"))
    found = facts(run(program, "on-ray", ray=cluster.address))
    assert len(expected) == MUTANTS
    assert {exit_ for exit_, *_ in expected.values()} >= {"exited 0"}
    assert found == expected


def decisions(folder: Path) -> dict[str, tuple[object, ...]]:
    """The verdict on each mutant, what decided it, and whether its run started warm."""
    with CampaignFile.open(folder) as file:
        warm = {trial for trial, how in file.observations(STARTED).items() if is_warm(how)}
        ran = {r.mutant.id: r.first.trial_id in warm for r in file.first_runs() if r.first}
    return {
        item.mutant.id: (
            item.verdict.rung,
            item.verdict.symptom,
            item.verdict.decided_by,
            ran.get(item.mutant.id),
        )
        for item in Campaign.open(folder).results().study.judged
    }


def test_rules_and_warm_starts_on_ray_decide_as_on_the_local_engine(
    cluster: Any, program: Path
) -> None:
    text = (program / FILE_NAME).read_text()
    (program / FILE_NAME).write_text(text.replace("rules = []", 'start = "warm"'))
    expected = decisions(run(program, "local", MANY))
    found = decisions(run(program, "on-ray", MANY, ray=cluster.address))
    assert len(expected) == MANY
    assert found == expected
    deciding = [decided_by for _, _, decided_by, _ in found.values()]
    assert {"probe", "same-call", "run"} <= set(map(str, deciding))
    assert sum(is_started_warm is True for *_, is_started_warm in found.values()) > MANY // 2


def test_what_a_killed_node_had_runs_again_and_nothing_is_lost(cluster: Any, program: Path) -> None:
    expected = facts(run(program, "local"))
    node = added(cluster, num_cpus=1)
    watched = Watched(after=2, act=lambda: cluster.remove_node(node, allow_graceful=False))
    found = run(program, "on-ray", ray=cluster.address, progress=watched)
    assert facts(found) == expected
    assert all(outcome.exit.proves for _, outcome in watched.ended)
    ids = [trial.id for trial, _ in watched.ended]
    assert len(ids) == len(set(ids))


def test_a_killed_driver_goes_on_with_what_was_in_flight(cluster: Any, program: Path) -> None:
    expected = facts(run(program, "local"))
    folder = program.parent / "on-ray"
    command = [sys.executable, "-m", "trainwreck", "--campaign", str(folder), "run"]
    command += ["--mutants", str(MUTANTS), "--engine", "ray", "--address", cluster.address]
    log = (program.parent / "log").open("wb")
    driver = subprocess.Popen(command, cwd=program, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 400
        while len(facts_so_far(folder)) < 2:
            assert driver.poll() is None, Path(log.name).read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait(60)
        log.close()
    before = seconds(folder)
    assert len(facts(folder)) < MUTANTS
    run(program, "on-ray", ray=cluster.address)
    after = seconds(folder)
    assert {trial: after[trial] for trial in before} == before
    assert facts(folder) == expected


def facts_so_far(folder: Path) -> dict[str, tuple[object, ...]]:
    try:
        return facts(folder)
    except UsageError:
        return {}


def raising(task: int, slot: object, must_stop: object) -> Iterator[int]:
    yield task
    if task == 2:
        raise UsageError("the job ended", "Look at it.")


def dying(task: int, slot: object, must_stop: object) -> Iterator[int]:
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    yield task


def pausing(task: int, slot: object, must_stop: object) -> Iterator[int]:
    yield task
    raise Paused("the disk is full", "Make room on it.")


def declared(task: int, slot: Slot, must_stop: MustStop) -> Iterator[tuple[float, int]]:
    """Yield the processors that Ray has set aside for a task, and those it is bound to."""
    import ray

    yield ray.get_runtime_context().get_assigned_resources()["CPU"], len(slot.cpus)


def waiting(task: int, slot: Any, must_stop: Any) -> Iterator[str]:
    until = time.monotonic() + 300
    while not must_stop() and time.monotonic() < until:
        time.sleep(0.05)
    slot.folder.mkdir(parents=True, exist_ok=True)
    (slot.folder / "stopped").write_text("by the engine" if must_stop() else "by itself")
    yield "stopped"


def lost(task: int, reason: str) -> list[str]:
    return [f"{task} {reason.partition(':')[0]}"]


def variables(task: int, slot: object, must_stop: object) -> Iterator[list[str]]:
    yield sorted(name for name in os.environ if name.startswith(("RAY", "OMP", "MARK")))


def test_the_engine_passes_on_errors_variables_interrupts_and_what_a_worker_lost(
    cluster: Any, tmp_path: Path
) -> None:
    with connected(cluster.address, 1, LITTLE):
        nodes = CheckedNodes(lambda: {"a": "b"}, frozenset(), LITTLE, print)
        engine = RayEngine(nodes, tmp_path, LITTLE, lost, {"MARK": "x", "PATH": os.defpath}, print)
        assert engine.jobs == 1
        got: list[object] = []
        with pytest.raises(UsageError, match="the job ended") as raised:
            got.extend(engine.map(raising, [1, 2, 3]))
        assert raised.value.hint == "Look at it."
        assert got == [1, 2]
        assert sorted(map(str, engine.map(dying, [1, 2]))) == ["1 Ray lost it", "2"]
        assert list(engine.map(variables, [1])) == [["MARK"]]
        assert list(engine.map(declared, [1])) == [(1.0, 1)]
        with pytest.raises(Paused, match=r"^the node .+ of the Ray cluster: the disk is full$"):
            list(engine.map(pausing, [1]))
        working = engine.map(waiting, iter([1, 2]))
        signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
        signal.alarm(2)
        with pytest.raises(KeyboardInterrupt):
            list(working)
        signal.alarm(0)
        assert [path.read_text() for path in tmp_path.glob("*/stopped")] == ["by the engine"]


def device(task: int, slot: Slot, must_stop: MustStop) -> Iterator[str]:
    """Yield the GPU of a slot once ``task`` of them are at work."""
    (slot.folder.parent / f"{task}-{slot.folder.name}").touch()
    while len(list(slot.folder.parent.glob(f"{task}-*"))) < task and not must_stop():
        time.sleep(0.05)
    yield slot.device


def test_tasks_on_ray_have_the_share_of_a_gpu_that_is_asked_for(
    cluster: Any, tmp_path: Path
) -> None:
    node = added(cluster, num_cpus=4, num_gpus=2)
    with connected(cluster.address, 1, LITTLE):
        engines = {}
        for gpus in (0.5, 1, 2, 3):
            needs = replace(LITTLE, gpus=gpus)
            nodes = CheckedNodes(dict, frozenset(), needs, print)
            engines[gpus] = RayEngine(nodes, tmp_path, needs, lost, {"PATH": ""}, print)
        assert [engines[gpus].jobs for gpus in (0.5, 1, 2)] == [4, 2, 1]
        assert sorted(engines[0.5].map(device, [4] * 4)) == ["0", "0", "1", "1"]
        assert list(engines[2].map(device, [1])) == ["0,1"]
        with pytest.raises(UsageError, match="no node of the Ray cluster can run a trial"):
            engines[3].jobs  # noqa: B018 - it asks the nodes
        needs = replace(LITTLE, cpus=4)
        nodes = CheckedNodes(dict, frozenset(), needs, print)
        engine = RayEngine(nodes, tmp_path, needs, lost, {"PATH": ""}, print)
        has_four = len(os.sched_getaffinity(0)) >= 4
        assert list(engine.map(declared, [1])) == [(4.0, 4 if has_four else 0)]
    cluster.remove_node(node)


def test_nodes_that_differ_are_refused_or_left_out(cluster: Any, tmp_path: Path) -> None:
    with connected(cluster.address, 1, LITTLE):
        said: list[str] = []

        def asked(apart: frozenset[str] = frozenset(), memory: int = 1) -> CheckedNodes:
            needs = Needs(memory)
            return CheckedNodes(lambda: {"process": str(os.getpid())}, apart, needs, said.append)

        with pytest.raises(UsageError, match="differs from this machine: process is"):
            asked()()
        with pytest.raises(UsageError, match="no node of the Ray cluster can run a trial"):
            asked(frozenset(["process"]))()
        assert "is another kind of machine, and is left out: process is" in said[0]
        with pytest.raises(UsageError, match="no node of the Ray cluster can run a trial"):
            asked(memory=1 << 60)()
        engine = RayEngine(dict, tmp_path, LITTLE, lost, {}, print)
        with pytest.raises(Paused, match="no node of the Ray cluster is left"):
            list(engine.map(raising, [1]))
        with (
            pytest.raises(UsageError, match="connected to a Ray cluster already"),
            connected("", 1, LITTLE),
        ):
            pass


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("127.0.0.1:1", "no Ray cluster answers at 127.0.0.1:1"),
        ("here", "`here` is no address"),
        ("ray://127.0.0.1:10001", "is no address"),
    ],
)
def test_an_address_without_a_cluster_is_refused(address: str, problem: str) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    with pytest.raises(UsageError, match=problem), connected(address, 1, LITTLE):
        pass


def test_a_lost_trial_says_what_ray_reported() -> None:
    request = TrialRequest(Trial("s", TrialKind.CLEAN, 0), Limits(1, 1, 1))
    (result,) = cluster_module.lost([request], "Ray lost it: WorkerCrashedError")
    assert (result.trial, result.outcome.exit.ending) == (request.trial, Ending.LOST)
    assert result.outcome.reason == "Ray lost it: WorkerCrashedError"


def test_ray_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    subject: Any = SimpleNamespace(context=SimpleNamespace(work=tmp_path))
    campaign, file = Campaign(tmp_path, ray=""), cast("CampaignFile", None)
    with pytest.raises(UsageError) as raised, engine_of(campaign, subject, file):
        pass
    assert "trainwreck[ray]" in raised.value.hint


def test_an_address_is_one_of_a_ray_cluster_only() -> None:
    assert (ray_of("local", None), ray_of("ray", None)) == (None, "")
    assert ray_of("ray", "10.0.0.1:6379") == "10.0.0.1:6379"
    with pytest.raises(UsageError, match="the local engine uses none"):
        ray_of("local", "10.0.0.1:6379")
    with pytest.raises(ValueError, match="not one of local, ray"):
        read_engine("slurm")
