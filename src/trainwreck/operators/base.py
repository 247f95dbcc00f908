"""The nouns of mutation operators: an operator, the tree that it searches, a change."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from parso.tree import BaseNode, Leaf, NodeOrLeaf

Position = tuple[int, int]

NUMBER = "<number>"
"""Stands for the text of any number, which is not known beforehand."""

INDEXED = frozenset(["operator", "keyword", "number", "name"])
"""Leaves that an index by text may hold: text inside strings and f-strings is no code."""


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the text from ``start`` to ``end``; it is the value of ``node`` that may differ."""

    start: Position
    end: Position
    replacement: str
    node: NodeOrLeaf


class Tree:
    """The syntax tree of one file, with its leaves indexed by their text."""

    def __init__(self, module: BaseNode, skipped_lines: Iterable[int]) -> None:
        """Index the tree without what the parser could not read.

        Args:
            module: the root node.
            skipped_lines: the lines at which the parser skipped something, counted from 1.

        """
        self.module = module
        self._leaves: defaultdict[str, list[Leaf]] = defaultdict(list)
        skipped = frozenset(skipped_lines)
        for leaf in _readable_leaves(module):
            if leaf.start_pos[0] not in skipped:
                self._leaves[NUMBER if leaf.type == "number" else leaf.value].append(leaf)

    def leaves(self, texts: Iterable[str]) -> Iterator[Leaf]:
        """Return the operators, keywords and names with these texts, or every ``NUMBER``."""
        for text in texts:
            yield from self._leaves.get(text, ())


def _readable_leaves(module: BaseNode) -> Iterator[Leaf]:
    """Yield the leaves outside error nodes, in the order of the text."""
    waiting: list[NodeOrLeaf] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, BaseNode):
            if node.type != "error_node":
                waiting.extend(reversed(node.children))
        elif isinstance(node, Leaf) and node.type in INDEXED:
            yield node


@dataclass(frozen=True, slots=True)
class Operator:
    """One kind of small bug, of one family of operators.

    ``sites`` yields the changes of a tree, in any order across the file; those at one position
    keep their order. ``examples`` pair a source text with every text that the operator makes of
    it, in order. ``name`` is unique among all families; it is part of a mutant's id.
    """

    name: str
    family: str
    title: str
    examples: tuple[tuple[str, tuple[str, ...]], ...]
    sites: Callable[[Tree], Iterator[Change]]


def changes_at(
    texts: Iterable[str], changes: Callable[[Leaf], Iterator[Change]], tree: Tree
) -> Iterator[Change]:
    """Yield the changes of each leaf with one of these texts.

    ``partial(changes_at, texts, changes)`` is the ``sites`` of an operator that starts from a leaf.

    Args:
        texts: The tokens that leaves are chosen by.
        changes: Yields the changes of one leaf.
        tree: The parsed file.

    """
    for leaf in tree.leaves(texts):
        yield from changes(leaf)
