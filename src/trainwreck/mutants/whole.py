"""Finds the whole expression or condition around an edit, and the parts that decide its value."""

from collections.abc import Sequence
from dataclasses import dataclass

from parso.tree import BaseNode, NodeOrLeaf

from trainwreck.model import Edit
from trainwreck.mutants.syntax import (
    code_of,
    is_operator,
    is_pure,
    is_truth,
    operators_of,
)
from trainwreck.source import LineIndex

BITWISE = ("and_expr", "expr", "xor_expr")
CHOICES = ("and_test", "or_test", "test")
"""Operations whose value is that of an operand, the same object."""
SIGNS = ("factor", "not_test")
OPERATIONS = ("arith_expr", "term", "shift_expr", "comparison", *BITWISE, *CHOICES)
MEMBERSHIP = ("in", "not in")
PART = "_{}"
"""The name that stands for a part in the text of an expression."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of the source that is one part; ``pure``: its evaluation has no effect."""

    start: int
    end: int
    pure: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """The largest expression around an edit that consists of built-in operators and parts.

    ``parts`` are the spans that the edit does not touch and that are evaluated at most once each.
    Only the truth of the value matters where ``truth`` is set. ``edit`` is the span of the edit.
    """

    start: int
    end: int
    truth: bool
    parts: tuple[Piece, ...]
    edit: tuple[int, int]

    def text(self, source: str, replacement: str) -> str:
        """Return the expression as the mutant has it, with names in place of the parts."""
        named = [(part.start, part.end, PART.format(n)) for n, part in enumerate(self.parts)]
        changes = sorted([*named, (*self.edit, replacement)])
        pieces, done = [], self.start
        for start, end, text in changes:
            pieces += [source[done:start], " ", text, " "]
            done = end
        return "".join(pieces) + source[done : self.end]


def whole_around(node: NodeOrLeaf, edit: Edit, index: LineIndex) -> Whole | None:
    """Return the whole expression around the operation or constant ``node`` that an edit changes.

    None where there is none but the node itself: the other probes know as much about it.
    """
    is_ours = not isinstance(node, BaseNode) or node.type in (*OPERATIONS, *SIGNS)
    if not is_ours or is_regrouped(node):
        return None
    climb = _Climb(node, index)
    while climb.step():
        pass
    edited = edit.span.start, edit.span.end
    touched = any(part.start < edited[1] and edited[0] < part.end for part in climb.parts)
    if climb.top is node or touched:
        return None
    start, end = climb.span(climb.top)
    return Whole(start, end, is_truth(climb.top), tuple(climb.parts), edited)


class _Climb:
    """The way from an edit to the largest expression around it.

    ``top`` is the largest so far, without parentheses around it.
    """

    def __init__(self, node: NodeOrLeaf, index: LineIndex) -> None:
        self.parts: list[Piece] = []
        self.top = self._node = node
        self._index = index
        if isinstance(node, BaseNode):
            operands = node.children[1:] if node.type in SIGNS else node.children[::2]
            self._add(operands, node.type in CHOICES)
        else:
            self._node = display_around(node) or node

    def step(self) -> bool:
        """Move to the expression around; return false where that is no built-in operation."""
        parent = self._node.parent
        if parent is None or not (self._operate(parent) or self._read_item(parent)):
            return False
        self._node = parent
        if parent.type == "trailer" and parent.parent is not None:
            self._node = parent.parent
        if parent.type != "atom":
            self.top = self._node
        return True

    def span(self, node: NodeOrLeaf) -> tuple[int, int]:
        """Return the offsets at which a node begins and ends."""
        return self._index.offset(node.start_pos), self._index.offset(node.end_pos)

    def _add(self, nodes: Sequence[NodeOrLeaf], is_chosen: bool) -> None:
        """Add parts; literals only where one may be chosen as the value, as that one object."""
        for node in nodes:
            if is_chosen or not is_literal(node):
                self.parts.append(Piece(*self.span(node), is_pure_there(node)))

    def _operate(self, parent: BaseNode) -> bool:
        """Add the operands beside the node; return false where ``parent`` is no operation."""
        if parent.type == "atom":
            return len(parent.children) == 3 and is_operator(parent.children[0], "(")
        if parent.type in OPERATIONS:
            beside = [operand for operand in parent.children[::2] if operand is not self._node]
            self._add(beside, parent.type in CHOICES)
        return parent.type in (*OPERATIONS, *SIGNS)

    def _read_item(self, trailer: BaseNode) -> bool:
        """Add what an item is read from; return whether a name or attributes lead to that."""
        owner = trailer.parent
        if trailer.type != "trailer" or owner is None or owner.type != "atom_expr":
            return False
        first, *others = owner.children[:-1]
        is_last = owner.children[-1] is trailer and is_operator(trailer.children[0], "[")
        if not is_last or first.type not in ("name", "atom") or is_target(owner):
            return False
        start, end = self.span(first)[0], self.span((others or [first])[-1])[1]
        pure = not others and is_pure_there(first)
        self.parts.append(Piece(start, end, pure))
        return True


def display_around(node: NodeOrLeaf) -> BaseNode | None:
    """Return the display of literals right of ``in`` that a literal is an element of."""
    items = node.parent
    if items is None or items.type not in ("testlist_comp", "dictorsetmaker"):
        return None
    display = items.parent
    comparison = display.parent if display is not None else None
    if display is None or comparison is None or comparison.type != "comparison":
        return None
    if not all(is_literal(item) or is_operator(item, ",") for item in items.children):
        return None
    operators = zip(comparison.children[2::2], operators_of(comparison), strict=True)
    is_right = any(right is display and name in MEMBERSHIP for right, name in operators)
    return display if is_right else None


def is_literal(node: NodeOrLeaf) -> bool:
    """Return whether a node is a number, a string, True, False or None, with or without signs."""
    if isinstance(node, BaseNode) and node.type == "factor":
        return bool(node.children[1].type == "number")
    is_keyword = node.type == "keyword" and code_of(node) in ("True", "False", "None")
    return node.type in ("number", "string") or is_keyword


def is_pure_there(node: NodeOrLeaf) -> bool:
    """Return whether evaluating a node has no effect where it stands."""
    return is_pure(node) and not is_in_class_body(node)


def is_in_class_body(node: NodeOrLeaf) -> bool:
    """Return whether a name may be read through a class's namespace, which may run code."""
    current: NodeOrLeaf | None = node.parent
    while current is not None and current.type not in ("funcdef", "lambdef", "classdef"):
        current = current.parent
    return current is not None and current.type == "classdef"


def is_target(node: NodeOrLeaf) -> bool:
    """Return whether a node is assigned to or deleted, alone or among others."""
    while (parent := node.parent) is not None:
        children = parent.children
        match parent.type:
            case "expr_stmt":
                return node is not children[-1]
            case "del_stmt":
                return True
            case "for_stmt" | "comp_for" | "sync_comp_for":
                return code_of(children[children.index(node) - 1]) == "for"
            case "with_item":
                return node is not children[0]
            case "exprlist" | "testlist_star_expr" | "testlist" | "testlist_comp" | "star_expr":
                node = parent
            case "atom":
                node = parent
            case _:
                return False
    return False


def is_regrouped(node: NodeOrLeaf) -> bool:
    """Return whether another operator in ``node`` may group its neighbours differently."""
    near = [node.parent, *(node.children[::2] if isinstance(node, BaseNode) else ())]
    types = [each.type for each in near if each is not None]
    return node.type in BITWISE and any(kind in BITWISE for kind in types)
