"""Inserts calls of the agent before statements, without moving a line."""

import ast

from trainwreck_agent.planting.counter import HIT, PHASE, PLACE
from trainwreck_agent.probes import DEFAULT, TAKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    Position = tuple[int, list[ast.stmt], ast.stmt]


def insert_calls(
    text: bytes,
    filename: str,
    phases: "Iterable[Sequence[int | str]]",
    count_line: "int | None",
    counted: "Iterable[tuple[int | None, str]]" = (),
) -> "Any":
    """Return the syntax tree of a text, with phase marks and a counter inserted.

    Args:
        text: The source, in its own encoding.
        filename: The name for the messages of the compiler.
        phases: Pairs of line and name; the phase begins before the first statement from there.
        count_line: Count before the last statement that starts at or before this line, if given.
        counted: Numbers and tree paths of further places, as ``scripts/changes.py`` finds them.
    """
    tree: "Any" = compile(text, filename, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    return insert_into(tree, text, phases, count_line, counted)


def insert_into(
    tree: "Any",
    text: bytes,
    phases: "Iterable[Sequence[int | str]]",
    count_line: "int | None" = None,
    counted: "Iterable[tuple[int | None, str]]" = (),
) -> "Any":
    """Insert the same into the syntax tree of a text, and return it."""
    _watch_defaults(tree, text)
    _count_places(tree, counted)
    if not phases and count_line is None:
        return tree
    positions = sorted(_statements(tree), key=lambda position: position[0])
    calls: "list[tuple[Position, str, list[object]]]" = []
    if count_line is not None:
        lines = [line for line, _, _ in positions if line <= count_line]
        nearest = max(lines, default=None)
        calls += [(position, HIT, []) for position in positions if position[0] == nearest][:1]
    for line, name in phases:
        after = [position for position in positions if position[0] >= int(line)]
        calls += [(after[0], PHASE, [name])] if after else []
    beyond = text.count(b"\n") + 2
    for (_, body, statement), function, arguments in calls:
        call = _call(function, arguments, statement)
        if function == PHASE:
            _move(call, beyond)
        body.insert(body.index(statement), call)
    return tree


def _count_places(tree: ast.Module, places: "Iterable[tuple[int | None, str]]") -> None:
    """Count before the statements, and around the expressions, that tree paths lead to."""
    # All are found before any is counted, which moves the statements behind it.
    resolved = [(number, *_place(tree, path.split("."))) for number, path in places]
    for number, holder, key, node in resolved:
        if isinstance(node, ast.expr):
            call = _call(_counter_of(number), [], node).value
            both = ast.BoolOp(op=ast.And(), values=[call, node])
            _put(holder, key, ast.copy_location(both, node))
    for number, holder, _, node in resolved:
        if not isinstance(node, ast.expr):
            _count_before(holder, node, _counter_of(number))


def _counter_of(number: "int | None") -> str:
    return HIT if number is None else PLACE % number


def _place(tree: ast.Module, steps: "list[str]") -> "tuple[Any, str, Any]":
    """Return what holds the node of a path, under which name, and the node; None for the end."""
    holder: "Any" = tree
    for step in steps[:-1]:
        holder = _get(holder, step)
    return holder, steps[-1], _get(holder, steps[-1])


def _get(holder: "Any", step: str) -> "Any":
    if isinstance(holder, list):
        return holder[int(step)] if int(step) < len(holder) else None
    return getattr(holder, step)


def _put(holder: "Any", step: str, node: ast.AST) -> None:
    if isinstance(holder, list):
        holder[int(step)] = node
    else:
        setattr(holder, step, node)


def _count_before(body: "list[ast.stmt]", statement: "ast.stmt | None", name: str) -> None:
    """Count where a statement stands, or at the end, behind what must stay first."""
    index = len(body) if statement is None else body.index(statement)
    while index < len(body) and _must_stay_first(index, body[index]):
        index += 1
    body.insert(index, _call(name, [], body[min(index, len(body) - 1)]))


def _move(call: ast.Expr, line: int) -> None:
    """Move a call to a line beyond the text.

    On the statement's own line, that line would count as run in the phase before.
    """
    for node in ast.walk(call):
        if hasattr(node, "lineno"):
            node.lineno = line
            node.end_lineno = line  # type: ignore[attr-defined]


def _watch_defaults(tree: ast.Module, text: bytes) -> None:
    """Insert a call with the parameter at the start of every function with a probed default."""
    if DEFAULT.encode() not in text:
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            for group, parameter in _probed_defaults(node.args):
                _watch_parameter(node, group, parameter)


def _probed_defaults(arguments: ast.arguments) -> "Iterator[tuple[int, str]]":
    positional = getattr(arguments, "posonlyargs", []) + arguments.args
    pairs: "list[tuple[ast.arg, ast.expr | None]]" = list(
        zip(reversed(positional), reversed(arguments.defaults))
    )
    pairs += zip(arguments.kwonlyargs, arguments.kw_defaults)
    for parameter, default in pairs:
        if isinstance(default, ast.Call) and getattr(default.func, "id", "") == DEFAULT:
            yield ast.literal_eval(default.args[0]), parameter.arg


def _watch_parameter(function: "Function", group: int, parameter: str) -> None:
    first = function.body if isinstance(function, ast.Lambda) else function.body[0]
    # Within a tuple the number is among the constants of the code: Python 3.14 has small numbers
    # in its instructions.
    call = _call(TAKEN, [(group,)], first)
    name = ast.copy_location(ast.Name(id=parameter, ctx=ast.Load()), first)
    assert isinstance(call.value, ast.Call)
    call.value.args.append(name)
    if isinstance(function, ast.Lambda):
        # A lambda has no statements, and the inserted call is true.
        both = ast.BoolOp(op=ast.And(), values=[call.value, function.body])
        function.body = ast.copy_location(both, first)
    else:
        function.body.insert(1 if _must_stay_first(0, function.body[0]) else 0, call)


def _statements(tree: ast.Module) -> "Iterator[Position]":
    """Yield line, list and statement of each statement before which a call may stand."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                for index, statement in enumerate(body):
                    if not _must_stay_first(index, statement):
                        yield _first_line(statement), body, statement


def _must_stay_first(index: int, statement: ast.stmt) -> bool:
    """Return whether a statement is a docstring or an import from ``__future__``."""
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return True
    return index == 0 and isinstance(statement, ast.Expr) and _is_text(statement.value)


def _is_text(value: ast.expr) -> bool:
    # Python 3.7 and older have `ast.Str` instead of `ast.Constant`.
    return type(value).__name__ == "Str" or isinstance(getattr(value, "value", None), str)


def _first_line(statement: ast.stmt) -> int:
    decorators: "list[ast.expr]" = getattr(statement, "decorator_list", [])
    return min([statement.lineno] + [decorator.lineno for decorator in decorators])


def _call(function: str, arguments: "Iterable[object]", statement: ast.AST) -> ast.Expr:
    text = "%s(%s)" % (function, ", ".join(map(repr, arguments)))
    call = ast.parse(text).body[0]
    assert isinstance(call, ast.Expr)
    for node in ast.walk(call):
        if hasattr(node, "lineno"):
            ast.copy_location(node, statement)
    return call
