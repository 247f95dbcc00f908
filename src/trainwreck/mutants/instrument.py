"""The text of a file with probes around the expressions that its mutants would change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from parso.tree import BaseNode, NodeOrLeaf

from trainwreck.model import Context, Mutant, OperatorCode, ProbeKind
from trainwreck.mutants.syntax import (
    code_of,
    is_constant,
    is_operator,
    is_pure,
    is_truth,
    operators_of,
)
from trainwreck.source import LineIndex, SourceText, parse

FLAT = {
    "arith_expr": "binary",
    "term": "binary",
    "shift_expr": "binary",
    "and_expr": "binary",
    "expr": "binary",
    "comparison": "compare",
    "and_test": "logic",
    "or_test": "logic",
}
LEFT = "__trainwreck_left__"
BITWISE = ("and_expr", "expr", "xor_expr")
ORDERS = frozenset(["<", "<=", ">", ">="])
LOOSE = ("testlist_star_expr", "testlist", "yield_expr", "star_expr", "keyword")
"""Right sides of an assignment that cannot stand as one argument of a call."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The group that watches a mutant, and what its record will tell."""

    group: int
    kind: ProbeKind


@dataclass(frozen=True, slots=True)
class ProbedText:
    """A text with probes in it; ``groups`` is what the agent must know of each (JSON)."""

    text: str
    groups: tuple[dict[str, Any], ...]
    watched: dict[str, Watched]


def probe_text(
    source: SourceText, mutants: Iterable[Mutant], version: tuple[int, int], first: int
) -> ProbedText:
    """Watch all the mutants that can be watched; groups are numbered from ``first``."""
    builder = _Builder(source.text, version, first)
    for mutant in mutants:
        builder.watch(mutant)
    return ProbedText(builder.text(), tuple(builder.groups), builder.watched)


@dataclass(frozen=True, slots=True)
class _Wrap:
    """Text before and after a stretch; of equal stretches, that of the lowest rank is outside."""

    start: int
    end: int
    rank: int
    before: str
    after: str = ")"


class _Builder:
    """Collects the groups and wraps of one file."""

    def __init__(self, source: str, version: tuple[int, int], first: int) -> None:
        self.groups: list[dict[str, Any]] = []
        self.watched: dict[str, Watched] = {}
        self._source = source
        self._first = first
        self._module = parse(source, version).module
        self._index = LineIndex(source)
        self._wraps: dict[_Wrap, None] = {}
        self._known: dict[tuple[object, ...], int] = {}

    def watch(self, mutant: Mutant) -> None:
        """Put the best probe around a mutant's expression; none where nothing can be put."""
        if mutant.evaluated is None:
            return
        place = mutant.span.line, mutant.span.column
        leaf: NodeOrLeaf | None = self._module.get_leaf_for_position(place)  # type: ignore[no-untyped-call]
        if leaf is None or is_text(leaf):
            return
        if self._watch_result(mutant, leaf):
            return
        start, end = mutant.evaluated
        index = self._group(("seen", start, end), {"kind": "seen"})
        self._wrap(start, end, 2, f"(__trainwreck_seen__({index}) and (", "))")
        self.watched[mutant.id] = Watched(index, ProbeKind.EVALUATIONS)

    def text(self) -> str:
        """The source with all calls in it, on the same lines."""
        pieces: list[tuple[int, int, int, int, str]] = []
        for wrap in self._wraps:
            length = wrap.end - wrap.start
            pieces.append((wrap.start, 1, -length, wrap.rank, wrap.before))
            pieces.append((wrap.end, 0, length, -wrap.rank, wrap.after))
        result, at = [], 0
        for offset, *_, text in sorted(pieces, key=lambda piece: piece[:4]):
            result += [self._source[at:offset], text]
            at = offset
        return "".join(result) + self._source[at:]

    def _watch_result(self, mutant: Mutant, leaf: NodeOrLeaf) -> bool:
        """Watch what a mutant would change, where the change is one that probes understand.

        Of operators outside Table II nothing is known here: their evaluations alone are counted.
        """
        if not isinstance(mutant.operator, OperatorCode):
            return False
        if mutant.context is Context.DEFAULT and self._watch_default(mutant, leaf):
            return True
        if mutant.operator is OperatorCode.AsOR:
            self._watch_assignment(mutant, leaf)
            return True
        return self._watch_value(mutant, leaf)

    def _watch_value(self, mutant: Mutant, leaf: NodeOrLeaf) -> bool:
        node, part = _node_of(leaf)
        if node is None or not _can_be_probed(node, mutant):
            return False
        replacement = " ".join(mutant.edits[0].replacement.split())
        if node.type == "factor":
            operators, operands, place = [mutant.edits[0].original], node.children[1:], 0
            kind = "binary"
        else:
            operators, operands = operators_of(node), node.children[::2]
            place, kind = node.children.index(part) // 2, FLAT[node.type]
        index = self._value_group(node, kind, operators, operands)
        changed = [*operators[:place], replacement, *operators[place + 1 :]]
        self.groups[index - self._first]["mutants"][mutant.id] = changed
        self.watched[mutant.id] = Watched(index, ProbeKind.VALUE)
        return True

    def _value_group(
        self, node: BaseNode, kind: str, operators: list[str], operands: Sequence[NodeOrLeaf]
    ) -> int:
        start, end = self._span(node)
        number = len(self.groups)
        index = self._group(
            ("value", start, end),
            {
                "kind": kind,
                "operators": operators,
                "pure": [is_pure(operand) for operand in operands],
                "truth": is_truth(node),
                "mutants": {},
            },
        )
        if len(self.groups) > number:
            self._wrap(start, end, 3, f"__trainwreck_value__({index}, ")
            for place, operand in enumerate(operands):
                self._wrap(*self._span(operand), 1, f"__trainwreck_operand__({index}, {place}, ")
        return index

    def _watch_assignment(self, mutant: Mutant, leaf: NodeOrLeaf) -> None:
        """Count before the statement: reading the target may fail, and ``=`` does not read it."""
        statement = leaf.parent
        while statement is not None and statement.type != "expr_stmt":
            statement = statement.parent
        if statement is None:
            return
        original, changed = mutant.edits[0].original, mutant.edits[0].replacement
        values = {"kind": "binary", "operators": [original[:-1]], "truth": False, "pure": []}
        number = len(self.groups)
        index = self._group(("assign", *self._span(statement)), {**values, "mutants": {}})
        right = statement.children[-1]
        left, names = _left(statement.children[0])
        can_be_compared = left != "" and right.type not in LOOSE
        if len(self.groups) > number:
            self._wrap(*self._span(statement), 0, f"__trainwreck_seen__({index}); ", "")
            if can_be_compared:
                call = f"__trainwreck_assign__({index}, {left}, {names}, "
                self._wrap(*self._span(right), 0, call, f", {names})")
        if can_be_compared:
            self.groups[index - self._first]["mutants"][mutant.id] = [changed[:-1] or "="]
        kind = ProbeKind.VALUE if can_be_compared else ProbeKind.EVALUATIONS
        self.watched[mutant.id] = Watched(index, kind)

    def _watch_default(self, mutant: Mutant, leaf: NodeOrLeaf) -> bool:
        parameter = leaf.parent
        while parameter is not None and parameter.type != "param":
            parameter = parameter.parent
        default = getattr(parameter, "default", None)
        if default is None or not is_constant(default):
            return False
        start, end = self._span(default)
        index = self._group(("default", start, end), {"kind": "default"})
        self._wrap(start, end, 0, f"__trainwreck_default__({index}, ")
        self.watched[mutant.id] = Watched(index, ProbeKind.DEFAULT)
        return True

    def _group(self, key: tuple[object, ...], values: dict[str, Any]) -> int:
        if key not in self._known:
            self._known[key] = self._first + len(self.groups)
            self.groups.append(values)
        return self._known[key]

    def _span(self, node: NodeOrLeaf) -> tuple[int, int]:
        return self._index.offset(node.start_pos), self._index.offset(node.end_pos)

    def _wrap(self, start: int, end: int, rank: int, before: str, after: str = ")") -> None:
        """Equal wraps are one."""
        self._wraps[_Wrap(start, end, rank, before, after)] = None


