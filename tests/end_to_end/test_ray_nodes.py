"""Ray where something is wrong: memory, a node's folder, a driver that sleeps, a clock."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ray_clusters import (
    LITTLE,
    MUTANTS,
    STORE,
    added,
    cluster_for,
    facts,
    made_program,
    run,
    variables,
)
from trainwreck import Campaign
from trainwreck.campaign.progress import NoProgress
from trainwreck.engine.ray import RayEngine
from trainwreck.engine.ray_cluster import connected
from trainwreck.engine.ray_folders import on_node
from trainwreck.errors import UsageError
from trainwreck.model import FIRST, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import FILE_NAME, load_settings

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("no_process_is_left")]

ALWAYS = {"RAY_memory_monitor_refresh_ms": "50", "RAY_memory_usage_threshold": "0"}
"""A memory monitor for which every machine has too little memory."""
STOPPED = 8.0
"""Seconds for which a driver is stopped, whose connections give up after two."""
HEARTBEATS = {
    f"RAY_grpc_{side}keepalive_{what}_ms": "1000"
    for side in ("", "client_")
    for what in ("time", "timeout")
}
AHEAD = 600.0
"""Seconds by which a node's clock is ahead."""
SITE = f"""\
import time
of_seconds, of_nanoseconds = time.time, time.time_ns
time.time = lambda: of_seconds() + {AHEAD}
time.time_ns = lambda: of_nanoseconds() + {AHEAD * 10**9:.0f}
"""


BEGINS = "weight = rng.random()\n"
BEGINS_FROM_A_FILE = """\
from pathlib import Path
kept = Path.home() / ".cache" / "tiny" / "weight"
if not kept.exists():
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(str(random.SystemRandom().random()))
weight = float(kept.read_text())
"""
"""Begins with a weight that the first run keeps in its home, another one in each home."""
OPEN = """\
[trials]
containment = "none"
"""
"""Lets a run see what others have in folders for temporary files."""
OF_ITS_OWN = """\
import sys
from pathlib import Path
import test_ray_nodes as tests
from trainwreck.engine.ray_cluster import connected
with connected("", 1, tests.LITTLE):
    print(list(tests.engine(tests.nodes_of_ray(), Path(sys.argv[1])).map(tests.sleeping, [2.0])))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without processors; each test adds nodes to it."""
    with cluster_for(__name__) as begun:
        added(begun, num_cpus=0)
        yield begun


@contextmanager
def node_of(cluster: Any, **values: str) -> Iterator[None]:
    """Have a node with one processor and variables of its own."""
    with variables(**values):
        node = added(cluster, num_cpus=1)
    try:
        yield
    finally:
        cluster.remove_node(node)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return made_program(tmp_path)


def sleeping(task: float, slot: Slot, must_stop: MustStop) -> Iterator[str]:
    time.sleep(task)
    yield f"slept {task}"


def clock(task: int, slot: Slot, must_stop: MustStop) -> Iterator[float]:
    yield time.time()


def lost(task: object, reason: str) -> list[str]:
    return [reason]


def engine(nodes: dict[str, int], folder: Path) -> RayEngine:
    return RayEngine(lambda: nodes, folder, LITTLE, lost, {"PATH": os.defpath}, print)


