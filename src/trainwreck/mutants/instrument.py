"""Puts probes around the expressions that the mutants of a file would change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from parso.tree import BaseNode, NodeOrLeaf

from trainwreck.model import Mutant, OperatorCode, ProbeKind, unread_key, whole_key
from trainwreck.mutants.syntax import (
    code_of,
    default_around,
    is_constant,
    is_operator,
    is_truth,
    leaf_at,
    operators_of,
    words_of,
)
from trainwreck.mutants.unread import NamedConstants
from trainwreck.mutants.whole import BITWISE, Whole, is_pure_there, whole_around
from trainwreck.mutants.wraps import Wraps
from trainwreck.source import LineIndex, SourceText, parse

KIND_OF_NODE = {
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
ORDERINGS = frozenset(["<", "<=", ">", ">="])
MOST_AROUND = 4
"""Probes of whole expressions around one span; each adds two levels of parentheses."""
NO_ARGUMENTS = ("testlist_star_expr", "testlist", "yield_expr", "star_expr", "keyword")
"""Right sides of an assignment that cannot stand as one argument of a call."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The number of the group that watches a mutant, and the kind of what it records."""

    group: int
    kind: ProbeKind


@dataclass(frozen=True, slots=True)
class ProbedText:
    """The text of a file with probes in it.

    ``groups`` describe the probed expressions to the agent (JSON; see its PROTOCOL.md). ``watched``
    is by mutant id. ``loaded`` is the number of a group that counts once whenever the module's code
    runs, None where no statement can have it.
    """

    text: str
    groups: tuple[dict[str, Any], ...]
    watched: dict[str, Watched]
    loaded: int | None = None


def probe_text(
    source: SourceText, mutants: Iterable[Mutant], version: tuple[int, int], first: int
) -> ProbedText:
    """Put a probe around each mutant's expression, where one can be put.

    Args:
        source: The clean text of the file.
        mutants: Mutants of this text.
        version: Major and minor version of Python, which decide the grammar.
        first: The number of the first group.

    """
    builder = _Builder(source.text, version, first)
    for mutant in mutants:
        builder.watch(mutant)
    loaded = builder.watch_load() if builder.watched else None
    return ProbedText(builder.text(), tuple(builder.groups), builder.watched, loaded)


