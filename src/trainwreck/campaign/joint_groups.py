"""Which mutants run together, so that no other of its file can hide one in all its runs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt

from trainwreck.judge.joint_runs import JointRuns
from trainwreck.model import Mutant

MOST = 16
"""Mutants in one run."""


@dataclass
class _Group:
    """Mutants that can run together, ``most`` of them: no two on one line of a file."""

    most: int
    members: list[Mutant] = field(default_factory=list)
    lines: set[tuple[str, str, int]] = field(default_factory=set)
    files: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, mutant: Mutant) -> bool:
        """Add a mutant; return false where there is no room for it."""
        first, last = mutant.lines
        lines = {(*_file(mutant), line) for line in range(first, last + 1)}
        if len(self.members) >= self.most or not lines.isdisjoint(self.lines):
            return False
        self.members.append(mutant)
        self.lines |= lines
        self.files[_file(mutant)] += 1
        return True


def spread(mutants: Sequence[Mutant], most: int) -> list[Sequence[Mutant]]:
    """Divide mutants into groups of two and more, those of a file as evenly as possible.

    The number of groups is that which makes the fewest runs, those of `apart` counted. There is no
    group where these would be as many as the mutants.

    Args:
        mutants: The mutants, in any order.
        most: The largest number of mutants in a group.

    """
    largest = max(Counter(map(_file, mutants)).values(), default=0)
    number = max(ceil(len(mutants) / most), ceil(sqrt(largest)))
    again = ceil(largest / number) if largest > number else 0
    if number + again >= len(mutants):
        return []
    groups = [_Group(most) for _ in range(number)]
    for mutant in mutants:
        if not any(group.add(mutant) for group in _fewest_first(groups, _file(mutant))):
            groups.append(_Group(most))
            groups[-1].add(mutant)
    return _of_two(groups)


def apart(mutants: Iterable[Mutant], joint: JointRuns) -> list[Sequence[Mutant]]:
    """Divide mutants into groups of two and more in which none can be hidden as it was before."""
    groups: list[tuple[_Group, set[str]]] = []
    for mutant in mutants:
        hiding = set(joint.may_be_hidden_by(mutant.id))
        for group, kept_out in groups:
            is_apart = mutant.id not in kept_out and hiding.isdisjoint(m.id for m in group.members)
            if is_apart and group.add(mutant):
                kept_out |= hiding
                break
        else:
            groups.append((_Group(MOST), hiding))
            groups[-1][0].add(mutant)
    return _of_two(group for group, _ in groups)


def _fewest_first(groups: Iterable[_Group], file: tuple[str, str]) -> list[_Group]:
    """Return groups in the order of their numbers of mutants of a file, then of all."""
    return sorted(groups, key=lambda group: (group.files[file], len(group.members)))


def _of_two(groups: Iterable[_Group]) -> list[Sequence[Mutant]]:
    return [group.members for group in groups if len(group.members) > 1]


def _file(mutant: Mutant) -> tuple[str, str]:
    return mutant.root, mutant.file
