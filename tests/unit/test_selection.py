"""What is drawn, in which order, with which seed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import many_mutants, mutant, mutants_of
from trainwreck.model import (
    APP,
    FIRST,
    MODULE_LEVEL,
    Context,
    DrawMethod,
    Mutant,
    Stratum,
    StratumFrame,
    TrialKind,
    analysis_points,
    draws,
)
from trainwreck.model.trials import (
    CONTROL_EVERY,
    clean_trials,
    coverage_trials,
    mutant_trials,
    warming_trial,
)
from trainwreck.mutants.selection import (
    LEAST_TURN,
    Selected,
    draw_from_strata,
    draw_nodes,
    equal_shares,
    frame_of,
    in_turns,
    phases_of,
    select,
)

LEARNING, IMPORT = frozenset(["learning"]), frozenset(["import"])


def twins(number: int, **changes: str) -> list[Mutant]:
    """Two mutants for each of as many nodes."""
    return [
        mutant for _ in range(2) for mutant in many_mutants(number, **changes)
    ]  # ids do not matter here


def roots(**numbers: int) -> list[Mutant]:
    return [each for root, number in numbers.items() for each in many_mutants(number, root=root)]


def test_a_bug_is_in_every_phase_that_runs_one_of_its_lines() -> None:
    lines = {3: IMPORT, 5: frozenset(["learning", "building"]), 6: frozenset(["testing"])}
    assert phases_of(mutant(lines=(3, 5)), lines) == ("import", "building", "learning")
    assert phases_of(mutant(lines=(4, 4)), lines) == ()
    assert phases_of(mutant(lines=(6, 9)), lines) == ("testing",)


def test_a_statement_over_many_lines_counts_where_any_of_them_runs() -> None:
    first = mutants_of("x = f(\n    1,\n    a)\n")[0]
    assert phases_of(first, {3: LEARNING}) == ("learning",)
    assert phases_of(first, {4: LEARNING}) == ()


def test_the_body_of_a_loop_does_not_count_for_its_header() -> None:
    header = mutants_of("while a > b:\n    f()\n")[0]
    assert phases_of(header, {2: LEARNING}) == ()


def test_per_file_counts_nodes_and_not_mutants() -> None:
    drawn = draw_nodes(twins(30), 10, seed=0)
    assert len(drawn) == 20
    assert len({each.node for each in drawn}) == 10


def test_draw_nodes_keeps_all_of_a_file_below_per_file() -> None:
    assert draw_nodes(twins(10), 10, seed=0) == twins(10)
    assert draw_nodes([], 10, seed=0) == []


def test_draw_nodes_depends_on_seed_and_file_alone() -> None:
    mutants = many_mutants(100)
    drawn = draw_nodes(mutants, 10, seed=0)
    assert draw_nodes(mutants[::-1], 10, seed=0) == drawn[::-1]
    assert draw_nodes(mutants, 10, seed=1) != drawn
    other = draw_nodes(many_mutants(100, file="other.py"), 10, seed=0)
    assert {each.node for each in other} != {each.node for each in drawn}


def test_draw_nodes_gives_every_node_the_same_chance() -> None:
    times = Counter(
        each.node for seed in range(400) for each in draw_nodes(many_mutants(20), 5, seed)
    )
    assert len(times) == 20
    assert 60 < min(times.values()) <= max(times.values()) < 140


def test_select_keeps_only_executed_lines() -> None:
    mutants = mutants_of("a = 1\nb = 2\nc = 3\n")
    selected = select(mutants, {1: LEARNING, 3: IMPORT}, per_file=1, seed=0)
    assert [each.span.line for each in selected.reached] == [1, 3]
    assert len(selected.planned) == 1
    assert selected.planned[0] in selected.reached


LAYER = """\
from typing import Literal
RATE = 0.1
def f(x: Literal[1, 2], y=3, z=(4, 5)) -> "A":
    if x > y:
        z = x + 6
    return z
