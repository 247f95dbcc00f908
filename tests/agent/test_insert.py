"""Calls of the guest go before statements, and no line moves."""

import ast
import sys
from itertools import pairwise
from typing import Any

import pytest

from build import source_of
from guest import AGENT

PROGRAM = '''\
"""A docstring."""
from __future__ import annotations

import math


@staticmethod
@property
def outer(a=1):
    """Another."""
    if a:
        x = 1
    elif not a:
        x = 2
    else:
        x = 3
    for b in (1,
              2):
        while b:
            b -= 1
    try:
        x = 4
    except ValueError:
        x = 5
    finally:
        x = 6
    with open(a) as c: x = 7
    return x


class A:
    y = 8
    async def inner(self):
        async with self:
            return 9


z = (1 +
     2); w = 3
'''


@pytest.fixture
def insert(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(AGENT))
    from trainwreck_agent.planting import insert

    return insert


def inserted(insert: Any, text: str, phases: Any = (), line: int | None = None) -> list[str]:
    """Each inserted call with the statement after it."""
    tree = insert.insert_calls(source_of(text).encode(text), "text", phases, line)
    compile(tree, "text", "exec")
    found = []
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, [])
            for call, after in pairwise(body if isinstance(body, list) else []):
                if "__trainwreck_" in ast.unparse(call) and isinstance(call, ast.Expr):
                    name = ast.unparse(call).replace("__trainwreck_", "").replace("__(", "(")
                    found.append(f"{name} {ast.unparse(after).splitlines()[0]}")
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (4, "import math"),
        (7, "@staticmethod"),
        (8, "@staticmethod"),
        (9, "@staticmethod"),
        (11, "if a:"),
        (12, "x = 1"),
        (13, "if not a:"),
        (14, "x = 2"),
        (16, "x = 3"),
        (17, "for b in (1, 2):"),
        (18, "for b in (1, 2):"),
        (19, "while b:"),
        (20, "b -= 1"),
        (22, "x = 4"),
        (24, "x = 5"),
        (26, "x = 6"),
        (27, "with open(a) as c:"),
        (28, "return x"),
        (32, "y = 8"),
        (33, "async def inner(self):"),
        (34, "async with self:"),
        (35, "return 9"),
        (38, "z = 1 + 2"),
        (39, "w = 3"),
    ],
)
def test_a_counter_goes_before_the_statement_of_its_line(
    insert: Any, line: int, expected: str
) -> None:
    assert inserted(insert, PROGRAM, line=line) == [f"hit() {expected}"]


def test_a_counter_of_no_line_is_not_inserted(insert: Any) -> None:
    assert inserted(insert, PROGRAM) == []
    assert inserted(insert, "\n\nx = 1\n", line=1) == []


def test_a_phase_begins_before_the_first_statement_at_or_after_its_line(insert: Any) -> None:
    phases = [(1, "one"), (10, "two"), (38, "three"), (40, "four")]
    assert sorted(inserted(insert, PROGRAM, phases)) == [
        "phase('one') import math",
        "phase('three') z = 1 + 2",
        "phase('two') if a:",
    ]


def test_docstrings_and_imports_from_the_future_stay_first(insert: Any) -> None:
    text = '"""Text."""\nfrom __future__ import division\nx = 1\n'
    tree = insert.insert_calls(text.encode(), "text", [(1, "a")], 1)
    assert ast.get_docstring(tree) == "Text."
    assert isinstance(tree.body[1], ast.ImportFrom)
    compile(tree, "text", "exec")


def test_a_counter_and_a_phase_may_share_a_statement(insert: Any) -> None:
    tree = insert.insert_calls(b"x = 1\n", "text", [(1, "a"), (1, "b")], 1)
    names = [ast.unparse(statement) for statement in tree.body]
    assert names[-1] == "x = 1"
    assert sorted(names[:-1]) == [
        "__trainwreck_hit__()",
        "__trainwreck_phase__('a')",
        "__trainwreck_phase__('b')",
    ]


def test_no_line_moves_and_phases_begin_on_none_of_them(insert: Any) -> None:
    plain = lines_of(compile(PROGRAM, "text", "exec", dont_inherit=True))
    beyond = PROGRAM.count("\n") + 2
    phases = [(line, "phase") for line in range(1, 40, 3)]
    for line in range(1, 40):
        tree = insert.insert_calls(PROGRAM.encode(), "text", phases, line)
        found = lines_of(compile(tree, "text", "exec", dont_inherit=True))
        assert {name: (first, lines - {beyond}) for name, (first, lines) in found.items()} == plain


def lines_of(code: Any) -> dict[str, tuple[int, set[int]]]:
    """First line and all lines of each function."""
    found = {code.co_name: (code.co_firstlineno, {line for *_, line in code.co_lines() if line})}
    for constant in code.co_consts:
        if hasattr(constant, "co_lines"):
            found.update(lines_of(constant))
    return found


def test_calls_run_in_their_place(insert: Any) -> None:
    text = "for a in (1, 2, 3):\n    if a > 1:\n        b = a\n"
    tree = insert.insert_calls(text.encode(), "text", [(1, "start"), (3, "inside")], 3)
    calls: list[str] = []
    space: dict[str, object] = {
        "__trainwreck_hit__": lambda: calls.append("hit"),
        "__trainwreck_phase__": calls.append,
    }
    exec(compile(tree, "text", "exec"), space)
    assert sorted(calls) == ["hit", "hit", "inside", "inside", "start"]
    assert calls[0] == "start"
    assert space["b"] == 3


@pytest.mark.skipif(sys.version_info < (3, 10), reason="no match statement")
def test_a_match_and_its_bodies_can_be_counted(insert: Any) -> None:
    text = "match a:\n    case 1:\n        x = 2\n"
    assert inserted(insert, text, line=1) == ["hit() match a:"]
    assert inserted(insert, text, line=2) == ["hit() match a:"]
    assert inserted(insert, text, line=3) == ["hit() x = 2"]


def test_a_coding_line_is_followed(insert: Any) -> None:
    content = "# coding: latin-1\nx = 'é'\n".encode("latin-1")
    tree = insert.insert_calls(content, "text", [], 2)
    assert ast.unparse(tree) == "__trainwreck_hit__()\nx = 'é'"
