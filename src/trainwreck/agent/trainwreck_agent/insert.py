"""Puts calls of the guest before statements, without moving a line."""

import ast

from trainwreck_agent.counter import HIT, PHASE


def insert_calls(text, filename, phases, count_line):
    """The syntax tree of ``text`` (bytes) with phase marks and a counter in it."""
    tree = compile(text, filename, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
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
    for (_, body, statement), function, arguments in calls:
        body.insert(body.index(statement), _call(function, arguments, statement))
    return tree


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
