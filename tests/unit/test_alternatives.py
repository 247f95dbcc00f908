"""With one alternative on and all others off, a stem's text is that of the mutant's cold run."""

import ast
import json
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from build import edit_at, mutant, mutants_of, source_of
from guest import agent_module
from trainwreck.model import OWN, Mutant
from trainwreck.mutants.alternatives import (
    IN_STRING,
    LINES,
    NO_EXPRESSION,
    OUTSIDE,
    OWN_BUG,
    PATTERN,
    StemText,
    stem_text,
)
from trainwreck.mutants.folding import MarkedFile, _request, not_folding
from trainwreck.mutants.listing import list_mutants
from trainwreck.source import SourceText, decode
from trainwreck.subject.interpreter import survey

HERE = (sys.version_info[0], sys.version_info[1])
STDLIB = Path(sysconfig.get_paths()["stdlib"])
TRICKY = r'''
x = a + b * c - d // e % 2 ** -1 + (a - (b + 3) * 4)
---
x = a < b <= c + 1 != d is not None not in (a, 2)
---
x = a or b and not c or not (d and 1 == 2)
---
def f(p=-1, q=(1, -2), *, r=True, s=a + b): return p + q[0], q[1] - 1, r and s
---
@outer(1 + 2, flag=True)
@inner
class C(Base, number=3):
    n = 1 + 2
    n += 2
    __private = 5
    def method(self, __p=2):
        """1 + 1 is True."""
        self.__n += __p
        return super().method(1)[1 + 2:3, ::-1]
---
x = [i + 1 for i in y if i > 2 and i % 2 == 0 for j in range(i - 1) if not j]
x = {i: i * 2 for i in y if i is not None}, {i - 1 for i in y}, sum(i + 1 for i in y if i > 1)
---
x = lambda p=1, *q, r=2.5: p + r if p > 1 else (lambda: p - 1)
---
x = f"{a + 1} {b:>{c * 2}} {a and b!r}" "y" + "z" * 2
---
if (n := len(a) + 1) > 2 and (m := n - 1): print(n, m)
x = [y for z in a if (y := z + 1) > 0]
---
def f():
    x = (yield 1) + 2
    x += yield x - 1
    y = yield
    yield x + 1, y == 2
    yield from g(1 + x)
    return x > 1
---
async def f(x):
    y = await g(x + 1) + 2
    async with h(y > 1) as z[0]: pass
    async for i in k(1 - y): y += await i
    return [j + 1 async for j in l(2) if j > 1]
---
x = (a +  # one
     b    # two
     - c) or (
    1 == 2
)
x = f(
    a
    + 1,
    b=not
    True,
)
---
x = a + \
    b \
    - 1
y += 1 \
    + 2
---
if x: a += 1; b -= 2
for i in 1, 2, 3: a *= i; b /= (1, 2)[0]
while True: x[1] -= 1; break
---
def f():
    1
    x = 1
    return -1
---
x = (1, 2, (3, "a")), [1, -2], {1, 2}, 1 + 2, 1, (4,), -1 ** 2, 2 * "ab", 1j - 2
x = 1, 2
x[1, 2] = y[0], (True, False, None)
for i in 1, -2: return_ = i in (1, 2), i in [3, 4], i in {5, 6}
---
if __debug__ and not False:
    assert x > 1, 2 + 3
---
ä = "öß" + x * 2; é = ü - 1; x["日本"] += 3
---
x = [*a or b, *(1, 2)], {**a | b, "c": 1 & 2}, f(*a + b, **c or d)
---
try: raise E(1 + 2) from f(3)
except (A, B or C): del x[1 + 2]; x = not a
finally: global_ = a is b
---
with f(1) as x[2], g(a + b): x ^= 1; y //= 2
---
a = b = c = 1 + 2
x: int = 3 + 1
a.b[1].c += 1 + a.b[2]
x += a += 1 if False else 2
---
def f(x=1 if True else 2): return x if x > 1 else not x
---
x = a if b > 1 else c if d else e + 1; x = (a if not b else c)[1:2, ..., 3]
'''
MODERN = r"""
def f(x, /, y=1 + 2, *, z=True): return x / y
---
match x + 1:
    case [1, y] if y > 2 and not z: w = y + 1; v -= 2
    case {"a": -1, **rest}: pass
    case _ if True: pass
---
def f[T: (int, 1 + 2)](x=1 + 2): return x * 2
type X = list[1 + 2]
---
try: x = 1 + 2
except* (A or B): y -= 1
---
@(a or b)
def f(): return x[*a, 1 + 2]
---
with (f(1) as x, g(a + b) as y): z = 1
"""
LINE_ENDS = {"newline": "\n", "both": "\r\n", "return": "\r"}


