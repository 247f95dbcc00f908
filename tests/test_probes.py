"""Probes around expressions: the program does what it did, and what they saw is the truth."""

import ast
import importlib.util
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from build import listing_of, mutants_of, source_of
from probing import HERE, called, compiled, probe, watch, written
from trainwreck.discover import probe_text
from trainwreck.model import ProbeKind

VALUE, DEFAULT, EVALUATIONS = ProbeKind.VALUE, ProbeKind.DEFAULT, ProbeKind.EVALUATIONS

SHAPES = r"""
x = ((a + b) * -(b - a) // 2 % 3 or a - 1) and not (a < b < 3 + 4)
---
x = a < b <= a + 2 != b is not None not in (a, b)
---
x = f'{a + b:>{a * 9}} {b!r} {(a or b) + 1:.2f}', f'{ {1: 2}[1] }' 'y' "z" % ()
---
def f(p=-1, q=(1, -2), *, r=True, s=a + b): return p, q, r, s
x = f(), f(2), f(s=1, r=0)
---
x = (lambda p=1, *q, r=2.5: p + r)(), (lambda: 1 + 2)(), [(lambda p=p: p + 1)() for p in q]
---
class C:
    n = 1 + a
    n += 2
    def f(self, p=3, *, q=4):
        'Text.'
        return self.n - p * q
x = C().f(), C().f(1), C.f.__doc__, C.n
---
class C:
    __n = 1
    def f(self, __p=2): self.__n += __p; return self.__n
x = C().f()
---
import contextlib
@contextlib.contextmanager
def f(p=1):
    yield p + 1
with f() as x, f(2 - 1) as y: pass
---
def d(n):
    return lambda f: lambda *p: (n, f(*p))
@d(1 + 1)
@d(n=3)
def f(p=4): return p - 1
x = f(), f(5)
---
def f(p=3):
    for i in range(p): got = yield i + 1 if i < 2 else (yield i - 1) or 0
x = list(f()), list(f(1)), f().gi_running
---
def f():
    x = 1 + (yield 2)
    x += yield x
    x -= 1
    return x
g = f()
x = [next(g), g.send(5), g.close()]
---
import asyncio
async def f(p=1):
    await asyncio.sleep(0)
    return p + 1
async def g(p=1):
    yield p
    yield await f(p) * 2 + await f()
async def h():
    return [i + await f() async for i in g() if i > 0 and await f(i)]
x = asyncio.run(h())
---
x = [i + j for i in q if i > 1 or a for j in q[:b + 1] if not j < i], {i: -i for i in q}
---
x = {i * 2 for i in q}, sum(i - 1 for i in q), {**{1: 2 + a}, 3: 4}, [*q, *[a - 1]]
---
x = a + 1 if a - b and b else -b if a or b else 0
---
x = q[1:], q[-2:a + 1], q[::-1], q[a - 1:b * 2:1], q[-a]
---
def f(*p, **k): return p, k
x = f(a + 1, *q, *[a or b], k=a < b, **{'m': a - b})
---
x = ('a' 'b' + 'c'
     'd' * 2
     + str(a  # a comment
     + 1
     ))
y = a + \
    b
---
if a and \
   b: x = 1 + \
  2; y = 3; y += 4
else: x = 5
---
if (x := a + 1) > 2 or (y := b - 1): z = [w := a * 2, w + 1]
---
x = y = a
x += 1; y -= 2
x *= a + b; y /= 4
for i in q: x += i; y -= i
---
class C: pass
o = C(); o.n = 1
o.n += 2; o.n *= 3
r = [1, 2]; r[0] -= 1; r[-1] += 1
d = {'k': 1}; k = 'k'; d['k'] += 1; d[k] *= 4
x = o.n, r, d
---
class C:
    __slots__ = ('n',)
    def __init__(self): self.n = 1
    @property
    def p(self): return self.n
    @p.setter
    def p(self, v): self.n = v * 2
o = C(); o.n += 1; o.p += 1; o.p -= 3
x = o.n
---
from collections import defaultdict
d = defaultdict(int)
for i in q: d[i % 2] += i; d['s'] -= 1
x = dict(d)
---
x = 0
for i in range(3):
    try: x += 1 / (i - 1) + u[i]
    except Exception as e: x -= 1; y = str(e)
---
match a + 1, b:
    case 2, n if n - 1 or a: x = n * 2
    case -1 | 1: x = 3
    case _: x = 4
---
def f(n, m=2): return n if n < m else f(n - 1) + f(n - 2, m=2)
x = f(8)
---
x = a
while x < 9 and not x > 7 or x == 8: x += 1
else: x -= 1
assert x, a + 1
---
def f():
    global z
    n = 1
    def g():
        nonlocal n
        n += 1; return n - 1
    z = g() + g()
    return n
x = f()
---
from typing import Dict
def f(p: Dict[1 + 1, 2] = 3) -> -1:
    n: 4 - 3 = p + 1
    return n
x = f(), f.__annotations__
---
def f(p, q=1, /, r=2, *s, t=-3): return p + q - r * t, s
x = f(1), f(1, 2, 3, 4, t=5)
---
x = a & b | a, (a ^ b), a << b >> 1, ~a & b, a | b, (a & b) << 1, -a ** 2, 2 ** -a, a @ m
---
x = f'{a + b=}', f'{[a - b]=}'
---
from __future__ import annotations
def f(p: a + b = 1) -> -1:
    n: 2 = p - 1
    return n
x = f(), f.__annotations__
""".strip().split("\n---\n")


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


