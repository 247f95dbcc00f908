"""The row heads of tables by operator: the eight operators, then those of other tools."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trainwreck.model import Judged, OperatorCode, operator_name

MOST = 100
"""Operators of other tools beyond this number share one head.

A tool that describes each mutant by a text of its own would otherwise fill the table.
"""
FURTHER = "further operators"
RESERVED = frozenset(["in all", "clean", FURTHER])
"""Heads that tables and figures use for other rows."""


@dataclass(frozen=True, slots=True)
class OperatorHeads:
    """The heads of a table by operator, in their order; no two are equal."""

    heads: tuple[str, ...]
    _head_of: Mapping[str, str]

    def groups(self, judged: Iterable[Judged]) -> dict[str, list[Judged]]:
        """Return the mutants under each head; some lists may be empty."""
        groups: dict[str, list[Judged]] = {head: [] for head in self.heads}
        for item in judged:
            groups[self._head_of.get(item.mutant.operator, FURTHER)].append(item)
        return groups


def operator_heads(judged: Iterable[Judged]) -> OperatorHeads:
    """Return the heads for these mutants: the eight, then all others in alphabetical order."""
    numbers = Counter(item.mutant.operator for item in judged)
    others = [operator for operator in numbers if operator not in list(OperatorCode)]
    others.sort(key=lambda operator: (-numbers[operator], operator))
    head_of = {code.value: code.value for code in OperatorCode}
    for operator in sorted(others[:MOST], key=lambda code: (operator_name(code).casefold(), code)):
        head_of[operator] = _new_head(operator, frozenset(head_of.values()))
    more = (FURTHER,) if len(others) > MOST else ()
    return OperatorHeads((*head_of.values(), *more), head_of)


def _new_head(operator: str, taken: frozenset[str]) -> str:
    """Return the operator's name, with a number where the head is taken."""
    name = operator_name(operator)
    head, number = name, 1
    while head in taken | RESERVED:
        number += 1
        head = f"{name} (operator)" if number == 2 else f"{name} (operator {number})"
    return head