def pieces(text: str) -> list[str]:
    return [piece.strip("\n") + "\n" for piece in text.split("---\n")]


def stem_of(text: str, mutants: tuple[Mutant, ...], version: tuple[int, int] = HERE) -> StemText:
    return stem_text(source_of(text), mutants, (), version, 1)


def failing(source: SourceText, mutants: tuple[Mutant, ...], tmp_path: Path) -> Any:
    """The answer of the script for a text with all of its mutants."""
    folding = agent_module("scripts.folding")
    path = tmp_path / "file.py"
    path.write_bytes(source.encode(source.text))
    stem = stem_text(source, mutants, (), HERE, 1)
    request = json.loads(json.dumps(_request(MarkedFile(path, source, stem, mutants))))
    return folding.answer(request), stem


def compiling(source: SourceText, mutants: tuple[Mutant, ...] = ()) -> tuple[Mutant, ...]:
    """The mutants of a text, or those among these, that compile."""
    listed = mutants or list_mutants(source, "app", "file.py", "file", HERE).mutants

    def compiles(mutant: Mutant) -> bool:
        try:
            compile(mutant.apply(source.text), "file.py", "exec", dont_inherit=True)
        except SyntaxError:
            return False
        return True

    return tuple(mutant for mutant in listed if compiles(mutant))


@pytest.mark.parametrize("line_end", LINE_ENDS.values(), ids=LINE_ENDS)
@pytest.mark.parametrize("text", [*pieces(TRICKY), *pieces(MODERN)])
def test_every_alternative_folds_to_its_mutant(text: str, line_end: str, tmp_path: Path) -> None:
    source = decode(text.replace("\n", line_end).encode())
    try:
        compile(source.text, "file.py", "exec", dont_inherit=True)
    except SyntaxError:
        pytest.skip("this Python does not know the syntax")
    mutants = compiling(source)
    answer, stem = failing(source, mutants, tmp_path)
    assert answer.get("failing") == [], answer
    assert stem.numbers.keys() | stem.excluded.keys() == {mutant.id for mutant in mutants}


@pytest.mark.parametrize("name", ["fractions.py", "queue.py", "json/decoder.py", "textwrap.py"])
def test_every_ninth_mutant_of_a_library_folds(name: str, tmp_path: Path) -> None:
    source = decode((STDLIB / name).read_bytes())
    listed = list_mutants(source, "app", "file.py", "file", HERE).mutants
    mutants = compiling(source, listed[::9])
    answer, stem = failing(source, mutants, tmp_path)
    assert answer.get("failing") == [], answer
    assert len(mutants) > 2
    assert len(stem.numbers) > 0.8 * len(mutants)


def test_what_cannot_be_an_alternative_has_its_reason() -> None:
    text = (
        "def f(x: 1 + 2 = 3):\n    return f'{x + 4}'\nmatch f():\n    case 5: x = 6\n"
        "def g():\n    y: 7 = 8\n"
    )
    mutants = {mutant.original: mutant for mutant in mutants_of(text, "NVR")}
    stem = stem_of(text, tuple(mutants.values()), (3, 13))
    reasons = {original: stem.excluded.get(mutant.id) for original, mutant in mutants.items()}
    assert reasons == {
        "1": None,
        "2": None,
        "3": None,
        "4": IN_STRING,
        "5": PATTERN,
        "6": None,
        "7": NO_EXPRESSION,
        "8": None,
    }


