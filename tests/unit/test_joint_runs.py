"""Which mutants run together, and what joint runs show of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from build import many_mutants
from trainwreck.campaign.joint_groups import MOST, apart, spread
from trainwreck.judge.joint_runs import JointRuns
from trainwreck.model import JointRun, Mutant, Part


def mutants_of(*sizes: int) -> list[Mutant]:
    """Mutants of as many files as sizes, each on a line of its own."""
    return [
        replace(mutant, lines=(line, line))
        for number, size in enumerate(sizes)
        for line, mutant in enumerate(many_mutants(size, file=f"{number}.py"), 1)
    ]


def joint_runs(mutants: Iterable[Mutant], *groups: Iterable[Mutant]) -> JointRuns:
    joint = JointRuns({mutant.id: (mutant.root, mutant.file) for mutant in mutants})
    for number, group in enumerate(groups):
        ids = frozenset(mutant.id for mutant in group)
        joint.add(JointRun(str(number), ids, False, "digest", (Part.VALUES,)))
    return joint


def shown(mutants: Iterable[Mutant], joint: JointRuns) -> list[bool]:
    return [bool(joint.showing(mutant.id)) for mutant in mutants]


def test_a_mutant_is_shown_where_no_other_of_its_file_was_in_all_its_runs() -> None:
    mutants = mutants_of(3, 1)
    a, b, c, other = mutants
    assert shown(mutants, joint_runs(mutants)) == [False] * 4
    assert shown(mutants, joint_runs(mutants, [a, other])) == [True, False, False, True]
    assert shown(mutants, joint_runs(mutants, [a, b, other])) == [False, False, False, True]
    # Without b, a has shown nothing; nobody has run b without a.
    assert shown(mutants, joint_runs(mutants, [a, b], [a, other])) == [True, False, False, True]
    assert shown(mutants, joint_runs(mutants, [a, b, c], [a, b])) == [False] * 4
    assert shown(mutants, joint_runs(mutants, [a, b], [b, c], [a, c]))[:3] == [True] * 3


def test_a_mutant_that_is_planned_no_more_may_be_of_the_same_file() -> None:
    a, b = mutants_of(1, 1)
    joint = joint_runs([a], [a, b])
    assert not joint.showing(a.id)
    assert not joint.showing(b.id)


@pytest.mark.parametrize(
    "sizes",
    [(6,), (7,), (16,), (17,), (80,), (500,), (1,) * 40, (3, 1, 1, 5, 2), (40, 1, 1), (9, 9, 9)],
)
def test_two_rounds_of_groups_show_nearly_all_mutants_and_take_fewer_runs(
    sizes: Sequence[int],
) -> None:
    mutants = mutants_of(*sizes)
    groups = spread(mutants, MOST)
    joint = joint_runs(mutants, *groups)
    again = apart([m for m in mutants if joint.may_be_hidden_by(m.id)], joint)
    joint = joint_runs(mutants, *groups, *again)
    alone = shown(mutants, joint).count(False)
    assert len(groups) + len(again) + alone < len(mutants)
    assert alone <= len(mutants) / 5
    for group in (*groups, *again):
        assert 2 <= len(group) <= MOST
        assert len(set(group)) == len(group)
    met = Counter(
        frozenset(pair)
        for group in (*groups, *again)
        for pair in combinations([m.id for m in group], 2)
    )
    files = {m.id: m.file for m in mutants}
    assert all(n == 1 for pair, n in met.items() if len({files[m] for m in pair}) == 1)


@pytest.mark.parametrize("sizes", [(), (1,), (2,), (3,), (4,)])
def test_a_few_mutants_of_one_file_run_alone(sizes: Sequence[int]) -> None:
    assert spread(mutants_of(*sizes), MOST) == []


def test_two_mutants_of_a_line_never_run_together() -> None:
    mutants = [replace(m, lines=(1, 1)) for m in mutants_of(9)] + mutants_of(1, 4)[1:]
    for group in spread(mutants, MOST):
        lines = [(m.file, m.lines) for m in group]
        assert len(set(lines)) == len(lines)
