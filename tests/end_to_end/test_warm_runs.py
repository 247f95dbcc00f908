"""Warm runs in real interpreters, each compared with the cold run of the same mutant."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from trainwreck.run.instructions import Horizon
from trainwreck.run.launcher import TrialResult
from warm_bench import Bench, bench_in, facts, how, policies, split

TRAIN = """\
import random
import sys

from model import RATE, Line

seed = int(sys.argv[1])
random.seed(seed)
log = open("log.txt", "a")
log.write("seed %d" % seed)

# phase: preprocessing
rows = [(x / 10, 3 * x / 10 + 1 + random.random() / 100) for x in range(20)]
half = len(rows) // 2
train, test = rows[:half], rows[half:]

# phase: constructing
line = Line(2 * RATE)

# phase: learning
for epoch in range(3):
    loss = line.fit(train)
    log.write("epoch %d" % (epoch + 1))
    log.flush()
    print("loss:", loss)
    print("trainwreck: state=%r" % (line.slope + line.offset))
print("accuracy:", line.accuracy(test), "of", 1 - 0)
"""
MODEL = """\
RATE = 0.05 * 2
UNUSED = 7 + 7
NAMES = ["slope", "offset"]


class Line:
    tolerance = 1 / 2

    def __init__(self, rate, start=0.5 + 0.5):
        self.rate = rate
        self.slope = self.offset = start * 0

    def fit(self, rows):
        total = 0.0
        for x, y in rows:
            error = self.slope * x + self.offset - y
            self.slope -= self.rate * error * x
            self.offset -= self.rate * error
            total += error ** 2
        if total < 0 and total > 1:
            raise ValueError("no loss")
        return total / len(rows)

    def accuracy(self, rows):
        right = [abs(self.slope * x + self.offset - y) < self.tolerance for x, y in rows]
        return sum(right) / len(right) if NAMES[1 - 1] else None
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that is soon shown to a trial."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture(params=["copy", "strict"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    if request.param not in policies():
        pytest.skip("this machine gives no mounts")
    texts = {"train.py": TRAIN, "model.py": MODEL}
    return bench_in(tmp_path, policies()[request.param], texts)


def test_warm_runs_end_as_cold_runs_do(bench: Bench) -> None:
    requests = bench.requests(bench.mutants)[::3]
    assert len(requests) >= 20
    outcomes, stems = split(bench.warm(requests))
    assert [stem.observations["stem"]["ended"] for stem in stems] == ["clean"]
    for request in requests:
        warm, cold = outcomes[request.trial.mutant.id], bench.cold(request)
        assert facts(warm) == facts(cold), request.trial.mutant.name
    warm_ones = [outcome for outcome in outcomes.values() if how(outcome) == "warm"]
    assert len(warm_ones) > len(requests) / 2, {name: how(o) for name, o in outcomes.items()}


@pytest.fixture
def quick(tmp_path: Path) -> Bench:
    return bench_in(tmp_path, policies()["copy"], {"train.py": TRAIN, "model.py": MODEL})


def test_a_horizon_ends_a_warm_run_where_it_ends_the_cold_one(quick: Bench) -> None:
    unused = [m for m in quick.mutants if m.file == "model.py" and m.lines[0] == 2]
    plain = quick.requests(unused[:1])[0]
    cold = quick.cold(plain)
    assert cold.reports, "a horizon needs a report"
    horizon = Horizon(cold.reports[0].hits, frozenset([cold.checkpoint or ""]))
    requests = quick.requests(unused, horizon)
    outcomes, _ = split(quick.warm(requests))
    for request in requests:
        warm, cold = outcomes[request.trial.mutant.id], quick.cold(request)
        assert how(warm) == "warm"
        assert facts(warm) == facts(cold)


def test_a_child_may_fork_at_the_expression_of_another_mutant(quick: Bench) -> None:
    point = next(m for m in quick.mutants if m.file == "model.py" and m.lines[0] == 1)
    late = [m for m in quick.mutants if m.file == "model.py" and m.function.endswith("fit")][::4]
    requests = [
        replace(request, instructions=replace(request.instructions, start=start))
        for request in quick.requests(late)
        for start in [replace(request.instructions.start, point=point)]
    ]
    outcomes, _ = split(quick.warm(requests))
    prefixes = set()
    for request in requests:
        warm = outcomes[request.trial.mutant.id]
        assert how(warm) == "warm"
        prefixes.add(warm.observations["started"]["prefix_cpu"])
        assert facts(warm) == facts(quick.cold(request))
    assert len(prefixes) == 1


def test_two_slots_have_stems_at_once(quick: Bench) -> None:
    groups = [quick.requests(quick.mutants[start::9]) for start in (0, 1)]
    results: list[list[TrialResult]] = [[], []]

    def work(slot: int) -> None:
        results[slot] = quick.warm(groups[slot], slot)

    threads = [threading.Thread(target=work, args=(slot,)) for slot in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for group, found in zip(groups, results, strict=True):
        outcomes, stems = split(found)
        assert [stem.observations["stem"]["ended"] for stem in stems] == ["clean"]
        for request in group[::3]:
            assert facts(outcomes[request.trial.mutant.id]) == facts(quick.cold(request))