def found() -> dict[str, Any]:
    """What the records below find; ``log`` is what was done."""
    log: list[object] = []

    class Own:
        n = 0

        def __init__(self) -> None:
            self.own = 0

        def __add__(self, other: object) -> object:
            return self

        def __lt__(self, other: object) -> bool:
            return True

        __le__ = __lt__
        p = property(lambda self: log.append("p") or 0, lambda self, value: None)

    def note(value: object) -> object:
        log.append(value)
        return value

    def fail() -> None:
        raise LookupError

    return {
        "a": 1, "b": 2, "c": 0, "z": 0.0, "nan": float("nan"), "o": Own(), "d": {"k": 5},
        "log": log, "note": note, "fail": fail, "defaultdict": defaultdict,
    }  # fmt: skip


RECORDS = [
    ("x = a < b", "<", (VALUE, 1, 0, False)),
    ("x = a < 1", "<", (VALUE, 1, 1, False)),
    ("x = a < b < 2", "<", (VALUE, 1, 0, False)),
    ("x = a < 1 < note(2)", "<", (VALUE, 1, 1, False)),
    ("x = 1 <= a < note(2)", "<=", (VALUE, 1, 1, False)),
    ("for i in range(5): x = i < 9", "<", (VALUE, 5, 0, False)),
    ("for i in range(5): x = i < 3", "<", (VALUE, 5, 1, False)),
    ("x = nan < nan", "<", (VALUE, 1, 0, False)),
    ("x = nan + 1", "+", (VALUE, 1, 1, False)),
    ("x = z + 0", "+", (VALUE, 1, 0, False)),
    ("x = (-z) + 0", "+", (VALUE, 1, 1, False)),
    ("x = -z", "-", (VALUE, 1, 1, False)),
    ("x = -c", "-", (VALUE, 1, 0, False)),
    ("x = -True * 0", "*", (VALUE, 1, 1, False)),
    ("x = 6 / b * 1", "*", (VALUE, 1, 0, False)),
    ("x = 'a' + 'b'", "+", (VALUE, 1, 1, False)),
    ("x = (1 << 20000) + 0", "+", (VALUE, 1, 0, False)),
    ("x = (1 << 20000) + 1", "+", (VALUE, 1, 1, False)),
    ("x = o + 0", "+", (VALUE, 1, 1, False)),
    ("x = o < 1", "<", (VALUE, 1, 1, False)),
    ("x = a | b", "|", (VALUE, 1, 1, False)),
    ("x = 3 & a & a", "&", (EVALUATIONS, 1, 0, False)),
    ("x = 3 & a | a", "&", (EVALUATIONS, 1, 0, False)),
    ("x = note(1) or note(2)", "or", (VALUE, 1, 1, False)),
    ("x = note(0) or note(0)", "or", (VALUE, 1, 1, False)),
    ("x = c or c", "or", (VALUE, 1, 0, False)),
    ("x = a and b", "and", (VALUE, 1, 1, False)),
    ("if a and b: x = 1", "and", (VALUE, 1, 0, False)),
    ("if (x := a and b): y = 1", "and", (VALUE, 1, 1, False)),
    ("x = o and o", "and", (VALUE, 1, 1, False)),
    ("x = 1 if not (a and b) else 2", "and", (VALUE, 1, 0, False)),
    ("try: x = a and fail()\nexcept LookupError: x = 0", "and", (VALUE, 1, 0, True)),
    ("try: x = fail() and a\nexcept LookupError: x = 0", "and", (VALUE, 0, 0, False)),
    ("for i in (1, 0):\n  try: x = 0 * 1 / i\n  except Exception: 0", "*", (VALUE, 2, 0, True)),
    ("if not a: x = a < b", "<", (VALUE, 0, 0, False)),
    ("if not a: x = a == b", "==", (EVALUATIONS, 0, 0, False)),
    ("x = a is None", "is", (EVALUATIONS, 1, 0, False)),
    ("def f(n): return n and f(n - 1) + 0\nx = f(3)", "+", (VALUE, 3, 0, False)),
    ("def f():\n  x = 0 + (yield 1)\ng = f(); next(g)", "+", (VALUE, 1, 0, True)),
    ("x = 0\nx += 5", "+=", (VALUE, 1, 1, False)),
    ("try: late += 1\nexcept NameError: late = 1", "+=", (VALUE, 1, 0, True)),
    ("try: d['z'] += 0\nexcept KeyError: d['z'] = 0", "+=", (VALUE, 1, 0, True)),
    ("try: d['k'] += fail()\nexcept LookupError: 0", "+=", (VALUE, 1, 0, True)),
    ("if not a: d['k'] += 1", "+=", (VALUE, 0, 0, False)),
    ("d['k'] += 0", "+=", (VALUE, 1, 0, False)),
    ("o.own += 0", "+=", (VALUE, 1, 0, False)),
    ("o.n += 0", "+=", (VALUE, 1, 1, False)),
    ("o.p += 0", "+=", (VALUE, 1, 1, False)),
    ("d = defaultdict(int)\nd['k'] += 0", "+=", (VALUE, 1, 1, False)),
    ("x = []\nx += []", "+=", (VALUE, 1, 1, False)),
    ("class C:\n  __slots__ = ['s']\nx = C(); x.s = 0\nx.s += 0", "+=", (VALUE, 1, 1, False)),
    ("class C:\n  def f(s): s.__n = 0; s.__n += 0\nC().f()", "+=", (EVALUATIONS, 1, 0, False)),
    ("note(d)['k'] += 0", "+=", (EVALUATIONS, 1, 0, False)),
    ("def f(p=1): return p\nf(); f(2); f(p=3)", "1", (DEFAULT, 3, 1, False)),
    ("def f(p=1): return p\nf(1)", "1", (DEFAULT, 1, 1, False)),
    ("def f(p=1): return p", "1", (DEFAULT, 0, 0, False)),
    ("def f(*, p=1.5): return p\nf(); f(p=1)", "1.5", (DEFAULT, 2, 1, False)),
    ("def f(p=7, /): return p\nf(); f(1)", "7", (DEFAULT, 2, 1, False)),
    ("f = lambda p=True: p\nf(); f(2)", "True", (DEFAULT, 2, 1, False)),
    ("class C:\n  def __init__(s, p=-7): 'Text.'\nC(); C(2)", "-", (DEFAULT, 2, 1, False)),
    ("class C:\n  def f(s, __p=7): return __p\nC().f(); C().f(1)", "7", (DEFAULT, 2, 1, False)),
    ("def f(p=7): yield p\nf(); list(f(2))", "7", (DEFAULT, 1, 0, False)),
    ("def f(p=7): yield p\nlist(f())", "7", (DEFAULT, 1, 1, False)),
    ("def w(f): return lambda *p: f(*p)\n@w\ndef f(p=7): 0\nf(2)", "7", (DEFAULT, 1, 0, False)),
    ("for i in 'ab':\n  def f(p=7): 0\n  f(); f(2)", "7", (DEFAULT, 4, 2, False)),
]