def is_text(node: NodeOrLeaf | None) -> bool:
    """Whether the text of ``node`` may be all that matters: in annotations and ``f"{x=}"``."""
    while node is not None and (parent := node.parent) is not None:
        before = parent.children[parent.children.index(node) - 1]
        arrow = parent.type == "funcdef" and is_operator(before, "->")
        colon = parent.type in ("tfpdef", "annassign") and is_operator(before, ":")
        shown = parent.type == "fstring_expr" and any(is_operator(c, "=") for c in parent.children)
        if arrow or colon or shown:
            return True
        node = parent
    return False


def _left(target: NodeOrLeaf) -> tuple[str, str]:
    """How to read a target without running anybody's code, and the names in it as a tuple.

    Nothing where there is no way.
    """
    if target.type == "name":
        return code_of(target), "()"
    if target.type != "atom_expr" or not isinstance(target, BaseNode):
        return "", ""
    owner, *trailers = target.children
    if owner.type != "name" or len(trailers) != 1 or not isinstance(trailers[0], BaseNode):
        return "", ""
    opening, key = trailers[0].children[:2]
    name, text = code_of(owner), code_of(key)
    if code_of(opening) == "." and not text.startswith("__"):  # Those have another name inside.
        return f'{LEFT}({name}, "{text}", False)', f"({name},)"
    if code_of(opening) == "[" and key.type in ("name", "number", "string"):
        return f"{LEFT}({name}, {text}, True)", f"({name}, {text})"
    return "", ""


def _node_of(leaf: NodeOrLeaf) -> tuple[BaseNode | None, NodeOrLeaf]:
    """The flat node around an operator, and which of its children the operator is."""
    parent = leaf.parent
    if parent is not None and parent.type == "comp_op":
        return parent.parent, parent
    return parent, leaf


def _can_be_probed(node: BaseNode, mutant: Mutant) -> bool:
    """Whether the operands of ``node`` tell what a mutant would give, and it may give the same."""
    if node.type == "factor":
        return mutant.operator is OperatorCode.ArOR and node.children[1].type != "number"
    if node.type not in FLAT or mutant.operator in (OperatorCode.BVR, OperatorCode.NVR):
        return False
    if node.type == "comparison":
        return len(node.children) > 3 or mutant.edits[0].original in ORDERS
    if node.type in BITWISE:
        # `|` for `&` binds less: beside others of their kind the text would be grouped anew.
        around = [node.parent, *node.children[::2]]
        alone = all(near is None or near.type not in BITWISE for near in around)
        return alone and len(node.children) == 3
    return True
