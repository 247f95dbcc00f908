"""Stems and their children, played by a stand-in: what is believed, what starts cold and why."""

import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from build import edit_at, mutant
from trainwreck.model import (
    Better,
    Ending,
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
from trainwreck.run.child import Stopped
from trainwreck.run.context import RunContext
from trainwreck.run.instructions import Instructions, WarmStart
from trainwreck.run.keeper import landlock
from trainwreck.run.launcher import ColdLauncher, TrialRequest, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.run.means import strict_means
from trainwreck.run.policy import Policy
from trainwreck.run.stem.launcher import WarmLauncher
from trainwreck.source import SourceText, decode
from trainwreck.subject.interpreter import Interpreter

PYTHON = Interpreter(sys.executable, (3, 11, 0), {}, {}, {}, {})
STAND_IN = Path(__file__).parents[1] / "stem_program.py"
LIMITS = Limits(20, 20, 1 << 30, output=1 << 20)
PROGRAM = """\
step(1 + 1)
append("log", "begin")
step(2 + 2)
show("log")
step(3 + 3)
append("log", "end")
show("log")
"""
LINES = PROGRAM.splitlines()


@dataclass(frozen=True)
class Text:
    """The text of a stem whose alternatives are whole lines."""

    text: str
    alternatives: tuple[dict[str, Any], ...]
    numbers: dict[str, int]
    excluded: dict[str, str] = field(default_factory=dict)


def write_text(
    source: SourceText,
    mutants: Iterable[Mutant],
    points: Iterable[Mutant],
    version: tuple[int, int],
    first: int,
) -> Text:
    del version
    numbers: dict[str, int] = {}
    lines: dict[int, int] = {}
    alternatives = []
    for number, each in enumerate([*mutants, *points], first):
        line = each.span.line
        numbers[each.id] = lines.setdefault(line, number)
        if lines[line] == number:
            alternatives.append({"number": number, "line": line})
    return Text(source.text, tuple(alternatives), numbers)


@pytest.fixture(params=["copy", "mounts", "landlock"])
def policy(request: pytest.FixtureRequest) -> Policy:
    if request.param == "copy":
        return Policy(Level.COPY)
    means = Means(request.param)
    if means is Means.MOUNTS and strict_means()[0] is not means:
        pytest.skip("this machine gives no mounts")
    if means is Means.LANDLOCK and not landlock.version():
        pytest.skip("this kernel has no Landlock")
    return Policy(Level.STRICT, means)


COPY = Policy(Level.COPY)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that is soon shown to a trial."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in has alternatives of its own."""
    monkeypatch.setattr("trainwreck.run.stem.plan.stem_text", write_text)
    monkeypatch.setattr("trainwreck.run.stem.plan.not_folding", lambda *_: {})


def context_in(folder: Path, policy: Policy = COPY, **env: str) -> RunContext:
    program = folder / "program"
    program.mkdir()
    for name in ("train.py", "clean.txt"):
        (program / name).write_text(PROGRAM)
    start = folder / "start"
    start.write_text(f"#!/bin/sh\nexec {sys.executable} -S {STAND_IN}\n")
    start.chmod(0o755)
    loss = Metric("loss", r"loss: (\S+)", Better.LOWER, None)
    variables = tuple(env.items())
    subject = Subject("s", ("train.py",), ".", "", ("app",), (loss,), (), 1, variables)
    return RunContext(
        subject, program, folder / "campaign", str(start), {}, (), {}, None, policy=policy
    )


def bug(line: int, text: str) -> Mutant:
    """A mutant that has another expression on a line."""
    start = sum(len(each) + 1 for each in LINES[: line - 1])
    edit = edit_at(start, LINES[line - 1], text, line)
    return mutant(edits=(edit,), anchor=f"a.{line}+{text}", source_sha=decode(PROGRAM.encode()).sha)


def request_of(planted: Mutant, clean: str, limits: Limits = LIMITS) -> TrialRequest:
    trial = Trial("s", TrialKind.MUTANT, 1, mutant=planted)
    instructions = Instructions(start=WarmStart(frozenset([clean])))
    return TrialRequest(trial, limits, instructions)


def warm_launcher(context: RunContext) -> WarmLauncher:
    return WarmLauncher(context, ColdLauncher(context), PYTHON)


def clean_digest(context: RunContext) -> str:
    trial = Trial("s", TrialKind.CONTROL, 1)
    return launch_cold(context, TrialRequest(trial, LIMITS)).outcome.digest


def launch_cold(context: RunContext, request: TrialRequest) -> TrialResult:
    slot = Slot(0, context.work / "0")
    return next(iter(ColdLauncher(context).launch([request], slot, lambda: False)))


@dataclass(frozen=True)
class Launched:
    """The outcomes of one group, by text of the bug, and the facts and the costs of its stems."""

    outcomes: dict[str, Outcome]
    stems: list[dict[str, Any]]
    costs: list[float]

    def how(self, text: str) -> str:
        started = self.outcomes[text].observations["started"]
        return str(started.get("why", started["how"]))


def launch(
    context: RunContext, *bugs: tuple[int, str], clean: str = "", limits: Limits = LIMITS
) -> Launched:
    """Launch a group of mutants; compare each outcome with that of a cold run."""
    clean = clean or clean_digest(context)
    requests = [request_of(bug(*each), clean, limits) for each in bugs]
    slot = Slot(0, context.work / "0")
    results = list(warm_launcher(context).launch(requests, slot, lambda: False))
    stems = [r.outcome for r in results if r.trial.kind is TrialKind.STEM]
    outcomes = {r.trial.mutant.edits[0].replacement: r.outcome for r in results if r.trial.mutant}
    assert len(outcomes) == len(bugs) == len(results) - len(stems)
    assert not (context.work / "0").exists()
    assert not (context.work / "0.kept").exists()
    for request in requests:
        assert request.trial.mutant is not None
        cold = launch_cold(context, request).outcome
        assert facts(outcomes[request.trial.mutant.edits[0].replacement]) == facts(cold)
    return Launched(
        outcomes,
        [outcome.observations["stem"] for outcome in stems],
        [outcome.cpu_seconds for outcome in stems],
    )


def facts(outcome: Outcome) -> tuple[object, ...]:
    failure = outcome.error and (outcome.error.type, outcome.error.message)
    return (outcome.exit, outcome.steps, outcome.digest, failure, outcome.planted, outcome.hits)


def test_children_are_full_runs(tmp_path: Path, policy: Policy) -> None:
    launched = launch(
        context_in(tmp_path, policy),
        (1, "step(1 - 1)"),
        (2, "append('log', 'other')"),
        (3, "fail('no shape')"),
        (5, "step(3 * 3)"),
        (5, "write('new')"),
        (6, "write('log')"),
        (6, "append('log', 'later')"),
    )
    assert {launched.how(text) for text in launched.outcomes} == {"warm"}
    assert launched.stems == [{**launched.stems[0], "children": 7, "cold": 0, "ended": "clean"}]


DOUBTED = {
    "hang()": "its warm run ended at: time limit",
    "stop_self()": "its warm run ended at: time limit",
    "kill_group()": "its warm run ended at: signal",
    "os.abort()": "its warm run ended at: signal",
    "print_much(2)": "its warm run ended at: output limit",
    "fill_disk(3)": "its warm run ended at: disk limit",
    "sys.exit(86)": "the fork did not succeed",
}


def test_a_child_that_ends_at_a_limit_or_by_a_signal_runs_again_cold(tmp_path: Path) -> None:
    limits = replace(LIMITS, seconds=5.0)
    context = context_in(tmp_path, replace(COPY, disk=2 << 20))
    bugs = [(2 + index % 4, text) for index, text in enumerate(DOUBTED)]
    launched = launch(context, *bugs, (5, "step(3 * 3)"), limits=limits)
    assert {text: launched.how(text) for text in DOUBTED} == DOUBTED
    assert launched.how("step(3 * 3)") == "warm"
    assert launched.stems[0]["ended"] == "clean"


def test_a_child_that_computes_until_its_limit_is_believed_and_is_given_time_for_it(
    tmp_path: Path,
) -> None:
    limits = replace(LIMITS, seconds=12.0, cpu_seconds=3.0)
    launched = launch(context_in(tmp_path), (3, "spin()"), (5, "step(3 * 3)"), limits=limits)
    assert launched.how("spin()") == launched.how("step(3 * 3)") == "warm"
    assert launched.outcomes["spin()"].exit.ending is Ending.CPU
    assert launched.outcomes["spin()"].cpu_seconds >= limits.cpu_seconds


BURNT = 0.5


def test_a_stem_ends_with_its_last_child(tmp_path: Path) -> None:
    launched = launch(context_in(tmp_path, LATE=str(2 * BURNT)), (1, "step(1 - 1)"))
    assert launched.stems[0]["ended"] == "clean"
    assert launched.stems[0]["cpu"] < BURNT
    assert launched.costs[0] - launched.stems[0]["cpu"] >= 2 * BURNT


@pytest.mark.parametrize("end", ["os.abort()", "forge()", "sys.exit(86)"])
def test_what_a_child_without_a_result_has_used_is_a_cost_of_its_stem(
    tmp_path: Path, end: str
) -> None:
    text = f"burn({BURNT}) or {end}"
    launched = launch(context_in(tmp_path), (1, "step(1 - 1)"), (3, text))
    assert launched.how(text) != "warm"
    assert launched.costs[0] - launched.stems[0]["cpu"] >= BURNT / 2
    assert launched.outcomes[text].cpu_seconds >= BURNT


def test_what_a_child_with_a_result_has_used_is_its_own(tmp_path: Path) -> None:
    text = f"burn({BURNT}) or step(5)"
    launched = launch(context_in(tmp_path), (3, text))
    started = launched.outcomes[text].observations["started"]
    assert launched.outcomes[text].cpu_seconds - started["prefix_cpu"] >= BURNT
    assert launched.stems[0]["ended"] == "clean"


def test_what_a_child_leaves_is_ended_and_removed(tmp_path: Path, policy: Policy) -> None:
    launched = launch(
        context_in(tmp_path, policy),
        (2, "leave_daemon()"),
        (2, "write('new', 'much')"),
        (3, "show('new')"),
        (3, "write('train.py', 'nothing')"),
        (5, "os.unlink('log')"),
        (6, "append('log', 'another')"),
    )
    assert {launched.how(text) for text in launched.outcomes} == {"warm"}
    assert [stem["ended"] for stem in launched.stems] == ["clean"]


STRAYS = {
    "replace_folder()": "warm",
    "write(os.path.expanduser('~/new'))": "warm",
    "write('/dev/shm/new')": "warm",
    "kill_parent()": "its warm run ended its stem",
    "forge()": "its warm run ended its stem",
    "print_to_stem()": "its warm run ended its stem",
    "stop_parent()": "its warm run ended its stem",
    "take_pipe()": "its warm run ended its stem",
}


@pytest.mark.parametrize("text", STRAYS)
def test_after_a_child_that_reaches_its_stem_the_others_have_another_one(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainwreck.run.stem.fork.UNHEARD_SECONDS", 5.0)
    if strict_means()[0] is not Means.MOUNTS:
        pytest.skip("this machine gives no mounts")
    context = context_in(tmp_path, Policy(Level.STRICT, Means.MOUNTS))
    launched = launch(context, (1, "step(1 - 1)"), (3, text), (5, "step(3 * 3)"))
    assert {other: launched.how(other) for other in launched.outcomes} == {
        "step(1 - 1)": "warm",
        text: STRAYS[text],
        "step(3 * 3)": "warm",
    }
    assert len(launched.stems) == 2


def test_a_view_in_memory_that_a_child_has_changed_ends_the_forks_of_its_stem(
    tmp_path: Path,
) -> None:
    if strict_means()[0] is not Means.MOUNTS:
        pytest.skip("this machine gives no mounts")
    context = context_in(tmp_path, Policy(Level.STRICT, Means.MOUNTS))
    # The view of the program's folder cannot lie in the campaign, which is below that folder.
    context = replace(context, campaign=context.folder / ".trainwreck")
    text = f"write({str(context.folder / 'new')!r})"
    launched = launch(context, (1, "step(1 - 1)"), (3, text), (5, "step(3 * 3)"))
    assert {launched.how(other) for other in launched.outcomes} == {"warm"}
    assert len(launched.stems) == 2


def test_a_folder_that_is_lost_before_the_first_child_without_a_bug_costs_another_stem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainwreck.run.stem.plan._clean_after", lambda _members: 2)
    text = "replace_folder() or sys.exit(86)"
    launched = launch(context_in(tmp_path), (1, text), (3, "step(5)"), (5, "step(3 * 3)"))
    assert launched.how(text) == "the fork did not succeed"
    assert launched.how("step(5)") == launched.how("step(3 * 3)") == "warm"


def test_nothing_of_a_stem_counts_that_ends_otherwise_than_clean_runs(tmp_path: Path) -> None:
    launched = launch(context_in(tmp_path, COPY), (3, "step(5)"), clean="another")
    assert launched.how("step(5)") == "its stem ended otherwise than clean runs"
    assert launched.stems[0]["children"] == 0


def test_stems_are_given_up_where_no_fork_is_safe(tmp_path: Path) -> None:
    context = context_in(tmp_path, COPY, UNSAFE="1")
    for number in (1, 2, 3):
        launched = launch(context, (3, f"step({number})"))
        assert launched.how(f"step({number})") == "two threads"
        assert len(launched.stems) == (number < 3)


def test_a_stem_stops_when_it_is_asked_to(tmp_path: Path) -> None:
    context = context_in(tmp_path, COPY)
    request = request_of(bug(3, "hang()"), clean_digest(context))
    calls = iter(range(1000))
    slot = Slot(0, context.work / "0")
    with pytest.raises(Stopped):
        list(warm_launcher(context).launch([request], slot, lambda: next(calls) > 20))
    assert not list(context.work.iterdir())


def stem_with_child(folder: Path) -> int | None:
    """Return the process id of the stem that works in a folder, while it has a child."""
    with suppress(OSError):
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                is_there = (path / "cwd").readlink().is_relative_to(folder)
                if is_there and (path / "task" / path.name / "children").read_text():
                    return int(path.name)
    return None


def test_a_stem_that_is_killed_from_outside_costs_the_child_at_work_a_cold_run(
    tmp_path: Path,
) -> None:
    context = context_in(tmp_path)
    clean = clean_digest(context)
    texts = {"step(1 - 1)": 1, "burn(1) or step(5)": 3, "step(3 * 3)": 5}
    requests = [request_of(bug(line, text), clean) for text, line in texts.items()]
    killed: list[int] = []

    def kill_once() -> bool:
        stem = stem_with_child(context.work)
        if not killed and stem:
            killed.append(stem)
            os.kill(stem, signal.SIGKILL)
        return False

    results = list(warm_launcher(context).launch(requests, Slot(0, context.work / "0"), kill_once))
    outcomes = {r.trial.mutant.id: r.outcome for r in results if r.trial.mutant}
    stems = [r.outcome for r in results if r.trial.kind is TrialKind.STEM]
    assert killed
    assert len(stems) == 2
    for request in requests:
        assert request.trial.mutant
        cold = launch_cold(context, request).outcome
        assert facts(outcomes[request.trial.mutant.id]) == facts(cold)
    ways = [outcome.observations["started"]["how"] for outcome in outcomes.values()]
    assert sorted(ways) in (["cold", "warm", "warm"], ["warm", "warm", "warm"])


def requests_of(number: int, seed: int = 1) -> list[TrialRequest]:
    """Requests that may start warm."""
    requests = [request_of(bug(3, f"step({n})"), "clean") for n in range(number)]
    return [replace(each, trial=replace(each.trial, seed=seed)) for each in requests]


def test_groups_hold_one_draw_and_others_pass_alone_at_once(tmp_path: Path) -> None:
    warm = warm_launcher(context_in(tmp_path, COPY))
    first, others = requests_of(6), requests_of(5, seed=7)
    control = TrialRequest(Trial("s", TrialKind.CONTROL, 1), LIMITS)
    cold = replace(first[5], instructions=Instructions(cold="its expression is hot"))
    batches = list(warm.batch([first[0], control, cold, *first[1:5], *others]))
    assert batches == [[control], [cold], first[:5], others]


@pytest.mark.parametrize(
    ("number", "jobs", "sizes"),
    [
        (0, 2, []),
        (3, 8, [3]),
        (15, 2, [15]),
        (17, 2, [8, 9]),
        (30, 8, [10, 10, 10]),
        (40, 1, [40]),
        (41, 1, [40, 1]),
        (100, 1, [40, 40, 20]),
        (100, 2, [40, 40, 10, 10]),
    ],
)
def test_slots_share_mutants_evenly_while_their_stems_pay(
    tmp_path: Path, number: int, jobs: int, sizes: list[int]
) -> None:
    requests = requests_of(number)
    batches = list(replace(warm_launcher(context_in(tmp_path, COPY)), jobs=jobs).batch(requests))
    assert list(map(len, batches)) == sizes
    trials = [request.trial for batch in batches for request in batch]
    assert trials == [request.trial for request in requests]


@pytest.mark.parametrize(
    ("prefix", "sizes"),
    [(0.9, [10, 10, 10]), (0.2, [10, 10, 10]), (0.15, [15, 15]), (0.07, [30])],
)
def test_slots_have_no_more_stems_than_forks_pay_for(
    tmp_path: Path, prefix: float, sizes: list[int]
) -> None:
    warm = replace(warm_launcher(context_in(tmp_path, COPY)), jobs=8)
    batches = list(warm.batch([lasting(request, prefix, 1.0) for request in requests_of(30)]))
    assert list(map(len, batches)) == sizes


def test_mutants_whose_forks_save_less_than_a_stem_costs_start_cold(tmp_path: Path) -> None:
    warm = warm_launcher(context_in(tmp_path, COPY))
    batches = list(warm.batch([lasting(request, 0.05, 1.0) for request in requests_of(30)]))
    assert [len(batch) for batch in batches] == [1] * 30
    reasons = {request.instructions.cold for (request,) in batches}
    assert reasons == {"a clean run to fork them from costs more than the forks save"}


def lasting(request: TrialRequest, prefix: float, whole: float) -> TrialRequest:
    """A request whose fork comes after some of a clean run's processor seconds."""
    start = request.instructions.start
    assert start is not None
    start = replace(start, prefix=prefix, whole=whole)
    return replace(request, instructions=replace(request.instructions, start=start))


def test_fewer_mutants_than_a_stem_costs_runs_start_cold(tmp_path: Path) -> None:
    warm = warm_launcher(context_in(tmp_path, COPY))
    batches = list(warm.batch(requests_of(2)))
    assert [len(batch) for batch in batches] == [1, 1]
    for (request,) in batches:
        assert request.instructions.start is None
        assert request.instructions.cold == "too few would start from one clean run"
    results = list(warm.launch(batches[0], Slot(0, tmp_path / "0"), lambda: False))
    assert [result.outcome.observations["started"]["how"] for result in results] == ["cold"]
