"""Probes around expressions: the program does what it did, and what they saw is the truth."""

import ast
import builtins
import contextlib
import json
import os
import sys
import tempfile
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from build import mutants_of, source_of
from test_check import agent_module
from trainwreck.discover import ProbedText, probe_text
from trainwreck.model import Mutant, Probe, ProbeKind

probe: Any = agent_module("probe")
insert: Any = agent_module("insert")

HERE = (sys.version_info[0], sys.version_info[1])


@dataclass(frozen=True)
class Watched:
    """A text that ran under probes: what it left, what it raised, and what was recorded."""

    text: str
    mutants: tuple[Mutant, ...]
    probed: ProbedText
    space: dict[str, Any]
    error: BaseException | None
    record: dict[str, Any]

    def record_of(self, mutant: Mutant) -> Probe | None:
        """The record of one mutant, as a campaign makes it."""
        watch = self.probed.watched.get(mutant.id)
        if watch is None:
            return None
        counts, ended = self.record["counts"][watch.group], self.record["ended"][watch.group]
        differing = self.record["differing"].get(mutant.id, 0)
        doubt = "an exception" if counts != ended else ""
        if watch.kind is ProbeKind.DEFAULT:
            counts, differing, doubt = ended, counts, ""
        if watch.kind is ProbeKind.EVALUATIONS:
            doubt = ""
        example = self.record["examples"].get(mutant.id, "")
        return Probe(mutant.id, "trial", watch.kind, counts, differing, example, (), 0, doubt)

    def of(self, original: str, replacement: str = "") -> tuple[ProbeKind, int, int, bool]:
        """Kind, evaluations, differing and doubt of the first mutant that makes this change."""
        for mutant in self.mutants:
            edit = mutant.edits[0]
            if edit.original == original and replacement in ("", edit.replacement):
                found = self.record_of(mutant)
                assert found is not None
                return found.kind, found.evaluations, found.differing, bool(found.doubt)
        raise LookupError(original)


@contextlib.contextmanager
def called(probes: Any) -> Iterator[None]:
    """The calls in a probed text have their meaning."""
    names = probes.builtins()
    for name, function in names.items():
        setattr(builtins, name, function)
    try:
        yield
    finally:
        for name in names:
            delattr(builtins, name)


class Folder:
    """Where a record is written; see Events.create of the guest."""

    def __init__(self, folder: str) -> None:
        self.path = Path(folder, "probe.json")

    def create(self, _kind: str, suffix: str) -> tuple[int, str]:
        partial = str(self.path.with_suffix(suffix))
        return os.open(partial, os.O_WRONLY | os.O_CREAT), partial


def written(probes: Any) -> dict[str, Any]:
    """What a process would leave behind."""
    with tempfile.TemporaryDirectory() as folder:
        probes.write(Folder(folder))
        record: dict[str, Any] = json.loads(Path(folder, "probe.json").read_text())
    return record


def compiled(text: str) -> types.CodeType:
    """A probed text as the agent compiles it."""
    tree = insert.insert_calls(text.encode(), "text", [], None)
    code: types.CodeType = compile(tree, "text", "exec", dont_inherit=True)
    return code


def watch(text: str, **names: Any) -> Watched:
    """Run a text with probes for all of its mutants."""
    mutants = mutants_of(text)
    probed = probe_text(source_of(text), mutants, HERE, 0)
    probes = probe.Probes(list(probed.groups))
    space, error = dict(names), None
    with called(probes):
        try:
            exec(compiled(probed.text), space)
        except Exception as raised:  # noqa: BLE001
            error = raised
    return Watched(text, mutants, probed, space, error, written(probes))


VALUE, DEFAULT, EVALUATIONS = ProbeKind.VALUE, ProbeKind.DEFAULT, ProbeKind.EVALUATIONS


