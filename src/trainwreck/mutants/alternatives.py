"""Marks in a text the expressions of mutants, and writes what each of them would be instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from parso.tree import BaseNode, NodeOrLeaf

from trainwreck.model import OWN, Context, Mutant, OperatorCode
from trainwreck.mutants.instrument import is_shown_as_text
from trainwreck.mutants.syntax import code_of, is_operator
from trainwreck.mutants.wraps import Wraps
from trainwreck.source import LineIndex, SourceText, parse

EXPRESSION, STATEMENT = "expression", "statement"
HIT_CALL = "__trainwreck_hit__()"
NO_EXPRESSION = "it changes no expression"
OWN_BUG = "a bug of the user's own"
READ_AS_TEXT = "the program may read the source of the expression"
IN_STRING = "it stands in a formatted string"
PATTERN = "it stands in a pattern"
LINES = "it changes the number of lines"
OUTSIDE = "it changes more than an expression"
NOT_FOUND = "the parser does not find the expression"
FOLDED = frozenset(
    [
        "factor",
        "power",
        "term",
        "arith_expr",
        "shift_expr",
        "and_expr",
        "xor_expr",
        "expr",
        "strings",
        "atom",
        "testlist_comp",
        "testlist",
        "testlist_star_expr",
        "subscriptlist",
    ]
)
"""Nodes that the compiler may fold into a constant where all of their parts are constants."""
IN_ATOM = ("testlist_comp",)
"""Nodes that are an expression only with the parentheses around them."""


@dataclass(frozen=True, slots=True)
class StemText:
    """The text of a file in a stem, with markers around what mutants would change.

    ``alternatives`` describe the mutants to the agent (JSON; see its PROTOCOL.md). ``numbers``
    and ``excluded``, with a reason, are by mutant id.
    """

    text: str
    alternatives: tuple[dict[str, Any], ...]
    numbers: dict[str, int]
    excluded: dict[str, str]


def stem_text(
    source: SourceText,
    mutants: Iterable[Mutant],
    points: Iterable[Mutant],
    version: tuple[int, int],
    first: int,
) -> StemText:
    """Mark the expression of each mutant, where it can be one of several in the same text.

    Args:
        source: The clean text of the file.
        mutants: Mutants of this text.
        points: Mutants of this text at whose expressions others fork. They are marked alike.
        version: Major and minor version of Python, which decide the grammar.
        first: The number of the first alternative.

    """
    builder = _Builder(source.text, version, first)
    for mutant in [*mutants, *points]:
        builder.add(mutant)
    return StemText(
        builder.wraps.text(), tuple(builder.alternatives), builder.numbers, builder.excluded
    )


@dataclass(frozen=True, slots=True)
class _Site:
    """The marked place of a mutant: an expression, or a whole augmented assignment."""

    kind: str
    start: int
    end: int


class _Builder:
    """The text of one file with the alternatives that have been collected for it."""

    def __init__(self, source: str, version: tuple[int, int], first: int) -> None:
        self.wraps = Wraps(source)
        self.alternatives: list[dict[str, Any]] = []
        self.numbers: dict[str, int] = {}
        self.excluded: dict[str, str] = {}
        self._source = source
        self._next = first
        self._module = parse(source, version).module
        self._index = LineIndex(source)

    def add(self, mutant: Mutant) -> None:
        """Add the alternative of a mutant, or the reason why it cannot have one."""
        if mutant.id in self.numbers or mutant.id in self.excluded:
            return
        site = self._site(mutant)
        if isinstance(site, str):
            self.excluded[mutant.id] = site
            return
        number, self._next = self._next, self._next + 1
        self.numbers[mutant.id] = number
        span = site.start, site.end
        if site.kind == STATEMENT:
            self.wraps.add(span, number, f"__trainwreck_statement_{number}__; ", "")
        else:
            self.wraps.add(span, number, f"__trainwreck_alternative_{number}__((", "))")
        self.alternatives.append(self._described(number, site, mutant))

    def _described(self, number: int, site: _Site, mutant: Mutant) -> dict[str, Any]:
        line, column = self._index.position(site.start)
        before = self._source[site.start - column : site.start]
        behind = len(self._source) - site.end
        texts = mutant.apply(self._source), mutant.apply_counted(self._source, HIT_CALL)
        text, counted = (changed[site.start : len(changed) - behind] for changed in texts)
        return {
            "number": number,
            "kind": site.kind,
            "text": text,
            "counted": counted,
            "line": line,
            "column": len(before.encode("utf-8", "surrogatepass")),
        }

    def _site(self, mutant: Mutant) -> "_Site | str":
        """Return what to mark for a mutant, or why nothing can be."""
        if mutant.operator == OWN or mutant.counted or len(mutant.parts) != 1:
            return OWN_BUG
        if mutant.context is Context.PATTERN:
            return PATTERN
        if mutant.evaluated is None:
            return NO_EXPRESSION
        if any(edit.replacement.count("\n") != edit.original.count("\n") for edit in mutant.edits):
            return LINES
        node = self._node(*mutant.evaluated)
        if node is None:
            return NOT_FOUND
        if is_shown_as_text(node):
            return READ_AS_TEXT
        if _is_in_string(node):
            return IN_STRING
        site = self._assignment(node) if mutant.operator is OperatorCode.AsOR else None
        site = site or self._expression(node)
        is_within = all(
            site.start <= edit.span.start and edit.span.end <= site.end for edit in mutant.edits
        )
        return site if is_within else OUTSIDE

    def _node(self, start: int, end: int) -> NodeOrLeaf | None:
        """Return the node with this span, None where there is none."""
        position = self._index.position(start)
        node: NodeOrLeaf | None = self._module.get_leaf_for_position(position)  # type: ignore[no-untyped-call]
        if node is not None and node.start_pos != position:  # The leaf before it ends there.
            node = node.get_next_leaf()  # type: ignore[no-untyped-call]
        while node is not None and self._span(node) != (start, end):
            node = node.parent
        return node

    def _assignment(self, node: NodeOrLeaf) -> _Site | None:
        statement: NodeOrLeaf | None = node
        while statement is not None and statement.type != "expr_stmt":
            statement = statement.parent
        return None if statement is None else _Site(STATEMENT, *self._span(statement))

    def _expression(self, node: NodeOrLeaf) -> _Site:
        """Return the expression of a node; of a constant, the whole that the compiler folds."""
        whole = node
        parent = node.parent
        while parent is not None and _is_folded(parent):
            if parent.type not in IN_ATOM:
                whole = parent
            parent = parent.parent
        return _Site(EXPRESSION, *self._span(whole))

    def _span(self, node: NodeOrLeaf) -> tuple[int, int]:
        return self._index.offset(node.start_pos), self._index.offset(node.end_pos)


def _is_folded(node: NodeOrLeaf) -> bool:
    """Return whether a node consists of constants, operators, parentheses and commas alone."""
    if isinstance(node, BaseNode):
        is_list = node.type == "atom" and not is_operator(node.children[0], "(")
        return node.type in FOLDED and not is_list and all(map(_is_folded, node.children))
    if node.type == "keyword":
        return code_of(node) in ("True", "False", "None")
    return node.type in ("number", "string", "operator")


def _is_in_string(node: NodeOrLeaf) -> bool:
    current: NodeOrLeaf | None = node
    while current is not None and current.type != "fstring":
        current = current.parent
    return current is not None
