"""Real Ray clusters of several nodes on this machine, and a small campaign to run on them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from trainwreck import Campaign
from trainwreck.campaign.progress import NoProgress
from trainwreck.engine.ray_cluster import Needs
from trainwreck.model import Outcome, Trial
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import FILE_NAME, load_settings

MUTANTS = 8
STORE = 100 << 20
LITTLE = Needs(1 << 20)
TRIES = 3
"""Starts of a cluster on a machine that has no time for it: Ray waits for 30 seconds."""
TRAIN = """\
import random, sys
def loss(weight, x):
    return (weight * x - 2 * x) ** 2
rng = random.Random(int(sys.argv[1]))
weight = rng.random()
for step in range(20):
    x = 1 + rng.random()
    weight = weight - 0.1 * (weight * x - 2 * x) * x
    if step > 17:
        print(f"loss: {loss(weight, 1.0):.6f}")
if weight > 100:
    raise ValueError("diverged")
"""
SETTINGS = """
[subject]
name = "tiny"
command = ["train.py", "{seed}"]

[metrics.loss]
pattern = 'loss: (\\S+)'
better = "lower"

[trials]
clean = 2
seeds = 1
memory = "1G"
rules = []
"""


@contextmanager
def variables(**values: str) -> Iterator[None]:
    """Have variables of the environment within the block."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def cluster_for(module: str, **values: str) -> Iterator[Any]:
    """Have a cluster without nodes, whose workers know the functions of a module of tests."""
    ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
    from ray.cluster_utils import Cluster

    # Workers know nothing of the folders of the tests.
    ray.cloudpickle.register_pickle_by_value(sys.modules[module])
    usual = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_memory_monitor_refresh_ms": "0"}
    with variables(**usual, **values):
        begun = Cluster()
        try:
            yield begun
        finally:
            begun.shutdown()


def added(cluster: Any, **options: int) -> Any:
    for last in range(TRIES):
        try:
            return cluster.add_node(
                object_store_memory=STORE, include_dashboard=False, wait=False, **options
            )
        except Exception:
            if last == TRIES - 1:
                raise
    raise AssertionError


@dataclass
class Watched(NoProgress):
    """Acts once, after a number of trials with a bug."""

    after: int = 1 << 30
    act: Any = None
    ended: list[tuple[Trial, Outcome]] = field(default_factory=list)

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        self.ended.append((trial, outcome))
        if sum(trial.mutant is not None for trial, _ in self.ended) == self.after:
            self.act()


def made_program(folder: Path) -> Path:
    """Write the program and its settings to a folder within another."""
    program = folder / "program"
    program.mkdir()
    (program / "train.py").write_text(TRAIN)
    (program / FILE_NAME).write_text(SETTINGS)
    return program


def run(program: Path, name: str, mutants: int = MUTANTS, **how: Any) -> Path:
    settings = load_settings(program / FILE_NAME, python=sys.executable)
    folder = program.parent / name
    with Campaign(folder, settings, cache=program.parent / "cache", **how) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(mutants)
    return folder


def facts(folder: Path) -> dict[str, tuple[object, ...]]:
    """What each trial with a bug did, without its times."""
    with CampaignFile.open(folder) as file:
        return {
            runs.mutant.id: (str(runs.first.exit), runs.first.digest, runs.first.hits)
            for runs in file.first_runs()
            if runs.first
        }