SHAPES = [
    "x = ((a + b) * -(b - a) // 2 % 3 or a - 1) and not (a < b < 3 + 4)",
    "x = a < b <= a + 2 != b is not None not in (a, b)",
    "x = f'{a + b:>{a * 9}} {b!r} {(a or b) + 1:.2f}', f'{ {1: 2}[1] }' 'y' \"z\" % ()",
    "def f(p=-1, q=(1, -2), *, r=True, s=a + b): return p, q, r, s\nx = f(), f(2), f(s=1, r=0)",
    "x = (lambda p=1, *q, r=2.5: p + r)(), (lambda: 1 + 2)(), [(lambda p=p: p + 1)() for p in q]",
    "class C:\n    n = 1 + a\n    n += 2\n    def f(self, p=3, *, q=4):\n        'Text.'\n"
    "        return self.n - p * q\nx = C().f(), C().f(1), C.f.__doc__, C.n",
    "class C:\n    __n = 1\n    def f(self, __p=2): self.__n += __p; return self.__n\nx = C().f()",
    "import contextlib\n@contextlib.contextmanager\ndef f(p=1):\n    yield p + 1\n"
    "with f() as x, f(2 - 1) as y: pass",
    "def d(n):\n    return lambda f: lambda *p: (n, f(*p))\n@d(1 + 1)\n@d(n=3)\n"
    "def f(p=4): return p - 1\nx = f(), f(5)",
    "def f(p=3):\n    for i in range(p): got = yield i + 1 if i < 2 else (yield i - 1) or 0\n"
    "x = list(f()), list(f(1)), f",
    "def f():\n    x = 1 + (yield 2)\n    x += yield x\n    x -= 1\n    return x\n"
    "g = f()\nx = [next(g), g.send(5), g.close()]",
    "import asyncio\nasync def f(p=1):\n    await asyncio.sleep(0)\n    return p + 1\n"
    "async def g(p=1):\n    yield p\n    yield await f(p) * 2 + await f()\n"
    "async def h():\n    return [i + await f() async for i in g() if i > 0 and await f(i)]\n"
    "x = asyncio.run(h())",
    "x = [i + j for i in q if i > 1 or a for j in q[:b + 1] if not j < i], {i: -i for i in q}",
    "x = {i * 2 for i in q}, sum(i - 1 for i in q), {**{1: 2 + a}, 3: 4}, [*q, *[a - 1]]",
    "x = a + 1 if a - b and b else -b if a or b else 0",
    "x = q[1:], q[-2:a + 1], q[::-1], q[a - 1:b * 2:1], q[-a]",
    "def f(*p, **k): return p, k\nx = f(a + 1, *q, *[a or b], k=a < b, **{'m': a - b})",
    "x = ('a' 'b' + 'c'\n     'd' * 2\n     + str(a  # a comment\n     + 1\n     ))\ny = a + \\\n    b",
    "if a and \\\n   b: x = 1 + \\\n  2; y = 3; y += 4\nelse: x = 5",
    "if (x := a + 1) > 2 or (y := b - 1): z = [w := a * 2, w + 1]",
    "x = y = a\nx += 1; y -= 2\nx *= a + b; y /= 4\nfor i in q: x += i; y -= i",
    "class C: pass\no = C(); o.n = 1\no.n += 2; o.n *= 3\nr = [1, 2]; r[0] -= 1; r[-1] += 1\n"
    "d = {'k': 1}; k = 'k'; d['k'] += 1; d[k] *= 4\nx = o.n, r, d",
    "class C:\n    __slots__ = ('n',)\n    def __init__(self): self.n = 1\n"
    "    @property\n    def p(self): return self.n\n    @p.setter\n    def p(self, v): self.n = v * 2\n"
    "o = C(); o.n += 1; o.p += 1; o.p -= 3\nx = o.n",
    "from collections import defaultdict\nd = defaultdict(int)\nfor i in q: d[i % 2] += i; d['s'] -= 1\n"
    "x = dict(d)",
    "x = 0\nfor i in range(3):\n    try: x += 1 / (i - 1) + u[i]\n    except Exception as e: x -= 1; y = str(e)",
    "match a + 1, b:\n    case 2, n if n - 1 or a: x = n * 2\n    case -1 | 1: x = 3\n    case _: x = 4",
    "def f(n, m=2): return n if n < m else f(n - 1) + f(n - 2, m=2)\nx = f(8)",
    "x = a\nwhile x < 9 and not x > 7 or x == 8: x += 1\nelse: x -= 1\nassert x, a + 1",
    "def f():\n    global z\n    n = 1\n    def g():\n        nonlocal n\n        n += 1; return n - 1\n"
    "    z = g() + g()\n    return n\nx = f()",
    "from typing import Dict\ndef f(p: Dict[1 + 1, 2] = 3) -> -1:\n    n: 4 - 3 = p + 1\n    return n\n"
    "x = f(), f.__annotations__",
    "def f(p, q=1, /, r=2, *s, t=-3): return p + q - r * t, s\nx = f(1), f(1, 2, 3, 4, t=5)",
    "x = a & b | a, (a ^ b), a << b >> 1, ~a & b, a | b, (a & b) << 1, -a ** 2, 2 ** -a, a @ m",
    "x = f'{a + b=}', f'{[a - b]=}'",
]


def names() -> dict[str, Any]:
    """What the shapes find."""

    class Matrix:
        def __rmatmul__(self, other: object) -> str:
            return f"{other} @ m"

    return {"a": 1, "b": 2, "q": [1, 2, 3], "m": Matrix()}


def plain(space: dict[str, Any]) -> dict[str, str]:
    """What a program left, as text; of functions and objects, their type."""
    built_in = (int, float, str, tuple, list, dict, set, type(None))
    return {
        name: repr(value) if type(value) in built_in else type(value).__name__
        for name, value in space.items()
        if name != "__builtins__"
    }


def run(text: str) -> tuple[dict[str, str], str]:
    space, error = names(), ""
    try:
        exec(compile(text, "text", "exec", dont_inherit=True), space)
    except Exception as raised:  # noqa: BLE001
        error = repr(raised)
    return plain(space), error


def line_sets(tree: ast.AST) -> list[set[int]]:
    """The lines of the statements of every body, in order."""
    return [
        {statement.lineno for statement in getattr(node, field)}
        for node in ast.walk(tree)
        for field in ("body", "orelse", "finalbody")
        if isinstance(getattr(node, field, None), list)
    ]


@pytest.mark.parametrize("text", SHAPES)
def test_the_program_does_what_it_did(text: str) -> None:
    seen = watch(text, **names())
    assert len(seen.mutants) >= 2
    assert (plain(seen.space), repr(seen.error) if seen.error else "") == run(text)
    assert "x" in seen.space


@pytest.mark.parametrize("text", SHAPES)
def test_statements_stay_on_their_lines(text: str) -> None:
    probed = probe_text(source_of(text), mutants_of(text), HERE, 0).text
    assert probed.count("\n") == text.count("\n")
    assert line_sets(ast.parse(probed)) == line_sets(ast.parse(text))
    if probed != text:
        assert "__trainwreck_" in probed
