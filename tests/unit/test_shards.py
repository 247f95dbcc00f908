"""Shards: how a plan is divided, and which of two runs of one trial counts."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import failure, many_mutants, outcome
from trainwreck.cli.planning import check_shard
from trainwreck.cli.values import read_shard
from trainwreck.errors import UsageError
from trainwreck.judge.doubles import counts_before, is_contradiction
from trainwreck.model import Context, Ending, Exit, Rule, Trial, TrialKind
from trainwreck.model.shard import Shard, Shards, expected_runs, shard_numbers
from trainwreck.model.trials import FURTHER_CONTROLS, in_lane, lane_of_kind, mutant_trials

CONTEXTS = [Context.ASSIGNED, Context.IF, Context.DEFAULT]
KINDS = st.lists(st.sampled_from(CONTEXTS), max_size=60)
METRICS = ("accuracy",)


@given(KINDS, st.integers(1, 9))
def test_shard_numbers_divide_a_plan_by_what_is_expected_of_it(
    contexts: list[Context], of: int
) -> None:
    numbered = zip(many_mutants(len(contexts)), contexts, strict=True)
    mutants = [replace(mutant, context=context) for mutant, context in numbered]
    numbers = list(shard_numbers(mutants, of))
    assert numbers == list(shard_numbers(mutants, of))
    assert len(numbers) == len(mutants)
    assert set(numbers) <= set(range(1, of + 1))
    loads = Counter(dict.fromkeys(range(1, of + 1), 0.0))
    for mutant, number in zip(mutants, numbers, strict=True):
        loads[number] += expected_runs(mutant)
    most = max(map(expected_runs, mutants), default=0.0)
    assert max(loads.values()) - min(loads.values()) <= most + 1e-9
    # The head of a plan is divided in the same way, so that it may grow.
    assert list(shard_numbers(mutants[:20], of)) == numbers[:20]


@given(st.integers(0, 40), st.integers(1, 5))
def test_shards_takes_each_mutant_in_one_part(number: int, of: int) -> None:
    mutants = many_mutants(number)
    parts = [list(Shards(of, frozenset([part])).takes(mutants)) for part in range(1, of + 1)]
    assert [sum(column) for column in zip(*parts, strict=True)] == [1] * number
    assert Shards(of, frozenset([1])).missing == list(range(2, of + 1))


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3", ""])
def test_option_shard_refuses_what_is_no_part(text: str) -> None:
    with pytest.raises(ValueError, match="not a part such as 3/8"):
        read_shard(text)


def test_option_shard_reads_a_part() -> None:
    assert read_shard("3/8") == Shard(3, 8)
    assert str(Shard(3, 8)) == "3/8"


@pytest.mark.parametrize(
    ("budget", "is_dry", "is_choice", "what"),
    [(9.0, False, False, "budget"), (None, True, False, "--dry"), (None, False, True, "chosen")],
)
def test_option_shard_refuses_other_choices(
    budget: float | None, is_dry: bool, is_choice: bool, what: str
) -> None:
    check_shard(None, budget, is_dry, is_choice)
    with pytest.raises(UsageError, match=what):
        check_shard(Shard(1, 2), budget, is_dry, is_choice)


def test_a_clean_trial_that_has_a_lane_keeps_it() -> None:
    clean = in_lane(Trial("s", TrialKind.CLEAN, 3), 2)
    assert in_lane(clean, 2) == in_lane(clean, 5) == clean
    further = in_lane(Trial("s", TrialKind.CLEAN, 3), lane_of_kind("another", 2))
    assert further.repeat < 1 << 63
    assert further.id != clean.id


def test_in_lane_numbers_clean_trials_of_each_shard_apart() -> None:
    clean = Trial("s", TrialKind.CLEAN, 0, repeat=FURTHER_CONTROLS + 5)
    ids = {in_lane(clean, lane).id for lane in range(50)}
    assert len(ids) == 50
    assert in_lane(clean, 0) == clean
    bug = Trial("s", TrialKind.MUTANT, 0, mutant=many_mutants(1)[0])
    joint = Trial("s", TrialKind.TOGETHER, 0, repeat=3)
    assert [in_lane(trial, 7) for trial in (bug, joint)] == [bug, joint]


def test_mutant_trials_have_controls_of_their_shard_alone() -> None:
    kinds = [{trial.id for trial in mutant_trials("s", many_mutants(2), lane)} for lane in (1, 2)]
    assert len(kinds[0] & kinds[1]) == 2
    assert len(kinds[0] | kinds[1]) == 4


CRASH = outcome(exit=Exit(Ending.EXITED, 1), error=failure("ValueError", "x"))
OTHER_CRASH = outcome(exit=Exit(Ending.EXITED, 1), error=failure("KeyError", "x"))
MOVED = outcome(parameters="def")
HANG = outcome(exit=Exit(Ending.TIME, 9), steps={})
BROKEN = outcome(exit=Exit(Ending.BROKEN, 0))


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        (outcome(), outcome(seconds=9.0, cpu_seconds=8.0, peak_rss=5), False),
        (outcome(), MOVED, True),
        (outcome(), CRASH, True),
        (CRASH, OTHER_CRASH, True),
        (CRASH, replace(CRASH, hits=8), False),
        (HANG, replace(HANG, hits=8, steps={"accuracy": ("0.1",)}), False),
        (HANG, outcome(), True),
        (BROKEN, outcome(), False),
        (replace(MOVED, settled=Rule.HORIZON), outcome(), False),
    ],
)
def test_doubles_contradict_where_they_say_different_things(
    first: object, second: object, contradict: bool
) -> None:
    assert is_contradiction(first, second, METRICS) is contradict
    assert is_contradiction(second, first, METRICS) is contradict


def test_doubles_count_by_what_they_prove_and_then_by_their_times() -> None:
    ranked = [outcome(), outcome(cpu_seconds=9.0), outcome(settled=Rule.HORIZON), BROKEN]
    for index, better in enumerate(ranked):
        for worse in ranked[index + 1 :]:
            assert counts_before(better, worse)
            assert not counts_before(worse, better)
    assert counts_before(outcome(), outcome())