@pytest.mark.parametrize(("text", "original", "expected"), RECORDS)
def test_a_record_tells_kind_evaluations_differences_and_doubt(
    text: str, original: str, expected: tuple[ProbeKind, int, int, bool]
) -> None:
    assert watch(text, **found()).of(original) == expected


def test_both_changes_of_an_assignment_are_told_apart() -> None:
    seen = watch("x = 0\nx += 5")
    assert seen.of("+=", "=") == (VALUE, 1, 0, False)
    assert seen.of("+=", "-=") == (VALUE, 1, 1, False)


def test_no_property_is_read_for_a_probe() -> None:
    space = found()
    watch("o.p += 0", **space)
    assert space["log"] == ["p"]


def test_a_target_that_means_another_place_after_the_right_side_differs() -> None:
    text = "def f():\n    global d\n    d = {'k': 9}\n    return 5\nd = {'k': 0}\nd['k'] += f()\n"
    assert watch(text).of("+=", "=") == (VALUE, 1, 1, False)


def test_annotations_and_texts_that_are_shown_are_not_watched() -> None:
    for text in ("def f(p: a[1 + 2]): 0", "x: a[1] = b", "x = f'{f(f\"{a + b}\")=}'"):
        mutants = [m for m in mutants_of(text) if m.edits[0].original != "0"]
        assert mutants
        assert not probe_text(source_of(text), mutants, HERE, 0).watched