"""
RUN = dict.fromkeys(range(1, 7), LEARNING)


def test_select_leaves_annotations_out_and_counts_those_on_executed_lines() -> None:
    mutants = mutants_of(LAYER)
    selected = select(mutants, RUN, 50, 0, DrawMethod.STRATIFIED, annotations=False)
    kept = [each for each in mutants if each.stratum is not Stratum.ANNOTATION]
    assert selected.mutants == selected.reached == selected.planned == kept
    assert (len(mutants) - len(kept), selected.annotations) == (2, 2)
    unreached = select(mutants, {2: LEARNING}, 50, 0, DrawMethod.STRATIFIED, annotations=False)
    assert unreached.annotations == 0
    (left_out,) = select(mutants, RUN, 50, 0, annotations=False).strata(
        "app", "a.py", DrawMethod.PAPER
    )
    assert left_out == StratumFrame("app", "a.py", Stratum.ANNOTATION, 2, 0, 0.0)


def test_select_draws_as_before_for_the_draw_of_the_paper() -> None:
    mutants = many_mutants(100)
    lines = {1: LEARNING}
    selected = select(mutants, lines, 10, 3, DrawMethod.PAPER)
    assert selected.planned == draw_nodes(mutants, 10, 3)
    assert selected.strata("app", "train.py", DrawMethod.PAPER) == []


def in_strata(**numbers: int) -> list[Mutant]:
    """Mutants of one file, as many of each stratum, with nodes of their own."""
    places = {
        "conditions": {"context": Context.IF},
        "code": {"context": Context.ARGUMENT},
        "module": {"context": Context.ARGUMENT, "function": MODULE_LEVEL},
        "defaults": {"context": Context.DEFAULT},
    }
    kinds = [places[name] for name, number in numbers.items() for _ in range(number)]
    return [
        replace(plain, **kind) for plain, kind in zip(many_mutants(len(kinds)), kinds, strict=True)
    ]


def numbers_of(mutants: Iterable[Mutant]) -> dict[str, int]:
    return dict(Counter(each.stratum.name for each in mutants))


def test_draw_from_strata_gives_each_an_equal_part_and_the_rest_to_the_larger() -> None:
    mutants = in_strata(defaults=500, code=500, module=3, conditions=9)
    drawn = draw_from_strata(mutants, 40, seed=0)
    assert numbers_of(drawn) == {"DEFAULT": 14, "CODE": 14, "MODULE": 3, "CONDITION": 9}
    assert draw_from_strata(mutants, 2000, seed=0) == mutants
    assert draw_from_strata([], 10, seed=0) == []


@given(
    st.dictionaries(st.sampled_from(list(Stratum)), st.integers(1, 60), min_size=1),
    st.integers(5, 80),
)
def test_equal_shares_use_all_that_they_can(sizes: dict[Stratum, int], total: int) -> None:
    shares = equal_shares(sizes, total)
    assert sum(shares.values()) == min(total, sum(sizes.values()))
    assert all(1 <= shares[stratum] <= size for stratum, size in sizes.items())
    whole = [shares[stratum] for stratum, size in sizes.items() if shares[stratum] < size]
    assert not whole or max(whole) - min(whole) <= 1
    assert not whole or min(whole) >= max(shares.values()) - 1


def test_draw_from_strata_depends_on_seed_and_file_alone() -> None:
    mutants = in_strata(defaults=50, code=50)
    drawn = draw_from_strata(mutants, 10, seed=0)
    assert draw_from_strata(mutants[::-1], 10, seed=0) == drawn[::-1]
    assert draw_from_strata(mutants, 10, seed=1) != drawn


@pytest.mark.parametrize("per_file", [1, 3, 7, 30])
def test_the_chance_of_a_stratum_is_the_rate_at_which_its_nodes_are_drawn(per_file: int) -> None:
    mutants = in_strata(defaults=12, code=6, module=1, conditions=3)
    lines = {1: LEARNING}
    times: Counter[str] = Counter()
    for seed in range(300):
        selected = select(mutants, lines, per_file, seed, DrawMethod.STRATIFIED)
        times.update(numbers_of(selected.planned))
        assert len(selected.planned) == min(per_file, len(mutants))
    for frame in selected.strata("app", "train.py", DrawMethod.STRATIFIED):
        expected = 300 * frame.mutants * frame.chance
        assert frame.chance > 0
        assert abs(times[frame.stratum.name] - expected) <= 4.5 * expected**0.5


def test_in_turns_gives_each_stratum_as_many_turns_while_it_has_mutants() -> None:
    mutants = in_strata(defaults=300, code=100, module=10, conditions=60)
    first = in_turns(mutants, 0, DrawMethod.STRATIFIED)[:120]
    assert numbers_of(first) == {"CONDITION": 37, "CODE": 37, "MODULE": 10, "DEFAULT": 36}


def test_in_turns_of_strata_is_a_random_order_within_each() -> None:
    mutants = in_strata(defaults=40, code=40)
    plain, apart = in_turns(mutants, 0), in_turns(mutants, 0, DrawMethod.STRATIFIED)
    for stratum in (Stratum.DEFAULT, Stratum.CODE):
        assert [each for each in plain if each.stratum is stratum] == [
            each for each in apart if each.stratum is stratum
        ]
    assert in_turns(mutants[::-1], 0, DrawMethod.STRATIFIED) == apart


def test_frame_of_counts_nodes_and_mutants() -> None:
    mutants = mutants_of("a += 1\nb = 2\n")
    frame = frame_of("app", "a.py", Selected(mutants, mutants[:3], mutants[:1], 0), 4, "odd")
    assert (frame.nodes, frame.mutants, frame.dropped) == (3, 4, 4)
    assert (frame.executed_nodes, frame.executed) == (2, 3)
    assert (frame.planned_nodes, frame.planned, frame.problem) == (1, 1, "odd")


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=8),
    st.integers(0, 5),
)
def test_in_turns_is_a_permutation_in_which_no_root_waits_too_long(
    sizes: list[int], seed: int
) -> None:
    numbers = {f"root{index}": size for index, size in enumerate(sizes)}
    mutants = roots(**numbers)
    ordered = in_turns(mutants, seed)
    assert sorted(each.id for each in ordered) == sorted(each.id for each in mutants)
    least = min(LEAST_TURN, 0.5 / len(sizes))
    seen: Counter[str] = Counter()
    for turn, each in enumerate(ordered, 1):
        seen[each.root] += 1
        for root, size in numbers.items():
            assert seen[root] >= min(size, int(least * turn - 0.5))


def test_in_turns_lets_few_bugs_of_a_program_not_wait_for_its_library() -> None:
    first = in_turns(roots(app=30, keras=3000), seed=0)[:100]
    assert 15 <= Counter(each.root for each in first)[APP] <= 17


def test_in_turns_gives_large_roots_turns_by_their_size() -> None:
    first = Counter(each.root for each in in_turns(roots(a=1000, b=3000), seed=0)[:400])
    assert first["a"] < first["b"]


def test_in_turns_orders_a_root_by_the_seed_alone() -> None:
    mutants = roots(app=50, keras=50)
    assert in_turns(mutants, 0) == in_turns(mutants[::-1], 0)
    assert in_turns(mutants, 0) != in_turns(mutants, 1)
    lines = [each.span.start for each in in_turns(mutants, 0) if each.root == APP]
    assert lines != sorted(lines)


def test_in_turns_of_no_mutants_is_empty() -> None:
    assert in_turns([], 0) == []


def test_clean_runs_take_every_seed_and_fold_once_and_then_the_first_again() -> None:
    trials = clean_trials("s", 3, 2, 2)
    assert [(trial.seed, trial.fold) for trial in trials] == [
        (0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (0, 0), (0, 0),
    ]  # fmt: skip
    assert len({trial.id for trial in trials}) == 8
    assert {trial.kind for trial in trials} == {TrialKind.CLEAN}


@given(st.integers(1, 40), st.integers(0, 12), st.integers(1, 5))
def test_there_are_as_many_clean_runs_as_asked_for_and_no_two_are_the_same(
    seeds: int, repeats: int, folds: int
) -> None:
    trials = clean_trials("s", seeds, repeats, folds)
    assert len({trial.id for trial in trials}) == len(trials) == seeds * folds + repeats
    assert {trial.draw for trial in trials[seeds * folds :]} <= {FIRST}


def test_clean_runs_are_with_the_seed_that_mutants_run_with() -> None:
    (_, bug) = mutant_trials("s", many_mutants(1))
    assert clean_trials("s", 3, 2, 1)[-1].draw == clean_trials("s", 3, 2, 1)[0].draw == bug.draw


def test_warming_is_a_run_of_its_own_with_the_first_seed() -> None:
    warming = warming_trial("s")
    assert (warming.kind, warming.seed) == (TrialKind.WARMING, FIRST.seed)
    assert warming.id not in {trial.id for trial in clean_trials("s", 2, 3, 1)}


def test_more_clean_runs_keep_the_ones_that_were_made() -> None:
    few, many = clean_trials("s", 4, 2, 1), clean_trials("s", 9, 4, 1)
    assert {trial.id for trial in few} <= {trial.id for trial in many}


def test_mutants_are_compared_at_a_few_numbers_of_runs() -> None:
    assert analysis_points(10, 1) == [3, 5, 10]
    assert analysis_points(4, 1) == [3, 4]
    assert analysis_points(1, 1) == []


def test_with_several_folds_only_whole_seeds_are_compared() -> None:
    assert analysis_points(3, 5) == [5, 10, 15]
    assert [(draw.seed, draw.fold) for draw in draws(2, 2)] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_coverage_is_measured_twice_with_one_seed() -> None:
    first, second = coverage_trials("s")
    assert first.seed == second.seed
    assert first.id != second.id


def test_a_control_runs_before_every_fiftieth_mutant() -> None:
    mutants = many_mutants(CONTROL_EVERY + 1)
    trials = list(mutant_trials("s", mutants))
    controls = [index for index, trial in enumerate(trials) if trial.kind is TrialKind.CONTROL]
    assert controls == [0, CONTROL_EVERY + 1]
    assert [trial.mutant for trial in trials if trial.mutant] == mutants
    assert len({trial.id for trial in trials}) == len(trials)
