"""A program under probes does what it did, on the lines where it did it."""

import ast
from typing import Any

import pytest

from build import mutants_of, source_of
from probing import HERE, line_sets, watch
from trainwreck.mutants.instrument import probe_text

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
def f(p=-1,*,q=(1,-2)):
    if-p<2and(p or-p): return-p+q[1]
    return+p*a-b
x=f()*a+b,f(2)-a*b or-a,[-i for i in q if-i<0],(a)or(b),a if-a else-b
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