def test_an_example_is_the_first_difference() -> None:
    seen = watch("for i in range(3): x = i - 1\ny = s + 'b'\n", s="a" * 99)
    examples = sorted(seen.record["examples"].values())
    assert examples == ["1 instead of -1", f"TypeError instead of '{'a' * 56}..."]


def test_threads_and_the_depth_of_calls_do_not_mix_operands() -> None:
    text = "def f(n):\n    return n if n < 1 else f(n - 1) + wait(n)\n"
    mutants = mutants_of(text, "ArOR")
    probed = probe_text(source_of(text), mutants, HERE, 0)
    probes = probe.Probes(list(probed.groups))
    together = threading.Barrier(4)
    space: dict[str, Any] = {"wait": lambda n: together.wait(20) * 0 if n == 9 else 0}
    with called(probes):
        exec(compiled(probed.text), space)
        threads = [threading.Thread(target=space["f"], args=(9,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    record = written(probes)
    plus = probed.watched[next(m.id for m in mutants if m.edits[0].original == "+")].group
    assert record["counts"][plus] == record["ended"][plus] == 36
    assert plus not in {probed.watched[mutant].group for mutant in record["differing"]}


def test_a_forked_child_ends_what_was_begun_and_begins_at_zero() -> None:
    text = "def f(p=7): return p\ny = f(2)\nx = a + (fork() + 0)\n"
    (plus, inner), mutants = mutants_of(text, "ArOR"), mutants_of(text, "ArOR", "NVR")
    probed = probe_text(source_of(text), mutants, HERE, 0)
    probes = probe.Probes(list(probed.groups))
    with called(probes):
        space: dict[str, Any] = {"a": 5, "fork": lambda: probes.restart() or 0}
        exec(compiled(probed.text), space)
        assert space["x"] == 5
        space["f"]()
    record, default = written(probes), probed.watched[mutants[0].id].group
    for mutant in (plus, inner):
        group = probed.watched[mutant.id].group
        assert (record["counts"][group], record["ended"][group]) == (1, 1)
    assert (record["counts"][default], record["ended"][default]) == (1, 1)
    assert record["differing"] == {}


def test_a_snapshot_tells_how_often_defaults_had_been_evaluated() -> None:
    text = "for i in range(3):\n    f = lambda p=7: p\n    f()\nsnapshot()\nf()\nsnapshot()\n"
    (mutant,) = [m for m in mutants_of(text) if m.edits[0].original == "7"]
    probed = probe_text(source_of(text), [mutant], HERE, 0)
    probes = probe.Probes(list(probed.groups))
    with called(probes):
        exec(compiled(probed.text), {"snapshot": probes.snapshot})
    record = written(probes)
    assert (record["defined"], record["snapshots"]) == ([3], [[3], [4]])


@pytest.mark.parametrize("library", ["parso", "typer", "psutil"])
def test_every_file_of_a_library_compiles_with_all_of_its_probes(library: str) -> None:
    spec = importlib.util.find_spec(library)
    assert spec is not None
    assert spec.origin is not None
    watched = 0
    for path in sorted(Path(spec.origin).parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        probed = probe_text(source_of(text), listing_of(text).mutants, HERE, 0)
        compiled(probed.text)
        assert line_sets(ast.parse(probed.text)) == line_sets(ast.parse(text))
        watched += len(probed.watched)
    assert watched > 500
