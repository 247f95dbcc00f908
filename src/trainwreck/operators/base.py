"""What an operator is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from parso.tree import Leaf, NodeOrLeaf

from trainwreck.model import OperatorCode

Position = tuple[int, int]

NUMBER = "<number>"
"""The trigger of operators that change numbers, whose text is not known beforehand."""


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the text from ``start`` to ``end``; it is the value of ``node`` that may differ."""

    start: Position
    end: Position
    replacement: str
    node: NodeOrLeaf


@dataclass(frozen=True, slots=True)
class Operator:
    """A kind of small bug.

    ``changes`` is asked for each leaf whose text is among ``triggers``. ``examples`` pair a
    source text with every text that the operator makes of it, in order.
    """

    code: OperatorCode
    title: str
    triggers: frozenset[str]
    changes: Callable[[Leaf], Iterator[Change]]
    examples: tuple[tuple[str, tuple[str, ...]], ...]