class _Builder:
    """The text of one file with the groups and wraps that have been collected for it."""

    def __init__(self, source: str, version: tuple[int, int], first: int) -> None:
        self.groups: list[dict[str, Any]] = []
        self.watched: dict[str, Watched] = {}
        self._source = source
        self._first = first
        self._module = parse(source, version).module
        self._index = LineIndex(source)
        self._wraps = Wraps(source)
        self._constants = NamedConstants(source, self._module, self._index)
        self._numbers: dict[tuple[object, ...], int] = {}

    def watch(self, mutant: Mutant) -> None:
        """Add the probe that records most about a mutant; none where no probe is possible."""
        if mutant.evaluated is None:
            return
        leaf = leaf_at(self._module, (mutant.span.line, mutant.span.column))
        if leaf is None or is_shown_as_text(leaf):
            return
        self._watch_whole(mutant, leaf)
        self._watch_readers(mutant, leaf)
        if self._watch_result(mutant, leaf):
            return
        start, end = mutant.evaluated
        group = self._group(("seen", start, end), {"kind": "seen"})
        self._wraps.add((start, end), 3, f"(__trainwreck_seen__({group}) and (", "))")
        self.watched[mutant.id] = Watched(group, ProbeKind.EVALUATIONS)

    def watch_load(self) -> int | None:
        """Count before the first simple statement of the module, which runs where this text does.

        None before a docstring or an import from ``__future__``, which must stay the first.
        """
        for node in self._module.children:
            if node.type == "simple_stmt" and not _must_be_first(node.children[0]):
                group = self._group(("loaded",), {"kind": "seen"})
                start = self._index.offset(node.start_pos)
                self._wraps.add((start, start), 0, f"__trainwreck_seen__({group}); ", "")
                return group
        return None

    def text(self) -> str:
        """Return the source with all probes in it, each statement on its own lines."""
        return self._wraps.text()

    def _watch_result(self, mutant: Mutant, leaf: NodeOrLeaf) -> bool:
        """Watch what a mutant would change, where the change is one that probes understand.

        Of operators outside Table II nothing is known here: their evaluations alone are counted.
        """
        if not isinstance(mutant.operator, OperatorCode):
            return False
        if self._watch_default(mutant, leaf):
            return True
        if mutant.operator is OperatorCode.AsOR:
            self._watch_assignment(mutant, leaf)
            return True
        return self._watch_value(mutant, leaf)

    def _watch_whole(self, mutant: Mutant, leaf: NodeOrLeaf) -> None:
        """Record the parts of the whole expression around an edit, where there is a larger one."""
        if not isinstance(mutant.operator, OperatorCode) or len(mutant.edits) != 1:
            return
        node, operator = _operation_of(leaf)
        edit = mutant.edits[0]
        if words_of(operator) != edit.original.split():
            return
        edited = leaf if mutant.operator in (OperatorCode.NVR, OperatorCode.BVR) else node
        whole = whole_around(edited, edit, self._index) if edited is not None else None
        if whole is None or not self._has_room(whole):
            return
        pure = [part.pure for part in whole.parts]
        values = {"kind": "whole", "operators": [], "pure": pure, "truth": whole.truth}
        groups_before = len(self.groups)
        group = self._group(("whole", whole), {**values, "mutants": {}})
        text = whole.text(self._source, edit.replacement)
        self.groups[group - self._first]["mutants"][whole_key(mutant.id)] = [text]
        if len(self.groups) > groups_before:
            begin = f"__trainwreck_whole__({group}, __trainwreck_begin__({group}), ("
            self._wraps.add((whole.start, whole.end), 2, begin, "))")
            for number, part in enumerate(whole.parts):
                call = f"__trainwreck_part__({group}, {number}, "
                self._wraps.add((part.start, part.end), 1, call)

    def _watch_readers(self, mutant: Mutant, leaf: NodeOrLeaf) -> None:
        """Record whether anything reads the name that a module gives a constant."""
        constant = self._constants.changed_by(mutant, leaf)
        if constant is None:
            return
        groups_before = len(self.groups)
        values = {"kind": "unread", "operators": [], "pure": [], "truth": False, "mutants": {}}
        group = self._group(("unread", constant), values)
        self.groups[group - self._first]["mutants"][unread_key(mutant.id)] = [constant.name]
        if len(self.groups) > groups_before:
            call = f'(__trainwreck_stored__({group}, "{constant.name}") and ('
            self._wraps.add(constant.value, -1, call, "))")
            for read in constant.reads:
                self._wraps.add(read, 5, f"(__trainwreck_read__({group}) and (", "))")

    def _has_room(self, whole: Whole) -> bool:
        """Return whether one more probe around an expression nests less than old parsers allow."""
        around = {key[1] for key in self._numbers if isinstance(key[1], Whole)}
        same_span = [each for each in around if (each.start, each.end) == (whole.start, whole.end)]
        return whole in same_span or len(same_span) < MOST_AROUND

    def _watch_value(self, mutant: Mutant, leaf: NodeOrLeaf) -> bool:
        """Record the operands, from which the agent computes both values; false where it cannot."""
        node, operator = _operation_of(leaf)
        is_edited = words_of(operator) == mutant.edits[0].original.split()
        if node is None or not is_edited or not _can_be_probed(node, mutant):
            return False
        replacement = " ".join(mutant.edits[0].replacement.split())
        if node.type == "factor":
            operators, operands, number = [mutant.edits[0].original], node.children[1:], 0
            kind = "binary"
        else:
            operators, operands = operators_of(node), node.children[::2]
            number, kind = node.children.index(operator) // 2, KIND_OF_NODE[node.type]
        group = self._value_group(node, kind, operators, operands)
        changed = [*operators[:number], replacement, *operators[number + 1 :]]
        self.groups[group - self._first]["mutants"][mutant.id] = changed
        self.watched[mutant.id] = Watched(group, ProbeKind.VALUE)
        return True

    def _value_group(
        self, node: BaseNode, kind: str, operators: list[str], operands: Sequence[NodeOrLeaf]
    ) -> int:
        """Return the number of the group of an operation; probe it where the group is new."""
        start, end = self._span(node)
        groups_before = len(self.groups)
        group = self._group(
            ("value", start, end),
            {
                "kind": kind,
                "operators": operators,
                "pure": [is_pure_there(operand) for operand in operands],
                "truth": is_truth(node),
                "mutants": {},
            },
        )
        if len(self.groups) > groups_before:
            self._wraps.add((start, end), 4, f"__trainwreck_value__({group}, ")
            for number, operand in enumerate(operands):
                call = f"__trainwreck_operand__({group}, {number}, "
                self._wraps.add(self._span(operand), 1, call)
        return group

    def _watch_assignment(self, mutant: Mutant, leaf: NodeOrLeaf) -> None:
        """Count before an augmented assignment, and compare its values where that is possible.

        The count comes first: reading the target may fail, and a mutant ``=`` does not read it.
        """
        statement = leaf.parent
        while statement is not None and statement.type != "expr_stmt":
            statement = statement.parent
        if statement is None:
            return
        original, changed = mutant.edits[0].original, mutant.edits[0].replacement
        values = {"kind": "binary", "operators": [original[:-1]], "truth": False, "pure": []}
        groups_before = len(self.groups)
        group = self._group(("assign", *self._span(statement)), {**values, "mutants": {}})
        right = statement.children[-1]
        left, names = _reading(statement.children[0])
        can_be_compared = left != "" and right.type not in NO_ARGUMENTS
        if len(self.groups) > groups_before:
            self._wraps.add(self._span(statement), 0, f"__trainwreck_seen__({group}); ", "")
            if can_be_compared:
                call = f"__trainwreck_assign__({group}, {left}, {names}, "
                self._wraps.add(self._span(right), 0, call, f", {names})")
        if can_be_compared:
            self.groups[group - self._first]["mutants"][mutant.id] = [changed[:-1] or "="]
        kind = ProbeKind.VALUE if can_be_compared else ProbeKind.EVALUATIONS
        self.watched[mutant.id] = Watched(group, kind)

    def _watch_default(self, mutant: Mutant, leaf: NodeOrLeaf) -> bool:
        """Probe the default that a leaf is or lies in; return false where it is not constant.

        A changed element of a tuple makes another default, like any other change of one.
        """
        default = default_around(leaf)
        if default is None or not is_constant(default):
            return False
        start, end = self._span(default)
        group = self._group(("default", start, end), {"kind": "default"})
        self._wraps.add((start, end), 0, f"__trainwreck_default__({group}, ")
        self.watched[mutant.id] = Watched(group, ProbeKind.DEFAULT)
        return True

    def _group(self, key: tuple[object, ...], values: dict[str, Any]) -> int:
        """Return the number of the group with this key; add one with ``values`` where it is new."""
        if key not in self._numbers:
            self._numbers[key] = self._first + len(self.groups)
            self.groups.append(values)
        return self._numbers[key]

    def _span(self, node: NodeOrLeaf) -> tuple[int, int]:
        return self._index.offset(node.start_pos), self._index.offset(node.end_pos)


