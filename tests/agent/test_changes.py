"""Where changed code is counted: scripts/changes.py of the agent, and its calls in the tree."""

import ast
import builtins
import difflib
import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from test_agent import PYTHONS, VERSIONS

from guest import AGENT, agent_module

SCRIPT = AGENT / "trainwreck_agent" / "scripts" / "changes.py"


def edits_of(clean: str, buggy: str) -> list[tuple[int, int, str]]:
    """Return the lines that differ, as edits of the clean text."""
    before, after = clean.splitlines(keepends=True), buggy.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        (starts[i], starts[i_end], "".join(after[j:j_end]))
        for what, i, i_end, j, j_end in matcher.get_opcodes()
        if what != "equal"
    ]


def asked(folder: Path, *texts: tuple[str, str], python: str = "") -> list[dict[str, Any]]:
    """Return the answers to pairs of a clean and a changed text, here or by another Python."""
    requests = []
    for number, (clean, buggy) in enumerate(texts):
        path = folder / f"text{number}.py"
        path.write_bytes(clean.encode())
        request = {
            "path": str(path),
            "encoding": "utf-8",
            "sha256": hashlib.sha256(clean.encode()).hexdigest(),
            "mutants": [edits_of(clean, buggy)],
        }
        requests.append(json.dumps(request))
    if not python:
        answer = agent_module("scripts.changes").answer
        return [answer(json.loads(request)) for request in requests]
    answered = subprocess.run(
        [python, str(SCRIPT)], input="\n".join(requests), capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in answered.stdout.splitlines()]


@pytest.fixture
def insert_calls(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(AGENT))
    from trainwreck_agent.planting import insert

    yield insert.insert_calls
    for name in [name for name in sys.modules if name.startswith("trainwreck_agent")]:
        del sys.modules[name]


HEAD = """\
def call(f=None, *arguments, **named):
    return None

def yes(*a): return True
def no(*a): return False

class Base: pass
"""

