"""Gives a syntax tree the alternatives of mutants, each behind a name that says if it is on."""

import ast
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from trainwreck_agent.protocol import Alternative

EXPRESSION, STATEMENT = "expression", "statement"
ON = "__trainwreck_on_%d__"
HIT = "__trainwreck_hit__"
MARKER = re.compile(r"__trainwreck_(alternative|statement)_([0-9]+)__$")


class NotEqual(ValueError):
    """Two texts that should differ in markers alone have other trees."""


def with_alternatives(
    clean: bytes, marked: bytes, filename: str, alternatives: "Iterable[Alternative]"
) -> "Any":
    """Return the syntax tree of a clean text, with a choice in each marked place.

    Its positions are those of the clean text. Raises NotEqual, SyntaxError or ValueError.

    Args:
        clean: The text of the file, in its own encoding.
        marked: The same text with markers.
        filename: The name for the messages of the compiler.
        alternatives: What stands behind the markers, as PROTOCOL.md describes it.
    """
    changed = {entry["number"]: changed_node(entry) for entry in alternatives}
    tree = _parsed(clean, filename, "exec")
    _Merge(_marker_of, lambda number, node, _: _choice(number, changed[number], node)).merge(
        tree, _parsed(marked, filename, "exec")
    )
    return tree


def changed_node(alternative: "Alternative") -> "Any":
    """Return the tree of a mutant's own text, which counts, at its place in the file."""
    is_expression = alternative["kind"] == EXPRESSION
    mode = "eval" if is_expression else "exec"
    kind = alternative["kind"]
    tree = _parsed(_standing_alone(kind, alternative["text"]), "", mode)
    counted = _parsed(_standing_alone(kind, alternative["counted"]), "", mode)
    _Merge(_counted_of, _counting).merge(tree, counted)
    node = tree.body if is_expression else tree.body[0]
    _move(node, alternative["line"] - 1, alternative["column"] - (1 if is_expression else 0))
    return node


def _standing_alone(kind: str, text: str) -> str:
    return "(%s\n)" % text if kind == EXPRESSION else text


def _parsed(text: "bytes | str", filename: str, mode: str) -> "Any":
    return compile(text, filename, mode, ast.PyCF_ONLY_AST, dont_inherit=True)


def _move(tree: ast.AST, lines: int, columns: int) -> None:
    """Move a tree down by lines; what is on its first line also by columns (in bytes)."""
    for node in ast.walk(tree):
        for line, column in (("lineno", "col_offset"), ("end_lineno", "end_col_offset")):
            number = getattr(node, line, None)
            if number is None:
                continue
            if number == 1:
                setattr(node, column, getattr(node, column) + columns)
            setattr(node, line, number + lines)


def _choice(number: int, changed: "Any", node: "Any") -> "Any":
    """Return the choice between a changed expression or statement, and the clean one."""
    test = ast.copy_location(ast.Name(id=ON % number, ctx=ast.Load()), node)
    if isinstance(node, ast.expr):
        return ast.copy_location(ast.IfExp(test=test, body=changed, orelse=node), node)
    return ast.copy_location(ast.If(test=test, body=[changed], orelse=[node]), node)


def _counting(_: int, node: "Any", counted: "Any") -> "Any":
    """Return an expression that counts before it is evaluated, on the line where it begins."""
    name = ast.copy_location(ast.Name(id=HIT, ctx=ast.Load()), node)
    call = ast.copy_location(ast.Call(func=name, args=[], keywords=[]), node)
    both = ast.copy_location(ast.BoolOp(op=ast.And(), values=[call, node]), node)
    if counted.lineno != node.lineno:  # The expression's first word has been deleted.
        for part in (name, call, both):
            part.lineno, part.col_offset = counted.lineno, counted.col_offset
    return both


def _marker_of(node: "Any") -> "tuple[int, Any] | None":
    """Return the number of a marker and the expression that it marks, None for any other node.

    A marker of a statement marks no expression, but what follows it.
    """
    is_call = isinstance(node, ast.Call) and len(node.args) == 1
    value = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
    name = node.func if is_call else value
    found = MARKER.match(name.id) if isinstance(name, ast.Name) else None
    if found is None or (found.group(1) == STATEMENT) == is_call:
        return None
    return int(found.group(2)), node.args[0] if is_call else None


def _counted_of(node: "Any") -> "tuple[int, Any] | None":
    """Return the expression before which a call counts."""
    if isinstance(node, ast.BoolOp) and len(node.values) == 2:
        call = node.values[0]
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == HIT:
            return 0, node.values[1]
    return None


class _Merge:
    """Puts into a tree what markers in another tree of the same text stand for."""

    def __init__(
        self,
        marker_of: "Callable[[Any], tuple[int, Any] | None]",
        put: "Callable[[int, Any, Any], Any]",
    ) -> None:
        self._marker_of = marker_of
        self._put = put
        self._waiting: "list[tuple[Any, Any]]" = []

    def merge(self, clean: "Any", marked: "Any") -> None:
        """Change the clean tree. Raises NotEqual where the trees differ by more than markers."""
        self._waiting = [(clean, marked)]
        while self._waiting:  # Not by recursion: a tree may be deeper than Python's stack.
            one, other = self._waiting.pop()
            if type(one) is not type(other):
                raise NotEqual("%s is not %s" % (type(other).__name__, type(one).__name__))
            for field in one._fields:
                values = getattr(one, field, None), getattr(other, field, None)
                merged = self._field(*values)
                if isinstance(values[0], (ast.AST, list)):
                    setattr(one, field, merged)

    def _field(self, clean: "Any", marked: "Any") -> "Any":
        if isinstance(clean, list) and isinstance(marked, list):
            return self._list(clean, marked)
        if isinstance(clean, ast.AST):
            return self._node(clean, marked, [])
        if type(clean) is not type(marked) or repr(clean) != repr(marked):
            raise NotEqual("%r is not %r" % (marked, clean))
        return clean

    def _list(self, clean: "Sequence[Any]", marked: "Sequence[Any]") -> "list[Any]":
        merged: "list[Any]" = []
        numbers: "list[int]" = []
        for node in marked:
            marker = self._marker_of(node)
            if marker is not None and marker[1] is None:
                numbers.append(marker[0])
                continue
            if len(merged) == len(clean):
                raise NotEqual("there are more parts")
            part = clean[len(merged)]
            merged.append(
                self._node(part, node, numbers)
                if isinstance(part, ast.AST)
                else self._field(part, node)
            )
            numbers = []
        if len(merged) != len(clean) or numbers:
            raise NotEqual("there are fewer parts")
        return merged

    def _node(self, clean: "Any", marked: "Any", numbers: "list[int]") -> "Any":
        """Return a node behind the choices of its markers, the first of them outermost."""
        choices = [(number, marked) for number in numbers]
        marker = self._marker_of(marked)
        while marker is not None:
            choices.append((marker[0], marked))
            marked = marker[1]
            marker = self._marker_of(marked)
        self._waiting.append((clean, marked))
        for number, marked in reversed(choices):
            clean = self._put(number, clean, marked)
        return clean
