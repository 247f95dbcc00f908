"""A file whose bugs change results without being counted is not followed."""

import pytest

from build import outcome
from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.judge.uncounted import ENOUGH_UNCOUNTED, Counting
from trainwreck.model import Ending, Exit, Outcome

FILE = ("app", "train.py")
OTHER = ("app", "model.py")
CLEAN = outcome(hits=0)
CHECK = DeterminismCheck(0, 3, frozenset([CLEAN.digest]), 2)
CHANGED = outcome(hits=0, steps={"accuracy": ("0.125",)})
CRASHED = outcome(hits=0, exit=Exit(Ending.EXITED, 1))


def suspects(runs: list[Outcome], check: DeterminismCheck = CHECK) -> bool:
    counting = Counting()
    return any(counting.add(FILE, run, check, ["accuracy"]) for run in runs)


@pytest.mark.parametrize("run", [CHANGED, CRASHED])
def test_enough_changes_without_a_hit_are_suspect(run: Outcome) -> None:
    assert suspects([run] * ENOUGH_UNCOUNTED)
    assert not suspects([run] * (ENOUGH_UNCOUNTED - 1))


def test_one_counted_bug_clears_its_file() -> None:
    assert not suspects([outcome(hits=1), *[CHANGED] * 20])


def test_a_counted_bug_in_another_file_clears_nothing() -> None:
    counting = Counting()
    counting.add(OTHER, outcome(hits=1), CHECK, ["accuracy"])
    assert any(counting.add(FILE, CHANGED, CHECK, ["accuracy"]) for _ in range(5))


@pytest.mark.parametrize(
    "run",
    [
        CLEAN,
        outcome(hits=None, steps={"accuracy": ("0.125",)}),
        outcome(hits=0, exit=Exit(Ending.TIME, 9)),
        outcome(hits=0, settled="horizon", steps={}),
    ],
)
def test_other_runs_are_no_sign(run: Outcome) -> None:
    assert not suspects([run] * 20)


@pytest.mark.parametrize(
    "check",
    [
        DeterminismCheck(0, 4, frozenset([CLEAN.digest, "another"]), 1),
        DeterminismCheck(0, 1, frozenset([CLEAN.digest]), 0),
    ],
)
def test_ends_of_a_program_that_does_not_repeat_are_no_sign(check: DeterminismCheck) -> None:
    assert not suspects([CHANGED] * 20, check)