# Each: what is changed, from which lines into which, and how often it must count when the text
# runs and when f() is called once after it.
CASES = [
    ("an argument", "def f():\n    return max(1, 2)\n", "def f():\n    return max(1, 3)\n", 0, 1),
    ("an operand", "x = 1 + 2\n", "x = 1 + 3\n", 1, 0),
    ("an operator", "def f():\n    return 1 + 2\n", "def f():\n    return 1 - 2\n", 0, 1),
    ("behind `or`", "def f():\n    return yes() or 1\n", "def f():\n    return yes() or 2\n", 0, 0),
    ("a lambda", "g = lambda a: a + 1\n", "g = lambda a: a + 2\n", 0, 0),
    (
        "a lambda that is called",
        "def f():\n    return (lambda a: a + 1)(2)\n",
        "def f():\n    return (lambda a: a + 3)(2)\n",
        0,
        1,
    ),
    ("an element", "x = [i * 2 for i in range(3)]\n", "x = [i * 3 for i in range(3)]\n", 3, 0),
    (
        "a branch that is not taken",
        "def f():\n    if no():\n        a = 1\n",
        "def f():\n    if no():\n        a = 2\n",
        0,
        0,
    ),
    (
        "a branch that is taken",
        "def f():\n    if yes():\n        a = 1\n",
        "def f():\n    if yes():\n        a = 2\n",
        0,
        1,
    ),
    (
        "an elif that is tried",
        "def f():\n    if no():\n        pass\n    elif no(1):\n        pass\n",
        "def f():\n    if no():\n        pass\n    elif no(2):\n        pass\n",
        0,
        1,
    ),
    (
        "an elif that is not tried",
        "def f():\n    if yes():\n        pass\n    elif no(1):\n        a = 1\n",
        "def f():\n    if yes():\n        pass\n    elif no(2):\n        a = 1\n",
        0,
        0,
    ),
    (
        "a condition",
        "def f():\n    if no():\n        pass\n",
        "def f():\n    if not no():\n        pass\n",
        0,
        1,
    ),
    (
        "a deleted statement",
        "def f():\n    a = 1\n    call()\n    return a\n",
        "def f():\n    a = 1\n    return a\n",
        0,
        1,
    ),
    (
        "a deleted last statement",
        "def f():\n    if yes():\n        a = 1\n        call()\n",
        "def f():\n    if yes():\n        a = 1\n",
        0,
        1,
    ),
    (
        "a deleted last statement that nothing reaches",
        "def f():\n    if no():\n        a = 1\n        call()\n",
        "def f():\n    if no():\n        a = 1\n",
        0,
        0,
    ),
    (
        "new statements",
        "def f():\n    a = 1\n",
        "def f():\n    a = 1\n    call()\n    call(a)\n",
        0,
        1,
    ),
    ("a new function", "x = 1\n", "x = 1\ndef f():\n    return 2\n", 0, 1),
    ("a new function that nobody calls", "x = 1\n", "x = 1\ndef g():\n    return 2\n", 0, 0),
    ("a new function with a text", "x = 1\n", 'x = 1\ndef f():\n    """Say."""\n', 0, 1),
    (
        "a new method",
        "class A(Base):\n    x = 1\n",
        "class A(Base):\n    x = 1\n    @property\n    def y(self):\n        return 1\n",
        0,
        0,
    ),
    ("a class variable", "class A:\n    x = 1\n", "class A:\n    x = 2\n", 1, 0),
    ("a base", "class A:\n    x = 1\n", "class A(Base):\n    x = 1\n", 1, 0),
    ("a default", "def f(a=1):\n    return a\n", "def f(a=2):\n    return a\n", 1, 0),
    ("a keyword default", "def f(*, a=1):\n    return a\n", "def f(*, a=2):\n    return a\n", 1, 0),
    (
        "a further parameter",
        "def f(a=1):\n    return a\n",
        "def f(a=1, b=2):\n    return a\n",
        0,
        1,
    ),
    ("a decorator", "@yes\ndef g():\n    return 1\n", "@no\ndef g():\n    return 1\n", 1, 0),
    ("a new decorator", "def g():\n    return 1\n", "@no\ndef g():\n    return 1\n", 1, 0),
    ("a constant of the module", "EPS = 1e-8\n", "EPS = 1e-7\n", 1, 0),
    ("an import", "import math\n", "import math, cmath\n", 1, 0),
    ("a text at the top", '"""Old."""\nx = 1\n', '"""New."""\nx = 1\n', 1, 0),
    (
        "a text of a function",
        'def f():\n    """Old."""\n    return 1\n',
        'def f():\n    """New."""\n    return 1\n',
        0,
        1,
    ),
    (
        "the first statement behind a future import",
        "from __future__ import division\nx = 1\n",
        "from __future__ import division\ncall()\nx = 1\n",
        1,
        0,
    ),
    (
        "a handler that is not needed",
        "def f():\n    try:\n        pass\n    except OSError:\n        a = 1\n",
        "def f():\n    try:\n        pass\n    except ValueError:\n        a = 1\n",
        0,
        0,
    ),
    (
        "the block of a handler",
        "def f():\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        a = 1\n",
        "def f():\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        a = 2\n",
        0,
        1,
    ),
    (
        "an iterable",
        "def f():\n    for i in range(2):\n        pass\n",
        "def f():\n    for i in range(3):\n        pass\n",
        0,
        1,
    ),
    (
        "the condition of a loop",
        "def f():\n    i = 0\n    while i < 2:\n        i += 1\n",
        "def f():\n    i = 0\n    while i < 3:\n        i += 1\n",
        0,
        4,
    ),
    (
        "an f-string",
        "def f():\n    a = 1\n    return f'{a} x'\n",
        "def f():\n    a = 1\n    return f'{a} y'\n",
        0,
        1,
    ),
    (
        "a value of an f-string",
        "def f():\n    a = 1\n    return f'{a:>4}'\n",
        "def f():\n    a = 1\n    return f'{-a:>4}'\n",
        0,
        1,
    ),
    (
        "the width of an f-string",
        "def f():\n    a = 1\n    return f'{a:>4}'\n",
        "def f():\n    a = 1\n    return f'{a:>5}'\n",
        0,
        1,
    ),
    (
        "a slice",
        "def f():\n    return [1, 2, 3][0:1]\n",
        "def f():\n    return [1, 2, 3][0:2]\n",
        0,
        1,
    ),
    (
        "a step that was none",
        "def f():\n    return [1, 2, 3][0:2]\n",
        "def f():\n    return [1, 2, 3][0:2:1]\n",
        0,
        1,
    ),
    ("a target", "def f():\n    a = b = 1\n", "def f():\n    a = c = 1\n", 0, 1),
    ("an attribute that is set", "def f():\n    Base.a = 1\n", "def f():\n    Base.b = 1\n", 0, 1),
    (
        "an augmented assignment",
        "def f():\n    a = 1\n    a += 1\n",
        "def f():\n    a = 1\n    a -= 1\n",
        0,
        1,
    ),
    ("a starred argument", "def f():\n    call(*[1])\n", "def f():\n    call(*[2])\n", 0, 1),
    ("a keyword", "def f():\n    call(a=1)\n", "def f():\n    call(b=1)\n", 0, 1),
    (
        "super",
        "class A(Base):\n    def m(self):\n        super().a\nBase.a = 1\nf = A().m\n",
        "class A(Base):\n    def m(self):\n        super(A, self).a\nBase.a = 1\nf = A().m\n",
        0,
        1,
    ),
    ("two places", "x = 1\ndef f():\n    return 1\n", "x = 2\ndef f():\n    return 2\n", 1, 1),
    ("a comment", "x = 1  # one\n", "# more\nx = 1  # two\n", 0, 0),
    (
        "a statement that moved into a block",
        "def f():\n    call()\n    a = 1\n",
        "def f():\n    if no():\n        call()\n    a = 1\n",
        0,
        1,
    ),
    (
        "an annotation that is a text",
        "from __future__ import annotations\ndef f(a: int = 1) -> int: pass\n",
        "from __future__ import annotations\ndef f(a: float = 1) -> str: pass\n",
        0,
        0,
    ),
    (
        "an annotation that is evaluated",
        "def f(a: int = 1): pass\n",
        "def f(a: float = 1): pass\n",
        1,
        0,
    ),
    ("a return", "def f():\n    return\n", "def f():\n    return 1\n", 0, 1),
    (
        "a raised exception",
        "def f():\n    if no(): raise ValueError(1)\n",
        "def f():\n    if no(): raise ValueError(2)\n",
        0,
        0,
    ),
    (
        "a yielded value",
        "def g():\n    yield 1\ndef f():\n    list(g())\n",
        "def g():\n    yield 2\ndef f():\n    list(g())\n",
        0,
        1,
    ),
    (
        "a with",
        "import io\ndef f():\n    with io.StringIO('a') as a:\n        pass\n",
        "import io\ndef f():\n    with io.StringIO('b') as a:\n        pass\n",
        0,
        1,
    ),
    (
        "a global",
        "def f():\n    global a\n    a = 1\n",
        "def f():\n    global a, b\n    a = 1\n",
        0,
        1,
    ),
]


