"""Puts calls of the guest before statements, without moving a line."""

import ast

from trainwreck_agent.counter import HIT, PHASE
from trainwreck_agent.probe import DEFAULT, TAKEN


def insert_calls(text, filename, phases, count_line):
    """The syntax tree of ``text`` (bytes) with phase marks and a counter in it."""
    tree = compile(text, filename, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    _watch_defaults(tree, text)
    if not phases and count_line is None:
        return tree
    places = sorted(_statements(tree), key=lambda place: place[0])
    calls = []
    if count_line is not None:
        nearest = max([place[0] for place in places if place[0] <= count_line], default=None)
        calls += [(place, HIT, []) for place in places if place[0] == nearest][:1]
    for line, name in phases:
        after = [place for place in places if place[0] >= line]
        calls += [(after[0], PHASE, [name])] if after else []
    beyond = text.count(b"\n") + 2
    for (_, body, statement), function, arguments in calls:
        call = _call(function, arguments, statement)
        if function == PHASE:
            # On the statement's own line, that line would count as run in the phase before.
            for node in ast.walk(call):
                if hasattr(node, "lineno"):
                    node.lineno = beyond
                    node.end_lineno = beyond
        body.insert(body.index(statement), call)
    return tree


def _watch_defaults(tree, text):
    """A call at the start of every function that has a probed default, with its parameter."""
    if DEFAULT.encode() not in text:
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            for index, parameter in _probed_defaults(node.args):
                _look_at(node, index, parameter)


def _probed_defaults(arguments):
    positional = getattr(arguments, "posonlyargs", []) + arguments.args
    pairs = list(zip(reversed(positional), reversed(arguments.defaults)))
    pairs += zip(arguments.kwonlyargs, arguments.kw_defaults)
    for parameter, default in pairs:
        if isinstance(default, ast.Call) and getattr(default.func, "id", "") == DEFAULT:
            yield ast.literal_eval(default.args[0]), parameter.arg


def _look_at(function, index, parameter):
    first = function.body if isinstance(function, ast.Lambda) else function.body[0]
    call = _call(TAKEN, [index], first)
    name = ast.copy_location(ast.Name(id=parameter, ctx=ast.Load()), first)
    call.value.args.append(name)
    if isinstance(function, ast.Lambda):
        both = ast.BoolOp(op=ast.And(), values=[call.value, first])
        function.body = ast.copy_location(both, first)
    else:
        function.body.insert(1 if _must_stay_first(0, first) else 0, call)


def _statements(tree):
    """(line, list, statement) of each statement that a call may stand before."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list):
                for index, statement in enumerate(body):
                    if not _must_stay_first(index, statement):
                        yield _first_line(statement), body, statement


def _must_stay_first(index, statement):
    """Docstrings and imports from the future."""
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return True
    return index == 0 and isinstance(statement, ast.Expr) and _is_text(statement.value)


def _is_text(value):
    return type(value).__name__ == "Str" or isinstance(getattr(value, "value", None), str)


def _first_line(statement):
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno] + [decorator.lineno for decorator in decorators])


def _call(function, arguments, statement):
    text = "%s(%s)" % (function, ", ".join(map(repr, arguments)))
    call = ast.parse(text).body[0]
    for node in ast.walk(call):
        if hasattr(node, "lineno"):
            ast.copy_location(node, statement)
    return call