def nodes_of_ray() -> dict[str, int]:
    import ray

    nodes = (node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU"))
    return {node["NodeID"]: 1 for node in nodes}


def test_a_task_that_rays_memory_monitor_kills_is_lost_and_ray_says_why(
    cluster: Any, tmp_path: Path
) -> None:
    with node_of(cluster, **ALWAYS), connected(cluster.address, 1, LITTLE):
        (reason,) = engine(nodes_of_ray(), tmp_path).map(sleeping, [60.0])
    assert reason.startswith("Ray lost it: OutOfMemoryError: ")
    assert "low on memory" in reason


def test_a_cluster_that_trainwreck_starts_has_no_memory_monitor(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    only = {"RAY_memory_usage_threshold": ALWAYS["RAY_memory_usage_threshold"]}
    path = os.pathsep.join(sys.path)
    # A process that has started a cluster of its own takes part in no other one later.
    done = subprocess.run(
        [sys.executable, "-c", OF_ITS_OWN, str(tmp_path)],
        env={**os.environ, **only, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.stdout == "['slept 2.0']\n", done.stderr


@dataclass
class Said(NoProgress):
    """Keeps what is said."""

    sentences: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)


@contextmanager
def node_with(mount: str, where: Path, address: str) -> Iterator[None]:
    """Have a node with one processor that alone sees something mounted at a folder."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no `unshare`")
    script = f'mount {mount} "$1" && shift && exec "$@"'
    ray = [sys.executable, "-m", "ray.scripts.scripts", "start", "--address", address, "--block"]
    options = ["--num-cpus", "1", "--object-store-memory", str(STORE)]
    line = ["unshare", "--mount", "sh", "-c", script, "sh", str(where), *ray, *options]
    before = len(nodes_of_ray())
    node = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 120
        while len(nodes_of_ray()) == before:
            assert time.monotonic() < until
            if node.poll() is not None:
                pytest.skip(f"no node with a mount: {node.communicate()[1]}")
            time.sleep(0.2)
        yield
    finally:
        node.terminate()
        node.communicate(timeout=60)


def test_a_node_whose_folder_for_runs_is_read_only_is_left_out_and_others_do_its_trials(
    cluster: Any, program: Path
) -> None:
    expected = facts(run(program, "local"))
    settings = load_settings(program / FILE_NAME, python=sys.executable)
    folder, said = program.parent / "on-ray", Said()
    how: Any = {"ray": cluster.address, "progress": said, "cache": program.parent / "cache"}
    with node_of(cluster), Campaign(folder, settings, **how) as campaign:
        campaign.baseline()
        campaign.plan()
        with node_with("-t tmpfs -o ro,size=4g tmpfs", folder / "work", cluster.address):
            campaign.run(MUTANTS)
    assert facts(folder) == expected
    (left_out,) = (text for text in said.sentences if "can run no trial" in text)
    assert "a run could not be made: OSError: [Errno 30] Read-only file system" in left_out


@contextmanager
def nodes_elsewhere(cluster: Any, program: Path) -> Iterator[None]:
    """Have two nodes that see nothing of the folder in which the program's lies."""
    with ExitStack() as stack:
        with connected(cluster.address, 1, LITTLE):
            for _ in range(2):
                node = node_with("-t tmpfs tmpfs", program.parent, cluster.address)
                stack.enter_context(node)
        yield


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_nodes_without_the_folders_get_copies_and_keep_none(cluster: Any, program: Path) -> None:
    expected = facts(run(program, "local"))
    (program / "large.bin").write_bytes(b"0" * (2 << 20))
    (program / "beside").symlink_to("large.bin")
    with nodes_elsewhere(cluster, program):
        folder = run(program, "on-ray", ray=cluster.address)
        with connected(cluster.address, 1, LITTLE):
            import ray

            asked = [on_node(names_in, node).remote(program.parent) for node in nodes_of_ray()]
            assert ray.get(asked) == [[], []]
    assert facts(folder) == expected


def test_nodes_without_the_folders_get_what_the_first_clean_run_kept(
    cluster: Any,
    program: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    text = (program / "train.py").read_text()
    assert BEGINS in text
    (program / "train.py").write_text(text.replace(BEGINS, BEGINS_FROM_A_FILE))
    with nodes_elsewhere(cluster, program):
        folder = run(program, "on-ray", ray=cluster.address)
    with CampaignFile.open(folder) as file:
        clean = [outcome.metrics for *_, outcome in file.outcomes(TrialKind.CLEAN, draw=FIRST)]
    assert len(clean) > 1
    assert all(values == clean[0] for values in clean)
    assert not list(home.iterdir())


def left_out_by(said: Said) -> list[str]:
    """Return why nodes are left out, as it was said."""
    return [text.partition(" is left out: ")[2] for text in said.sentences if "left out:" in text]


def test_a_node_without_what_the_program_reads_elsewhere_is_left_out(
    cluster: Any, program: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("data") / "weight"
    data.write_text("0.5")
    other = tmp_path_factory.mktemp("other")
    (other / "weight").write_text("0.25")
    text = (program / "train.py").read_text()
    reads = f"weight = float(open({str(data)!r}).read())\n"
    (program / "train.py").write_text(text.replace(BEGINS, reads))
    ours = (program / FILE_NAME).read_text().replace("[trials]", OPEN)
    (program / FILE_NAME).write_text(ours)
    expected = facts(run(program, "local"))
    settings = load_settings(program / FILE_NAME, python=sys.executable)
    folder, said = program.parent / "on-ray", Said()
    how: Any = {"ray": cluster.address, "progress": said, "cache": program.parent / "cache"}
    fewer = replace(settings, trials=replace(settings.trials, clean=1))
    with node_of(cluster), ExitStack() as stack:
        with Campaign(folder, fewer, **how) as campaign:
            campaign.baseline()
        with connected(cluster.address, 1, LITTLE):
            for options in ("-t tmpfs tmpfs", f"--bind {other}"):
                stack.enter_context(node_with(options, data.parent, cluster.address))
        with Campaign(folder, settings, **how) as campaign:
            campaign.baseline()
            assert len(left_out_by(said)) == 2
            campaign.plan()
            campaign.run(MUTANTS)
    assert facts(folder) == expected
    left_out = sorted(set(left_out_by(said)))
    assert left_out[0].startswith("the clean program does not work there: FileNotFoundError: ")
    assert left_out[1] == "the clean program ends otherwise there."


def test_a_node_on_which_the_folders_cannot_be_made_is_refused_with_their_names(
    cluster: Any, program: Path
) -> None:
    run(program, "local")
    missing = f"lacks the folders {program} and .*on-ray.* be made there: .*Read-only"
    with ExitStack() as stack:
        with connected(cluster.address, 1, LITTLE):
            elsewhere = node_with("-t tmpfs -o ro tmpfs", program.parent, cluster.address)
            stack.enter_context(elsewhere)
        with pytest.raises(UsageError, match=missing) as refused:
            run(program, "on-ray", ray=cluster.address)
    assert "at the same paths" in refused.value.hint


def test_a_driver_that_is_stopped_for_longer_than_heartbeats_goes_on(program: Path) -> None:
    expected = facts(run(program, "local"))
    folder = program.parent / "on-ray"
    command = [sys.executable, "-m", "trainwreck", "--campaign", str(folder), "run"]
    command += ["--mutants", str(MUTANTS), "--engine", "ray", "--address"]
    with cluster_for(__name__, **HEARTBEATS) as cluster:
        for number in (0, 1):
            added(cluster, num_cpus=number)
        driver = subprocess.Popen(
            [*command, cluster.address], cwd=program, stderr=subprocess.PIPE, text=True
        )
        try:
            until = time.monotonic() + 400
            while not (folder / "work").is_dir() or not any((folder / "work").iterdir()):
                assert driver.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
            driver.send_signal(signal.SIGSTOP)
            time.sleep(STOPPED)
            driver.send_signal(signal.SIGCONT)
            _, errors = driver.communicate(timeout=300)
        finally:
            driver.kill()
            driver.wait(60)
    assert driver.returncode == 0, errors
    assert facts(folder) == expected


def test_a_node_whose_clock_is_minutes_ahead_has_the_same_runs(
    cluster: Any, program: Path, tmp_path: Path
) -> None:
    expected = facts(run(program, "local"))
    (tmp_path / "ahead").mkdir()
    (tmp_path / "ahead" / "sitecustomize.py").write_text(SITE)
    with node_of(cluster, PYTHONPATH=str(tmp_path / "ahead")):
        with connected(cluster.address, 1, LITTLE):
            (there,) = engine(nodes_of_ray(), tmp_path).map(clock, [1])
            assert there > time.time() + AHEAD / 2
        assert facts(run(program, "on-ray", ray=cluster.address)) == expected