@pytest.mark.parametrize(
    ("clean", "buggy", "when_read", "when_called"), [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)  # fmt: skip
def test_changes_count_as_often_as_the_changed_code_runs(
    clean: str,
    buggy: str,
    when_read: int,
    when_called: int,
    tmp_path: Path,
    insert_calls: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [line for line in clean.splitlines() if line.startswith("from __future__")]
    head = "" if lines or clean.startswith('"""') else HEAD
    scope: dict[str, Any] = {"__name__": "text"}
    exec(HEAD, scope)
    hits: list[int] = []

    def hit() -> bool:
        hits.append(1)
        return True

    monkeypatch.setattr(builtins, "__trainwreck_hit__", hit, raising=False)
    (answer,) = asked(tmp_path, (head + clean, head + buggy))
    places = [(None, each) for each in answer["counted"]]
    tree = insert_calls((head + buggy).encode(), "text", [], None, places)
    exec(compile(tree, "text", "exec", dont_inherit=True), scope)
    assert len(hits) == when_read
    hits.clear()
    if "f" in scope:
        scope["f"]()
    assert len(hits) == when_called


def test_changes_name_the_function_of_the_first_place(tmp_path: Path) -> None:
    clean = "class A:\n    def f(self):\n        def g():\n            return 1\n        return g\n"
    changed = clean, clean.replace("return 1", "return 2")
    answers = asked(tmp_path, changed, ("x = 1\n", "x = 2\n"))
    assert [answer["function"] for answer in answers] == ["A.f.<locals>.g", ""]


def test_changes_that_do_not_compile_are_refused(tmp_path: Path) -> None:
    (answer,) = asked(tmp_path, ("x = 1\n", "x = (1\n"))
    assert answer["error"].startswith("SyntaxError")


@pytest.mark.parametrize("version", VERSIONS)
def test_changes_are_answered_by_every_python(version: str, tmp_path: Path) -> None:
    if version not in PYTHONS:
        pytest.skip(f"Python {version} is not on this machine")
    texts = [
        (clean, buggy)
        for _, clean, buggy, *_ in CASES
        if version != "3.6" or "import annotations" not in clean
    ]
    answers = asked(tmp_path, *texts, python=PYTHONS[version])
    assert len(answers) == len(texts)
    assert [answer["error"] for answer in answers if "error" in answer] == []
    silent = [clean for (clean, _), each in zip(texts, answers, strict=True) if not each["counted"]]
    assert len(silent) == (1 if version == "3.6" else 2)


def rewritten(tree: ast.Module, generator: random.Random) -> str:
    """Return the code of a tree after a few random changes of statements and expressions."""
    nodes = list(ast.walk(tree))
    for _ in range(3):
        node: Any = generator.choice(nodes)
        bodies = [
            b for f in ("body", "orelse") if isinstance(b := getattr(node, f, None), list) if b
        ]
        if bodies and generator.random() < 0.5:
            body = generator.choice(bodies)
            body[generator.randrange(len(body))] = ast.parse(dedent("if 1:\n    x = [2]\n")).body[0]
        elif isinstance(node, ast.BinOp):
            node.left, node.right = node.right, node.left
        elif isinstance(node, ast.Constant) and isinstance(node.value, int):
            node.value = node.value + 1
        elif isinstance(node, ast.Call) and node.args:
            node.args.append(ast.Constant(1)) if not node.keywords else node.args.pop()
        elif isinstance(node, ast.Name):
            node.id = node.id + "_"
    return ast.unparse(ast.fix_missing_locations(tree))


@pytest.mark.parametrize("module", ["argparse", "dataclasses", "enum", "inspect", "typing"])
def test_changes_of_any_code_are_counted_by_code_that_compiles(
    module: str, tmp_path: Path, insert_calls: Any
) -> None:
    path = Path(difflib.__file__).parent / f"{module}.py"
    clean = ast.unparse(ast.parse(path.read_text(encoding="utf-8"))) + "\n"
    texts = [
        (clean, rewritten(ast.parse(clean), random.Random(f"{module} {seed}")) + "\n")
        for seed in range(12)
    ]
    counted = 0
    for (_, buggy), answer in zip(texts, asked(tmp_path, *texts), strict=True):
        if "error" not in answer:
            places = [(None, each) for each in answer["counted"]]
            tree = insert_calls(buggy.encode(), "text", [], None, places)
            compile(tree, "text", "exec", dont_inherit=True)
            differs = ast.dump(ast.parse(clean)) != ast.dump(ast.parse(buggy))
            assert bool(answer["counted"]) == differs
            counted += len(answer["counted"])
    assert counted
