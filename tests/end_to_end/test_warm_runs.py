"""Warm runs in real interpreters, each compared with the cold run of the same mutant."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from trainwreck.model import (
    Better,
    Level,
    Means,
    Metric,
    Mutant,
    Outcome,
    Subject,
    Trial,
    TrialKind,
)
from trainwreck.model.slot import Slot
from trainwreck.mutants.files import application_files
from trainwreck.mutants.listing import list_mutants
from trainwreck.run.context import RunContext
from trainwreck.run.instructions import Horizon, Instructions, WarmStart
from trainwreck.run.launcher import ColdLauncher, TrialRequest, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.run.means import strict_means
from trainwreck.run.policy import Policy
from trainwreck.run.stem.launcher import WarmLauncher
from trainwreck.source import decode
from trainwreck.subject.interpreter import Interpreter, survey
from trainwreck.subject.phase_markers import phase_marks

LIMITS = Limits(60, 60, 1 << 30)
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


@dataclass(frozen=True)
class Bench:
    """One program with its mutants, and the digests of its clean runs."""

    context: RunContext
    interpreter: Interpreter
    mutants: tuple[Mutant, ...]
    clean: Outcome

    def requests(self, mutants: Sequence[Mutant], horizon: Horizon | None = None) -> Any:
        start = WarmStart(frozenset([self.clean.digest]))
        return [
            TrialRequest(
                Trial("s", TrialKind.MUTANT, 1, mutant=mutant),
                LIMITS,
                Instructions(horizon=horizon, start=start),
            )
            for mutant in mutants
        ]

    def warm(self, requests: Any, slot: int = 0) -> list[TrialResult]:
        launcher = WarmLauncher(self.context, ColdLauncher(self.context), self.interpreter)
        place = Slot(slot, self.context.work / str(slot))
        return list(launcher.launch(requests, place, lambda: False))

    def cold(self, request: TrialRequest) -> Outcome:
        place = Slot(0, self.context.work / "0")
        (result,) = ColdLauncher(self.context).launch([request], place, lambda: False)
        return result.outcome


def bench_in(folder: Path, policy: Policy, texts: dict[str, str], python: str = "") -> Bench:
    program = folder / "program"
    program.mkdir()
    for name, text in texts.items():
        (program / name).write_text(text)
    interpreter = survey(python or sys.executable, [])
    metrics = tuple(
        Metric(name, rf"{name}: (\S+)", better, None)
        for name, better in (("loss", Better.LOWER), ("accuracy", Better.HIGHER))
    )
    command = ("train.py", "{seed}")
    subject = Subject("s", command, ".", "", ("app",), metrics, (), 1, (), outputs=("log.txt",))
    context = RunContext(
        subject=subject,
        folder=program,
        campaign=folder / "campaign",
        executable=interpreter.executable,
        bases={},
        covers=(),
        marks=phase_marks((), texts),
        data=None,
        policy=policy,
    )
    mutants = [
        mutant
        for file in application_files(program)
        for mutant in list_mutants(
            decode(file.path.read_bytes()), "app", file.file, file.module, interpreter.grammar
        ).mutants
        if mutant.evaluated is not None
    ]
    bench = Bench(context, interpreter, tuple(mutants), None)  # type: ignore[arg-type]
    clean = bench.cold(TrialRequest(Trial("s", TrialKind.CONTROL, 1), LIMITS))
    assert clean.exit.fine, clean
    return replace(bench, clean=clean)


def policies() -> dict[str, Policy]:
    found = {"copy": Policy(Level.COPY)}
    if strict_means()[0] is Means.MOUNTS:
        found["strict"] = Policy(Level.STRICT, Means.MOUNTS)
    return found


@pytest.fixture(params=["copy", "strict"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    if request.param not in policies():
        pytest.skip("this machine gives no mounts")
    texts = {"train.py": TRAIN, "model.py": MODEL}
    return bench_in(tmp_path, policies()[request.param], texts)


def facts(outcome: Outcome) -> dict[str, Any]:
    """All of an outcome that does not depend on the machine's speed."""
    failure = outcome.error and replace(outcome.error, seconds=None)
    return {
        "exit": outcome.exit,
        "digest": outcome.digest,
        "steps": outcome.steps,
        "hits": outcome.hits,
        "failure": failure,
        "phases": [(phase.name, phase.hits) for phase in outcome.phases],
        "reports": [(report.metrics, report.hits) for report in outcome.reports],
        "checkpoint": outcome.checkpoint,
        "settled": outcome.settled,
        "planted": outcome.planted,
        "work": outcome.work,
        "observed": {k: v for k, v in outcome.observations.items() if k != "started"},
        "reached": outcome.first_hit is not None,
    }


def how(outcome: Outcome) -> str:
    started = outcome.observations["started"]
    return str(started.get("why", started["how"]))


def split(results: Sequence[TrialResult]) -> tuple[dict[str, Outcome], list[Outcome]]:
    """The outcomes of mutants by id, and those of stems."""
    mutants = {r.trial.mutant.id: r.outcome for r in results if r.trial.mutant}
    return mutants, [r.outcome for r in results if r.trial.kind is TrialKind.STEM]


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