def _must_be_first(statement: NodeOrLeaf) -> bool:
    """Return whether nothing may stand before a statement: it is a docstring, or may be one."""
    is_text = statement.type in ("string", "strings")
    return is_text or code_of(statement).split()[:2] == ["from", "__future__"]


def is_shown_as_text(node: NodeOrLeaf | None) -> bool:
    """Return whether a program shows the source of ``node``, as ``f"{x=}"`` does."""
    while node is not None and (parent := node.parent) is not None:
        if parent.type == "fstring_expr" and any(is_operator(c, "=") for c in parent.children):
            return True
        node = parent
    return False


def _reading(target: NodeOrLeaf) -> tuple[str, str]:
    """Return code that reads a target of an assignment, and code for a tuple of its names.

    The reading must not call the program's own methods, such as ``__getattr__``. Both are empty
    where that cannot be ensured.
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
    if code_of(opening) == "." and not text.startswith("__"):  # A class mangles `__name`.
        return f'{LEFT}({name}, "{text}", False)', f"({name},)"
    if code_of(opening) == "[" and key.type in ("name", "number", "string"):
        return f"{LEFT}({name}, {text}, True)", f"({name}, {text})"
    return "", ""


def _operation_of(leaf: NodeOrLeaf) -> tuple[BaseNode | None, NodeOrLeaf]:
    """Return the operation that an operator belongs to, and its child that is the operator."""
    parent = leaf.parent
    if parent is not None and parent.type == "comp_op":
        return parent.parent, parent
    return parent, leaf


def _can_be_probed(node: BaseNode, mutant: Mutant) -> bool:
    """Return whether the operands of ``node`` determine the value of its mutant.

    Operations whose mutants always have another value need no probe of the value.
    """
    if node.type == "factor":
        return mutant.operator is OperatorCode.ArOR and node.children[1].type != "number"
    if node.type not in KIND_OF_NODE or mutant.operator in (OperatorCode.BVR, OperatorCode.NVR):
        return False
    if node.type == "comparison":
        return len(node.children) > 3 or mutant.edits[0].original in ORDERINGS
    if node.type in BITWISE:
        # `|` binds less than `&`: beside other bitwise operators, the mutant groups the operands
        # differently.
        neighbours = [node.parent, *node.children[::2]]
        is_alone = all(near is None or near.type not in BITWISE for near in neighbours)
        return is_alone and len(node.children) == 3
    return True
