"""Programs of several processes: which one is the subject's, and what is read of them all."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_agent import PYTHONS, VERSIONS, mutant_of

from guest import TESTS
from trainwreck.errors import TrainwreckError
from trainwreck.model import Mutant, OperatorCode, Outcome, Trial, TrialKind
from trainwreck.model.slot import Slot
from trainwreck.mutants.files import application_files
from trainwreck.run.context import RunContext
from trainwreck.run.instructions import Instructions
from trainwreck.run.launcher import TrialRequest, run_trial
from trainwreck.run.limits import Limits
from trainwreck.subject.phase_markers import phase_marks
from trainwreck.subject.settings_file import load_settings

pytestmark = pytest.mark.usefixtures("no_process_is_left")

LAUNCHERS = ("by_script.py", "by_shell.py", "by_module.py")
LONG = Limits(600, 600, 8 << 30)
"""Several processes that import PyTorch take their time on a machine with other work."""
with_torch = pytest.mark.timeout(3600)


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TESTS / "zoo_tree", tmp_path / "program"))


def context_of(
    program: Path, *command: str, python: str = sys.executable, **env: str
) -> RunContext:
    settings = load_settings(program / "trainwreck.toml").subject
    texts = {file.file: file.path.read_text() for file in application_files(program)}
    return RunContext(
        subject=replace(settings, command=command, env=tuple(env.items())),
        folder=program,
        campaign=program.parent / "campaign",
        executable=python,
        bases={},
        covers=(),
        marks=phase_marks((), texts),
        data=None,
    )


def run(context: RunContext, mutant: Mutant | None = None) -> Outcome:
    kind = TrialKind.MUTANT if mutant else TrialKind.CLEAN
    request = TrialRequest(Trial("tree", kind, 0, mutant=mutant), LONG)
    return run_trial(request, context, Slot(0, context.work / "0")).outcome


def bug(context: RunContext, text: str, operator: OperatorCode) -> Outcome:
    return run(context, mutant_of(context, "app", text, operator))


def processes(outcome: Outcome) -> Any:
    return outcome.observations["processes"]


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_started_script_is_the_subject(program: Path, python: str, launcher: str) -> None:
    context = context_of(program, launcher, python=python)
    clean = run(context)
    assert clean.exit.fine
    assert [phase.name for phase in clean.phases] == ["constructing", "learning"]
    assert [report.metrics for report in clean.reports] == [("loss",)] * 3
    assert processes(clean)["chosen"].endswith("train" if "module" in launcher else "train.py")
    outcome = bug(context, "weight = 1.0", OperatorCode.NVR)
    assert (outcome.planted, outcome.hits) == (True, 1)
    assert outcome.steps != clean.steps
    assert outcome.phases[-1].hits == 1


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_the_failure_is_that_of_the_started_script(
    program: Path, python: str, launcher: str
) -> None:
    outcome = run(context_of(program, launcher, "--fail", python=python))
    assert not outcome.exit.fine
    assert outcome.error is not None
    assert (outcome.error.type, outcome.error.message) == ("ValueError", "the root cause")
    assert outcome.place is not None
    assert outcome.place.file == "train.py"
    assert outcome.phase == "learning"
    assert outcome.error.seconds is not None
    assert outcome.error.seconds > outcome.phases[-1].seconds


def test_a_refused_run_with_probes_is_not_said_to_plant_anything(program: Path) -> None:
    context = context_of(program, "train.py")
    broken = Instructions(probed={("app", "train.py"): "weight ="})
    request = TrialRequest(Trial("tree", TrialKind.PROBE, 0), Limits(60, 60, 1 << 30), broken)
    with pytest.raises(TrainwreckError, match="to run the program with probes: Synt") as refused:
        run_trial(request, context, Slot(0, program.parent / "slot"))
    assert "leave out the rules that need probes" in refused.value.hint


def test_two_ranks_count_together_and_the_first_one_speaks(program: Path, python: str) -> None:
    context = context_of(program, "by_ranks.py", python=python)
    clean = run(context)
    assert (processes(clean)["ranks"], processes(clean)["rank"]) == (2, 0)
    assert clean.steps == {"loss": ("0.5", "0.25", "0.125")}
    assert len(clean.reports) == 3
    assert bug(context, "weight - rate", OperatorCode.ArOR).hits == 6


@pytest.mark.parametrize("rank", ["0", "1"])
def test_the_rank_that_failed_first_has_the_root_cause(program: Path, rank: str) -> None:
    outcome = run(context_of(program, "by_ranks.py", FAIL_RANK=rank))
    assert outcome.error is not None
    assert (outcome.error.type, outcome.error.message) == ("ValueError", "the root cause")


def test_a_helper_that_fails_is_not_blamed_for_the_failure_of_the_program(program: Path) -> None:
    (program / "main.py").write_text(
        "import subprocess, sys\n"
        "subprocess.call([sys.executable, '-c', '{}[1]'])\n"
        "print('loss:', 1.5, flush=True)\n"
        "raise OSError('its own')\n"
    )
    outcome = run(context_of(program, "main.py"))
    assert outcome.error is not None
    assert (outcome.error.type, outcome.place and outcome.place.file) == ("OSError", "main.py")
    assert "processes" not in outcome.observations


def test_a_hang_shows_the_stack_of_the_process_that_hangs(program: Path) -> None:
    context = context_of(program, "by_hanging.py")
    trial = Trial("tree", TrialKind.MUTANT, 0)
    request = TrialRequest(trial, Limits(4, 60, 1 << 30))
    stack = run_trial(request, context, Slot(0, context.work / "0")).outcome.stack
    assert "in waits_forever" in stack
    blocks = [block for block in stack.split("\n\n") if "hread 0x" in block]
    (main,) = [index for index, block in enumerate(blocks) if "by_hanging.py" in block]
    assert [len(blocks), main] in ([10, 0], [10, 1]), stack


@pytest.fixture
def torch() -> str:
    """Return an interpreter with PyTorch; it must be named, as these tests take minutes."""
    named = os.environ.get("TRAINWRECK_TORCH")
    return named or pytest.skip("TRAINWRECK_TORCH names no interpreter with PyTorch")


@with_torch
def test_children_of_torch_are_followed_however_they_are_started(program: Path, torch: str) -> None:
    forked = context_of(program, "by_spawn.py", "fork", python=torch)
    spawned = context_of(program, "by_spawn.py", "spawn", python=torch)
    clean = run(forked)
    assert clean.parameters == run(spawned).parameters is not None
    assert [processes(run(each))["kind"] for each in (forked, spawned)] == ["fork", "spawn"]
    assert bug(spawned, "weight - rate", OperatorCode.ArOR).hits == 4
    failed = run(context_of(program, "by_spawn.py", "fork", "--fail", python=torch))
    assert failed.error is not None
    assert (failed.error.type, failed.error.message) == ("ValueError", "the root cause")
    assert failed.place is not None
    assert failed.place.file == "by_spawn.py"


@with_torch
@pytest.mark.parametrize("module", ["launch", "accelerate_cli"])
def test_accelerate_is_followed_into_the_script(program: Path, torch: str, module: str) -> None:
    words = ["launch"] * (module == "accelerate_cli")
    options = ("--cpu", "--num_processes", "2", "by_torch.py", "0")
    command = ("-m", f"accelerate.commands.{module}", *words, *options)
    context = context_of(program, *command, python=torch)
    outcome = run(context)
    # On processors alone, accelerate starts one process, whatever the number it is given.
    assert (processes(outcome)["chosen"], processes(outcome)["ranks"]) == ("by_torch.py", 1)
    assert outcome.parameters == run(context_of(program, *options[-2:], python=torch)).parameters
    assert [phase.name for phase in outcome.phases] == ["constructing", "learning"]
    planted = bug(context, "index * 0.5", OperatorCode.ArOR)
    assert (planted.planted, planted.hits) == (True, 32)
    failing = context_of(program, *command, "--fail", python=torch, RANK_THAT_FAILS="0")
    assert_the_root_cause_is_blamed(run(failing))


def assert_the_root_cause_is_blamed(failed: Outcome) -> None:
    """Assert that a failure of ``by_torch.py`` is not blamed on what started it."""
    assert failed.error is not None
    assert (failed.error.type, failed.error.message) == ("ValueError", "the root cause")
    assert failed.place is not None
    assert (failed.place.file, failed.place.line) == ("by_torch.py", 33)
    assert failed.phase == "learning"


@with_torch
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_a_data_loader_count_hits_and_change_no_digest(
    program: Path, torch: str, method: str
) -> None:
    alone = context_of(program, "by_torch.py", "0", python=torch)
    helped = context_of(program, "by_torch.py", "2", method, python=torch)
    clean = run(alone)
    assert clean.parameters is not None
    assert run(helped).parameters == clean.parameters
    outcome = bug(helped, "index * 0.5", OperatorCode.ArOR)
    assert outcome.hits == 32
    assert outcome.parameters == bug(alone, "index * 0.5", OperatorCode.ArOR).parameters


@with_torch
def test_torchrun_is_followed_into_its_ranks(program: Path, torch: str) -> None:
    command = ("-m", "torch.distributed.run", "--nproc_per_node=2", "by_torch.py", "0")
    context = context_of(program, *command, python=torch)
    clean = run(context)
    assert (processes(clean)["ranks"], processes(clean)["rank"]) == (2, 0)
    assert len(clean.steps["loss"]) == 2
    assert clean.parameters == run(context).parameters is not None
    assert bug(context, "index * 0.5", OperatorCode.ArOR).hits == 64
    failing = context_of(program, *command, "--fail", python=torch, RANK_THAT_FAILS="1")
    assert_the_root_cause_is_blamed(run(failing))