def test_bugs_of_users_and_edits_that_move_lines_stand_in_no_stem() -> None:
    own = mutant(operator=OWN)
    moving = mutant(edits=(edit_at(2, "+", "\n-"),))
    outside = mutant(edits=(edit_at(2, "+", "-"), edit_at(6, "d", "e")))
    stem = stem_of("a + b\nd\n", (own, moving, outside))
    assert set(stem.excluded.values()) == {OWN_BUG, LINES, OUTSIDE}
    assert stem.text == "a + b\nd\n"


def test_markers_stand_around_what_the_compiler_folds_and_keep_the_lines() -> None:
    text = "x = (1, 2), a + (\n3)\nx += 4\n"
    stem = stem_of(text, mutants_of(text, "NVR", "AsOR"))
    assert stem.text == (
        "x = __trainwreck_alternative_1__((__trainwreck_alternative_2__(((1, 2))))), a + "
        "__trainwreck_alternative_3__(((\n3)))\n"
        "__trainwreck_statement_4__; __trainwreck_statement_5__; "
        "x += __trainwreck_alternative_6__((4))\n"
    )
    changed = [(entry["text"], entry["line"], entry["column"]) for entry in stem.alternatives]
    assert changed[:3] == [("(2, 2)", 1, 4), ("(1, 3)", 1, 4), ("(\n4)", 1, 16)]
    assert [text for text, *_ in changed[3:5]] == ["x -= 4", "x = 4"]


def test_a_point_is_marked_as_a_mutant_and_once() -> None:
    text = "x = a + b - c\n"
    first, second = mutants_of(text, "ArOR")
    stem = stem_text(source_of(text), [first], [first, second], HERE, 7)
    assert stem.numbers == {first.id: 7, second.id: 8}


def test_a_text_that_is_not_the_marked_one_is_refused() -> None:
    alternatives = agent_module("stem.alternatives")
    for clean, marked in [("x = 1", "x = 2"), ("x", "x; y"), ("x; y", "x"), ("x", "f(x)")]:
        with pytest.raises(alternatives.NotEqual):
            alternatives.with_alternatives(clean.encode(), marked.encode(), "f", [])


def test_a_wrong_alternative_does_not_fold(tmp_path: Path) -> None:
    text = "x = a + b\n"
    source = source_of(text)
    mutants = mutants_of(text, "ArOR")
    stem = stem_text(source, mutants, (), HERE, 1)
    (tmp_path / "f.py").write_text(text)
    request = _request(MarkedFile(tmp_path / "f.py", source, stem, mutants))
    wrong = {
        **stem.alternatives[0],
        "counted": "(__trainwreck_hit__() and (a * b))",
        "text": "a * b",
    }
    answer = agent_module("scripts.folding").answer({**request, "alternatives": [wrong]})
    assert [number for number, _ in answer["failing"]] == [1]


def test_positions_are_those_of_the_clean_text_and_of_the_mutant() -> None:
    alternatives = agent_module("stem.alternatives")
    text = "ä = 1; y = ü + (\n  z - 2)\n"
    stem = stem_of(text, mutants_of(text))
    tree = alternatives.with_alternatives(
        text.encode(), stem.text.encode(), "f", list(stem.alternatives)
    )
    names = {
        (node.id, node.lineno, node.col_offset)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not node.id.startswith("__trainwreck")
    }
    assert names == {("ä", 1, 0), ("y", 1, 8), ("ü", 1, 12), ("z", 2, 2)}


@pytest.mark.process
def test_the_interpreter_itself_compares_the_alternatives(tmp_path: Path) -> None:
    text = "x = a + b\n"
    path = tmp_path / "f.py"
    path.write_text(text)
    source, mutants = source_of(text), mutants_of(text)
    stem = stem_text(source, mutants, (), HERE, 1)
    python = survey(sys.executable, [])
    assert not_folding(python, [MarkedFile(path, source, stem, mutants)]) == {}
    path.write_text("x = a - b\n")
    reasons = not_folding(python, [MarkedFile(path, source, stem, mutants)])
    assert reasons == {mutants[0].id: "the file has changed"}
