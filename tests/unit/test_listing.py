"""Places: what an edit touches, what it is called, where it sits."""

import ast
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import STARTS, listing_of, mutants_of, source_of
from trainwreck.model import APP, MODULE_LEVEL, Context, Mutant, Stratum
from trainwreck.mutants.listing import list_mutants
from trainwreck.operators.table2 import OPERATORS
from trainwreck.source import decode

GOLDEN = Path(__file__).parents[1] / "golden"

EXPRESSIONS = (
    "a + 1", "b[-1]", "not a", "a and b or 2", "a is not b", "a not in b", "f(a, key=True)",
    "[x * 2 for x in a if x > 1]", "f'{a + 1:>{b * 2}}'", "{1: 'é', 2: a}", "a if b else 3",
    "lambda x=1: x << 2", "'ünïcödé 1 + 1'", "(a,\n        b - 1)", "f(a) <= 1e-3 != b",
    '"""1\n+ 1"""', "a | b & 1", "'😀' + a", "(yield_ := 4)", "a % 2 // 3",
)  # fmt: skip
TEMPLATES = (
    "x = {0}\n",
    "x += {0}\n",
    "x.y: int = {0}\n",
    "if {0}:\n    x = {1}\nelif {1}:\n    pass\nelse:\n    x -= 1\n",
    "while {0}:\n    break\n",
    "for x in {0}:\n    f({1})\n",
    "with f({0}) as x, f({1}):\n    x *= {1}\n",
    "def g(a, b={0}, *c):\n    '''doc'''\n    return {1}\n",
    "@f({0})\nclass G(f({1})):\n    z = True\n    def m(self): return {0}\n",
    "try:\n    x = {0}\nexcept f({1}):\n    raise f({0})\nfinally:\n    del x[0]\n",
    "assert {0}, {1}  # {{1 + 1}}\n",
    "async def h():\n    async with f({0}):\n        return await f({1})\n",
    "x = {0}; y = {1}\n",
    "\n# 1 + 1\n",
)

expressions = st.sampled_from(EXPRESSIONS)
statements = st.builds(str.format, st.sampled_from(TEMPLATES), expressions, expressions)
programs = st.lists(statements, max_size=6).map("".join)
line_ends = st.sampled_from(["\n", "\r\n"])


def undone(mutant: Mutant, text: str) -> str:
    """The buggy text with every edit taken back."""
    for edit in mutant.edits:
        start, end = edit.span.start, edit.span.start + len(edit.replacement)
        assert text[start:end] == edit.replacement
        text = text[:start] + edit.original + text[end:]
    return text


def offset_of(text: str, line: int, column: int) -> int:
    """Where a line and a column are, by the plainest possible count."""
    return sum(len(part) + 1 for part in text.split("\n")[: line - 1]) + column


def place_of(text: str, original: str = "", replacement: str = "") -> Mutant:
    """The one mutant of a text that replaces these words."""
    found = [
        mutant
        for mutant in mutants_of(text)
        if original in ("", mutant.edits[0].original)
        and replacement in ("", mutant.edits[0].replacement)
    ]
    assert len(found) == 1
    return found[0]


@given(programs, line_ends)
@settings(max_examples=60, deadline=None)
def test_undoing_an_edit_of_list_mutants_gives_the_original_text(
    program: str, line_end: str
) -> None:
    text = program.replace("\n", line_end)
    for mutant in mutants_of(text):
        buggy = mutant.apply(text)
        assert buggy != text
        assert undone(mutant, buggy) == text


@given(programs, line_ends)
@settings(max_examples=60, deadline=None)
def test_an_edit_replaces_what_its_operator_looks_for(program: str, line_end: str) -> None:
    text = program.replace("\n", line_end)
    for mutant in mutants_of(text):
        edit = mutant.edits[0]
        assert text[edit.span.start : edit.span.end] == edit.original
        if mutant.operator == "NVR":
            assert ast.literal_eval(edit.original) + 1 == ast.literal_eval(edit.replacement)
        else:
            assert edit.original.split()[0] in STARTS[mutant.operator]


@given(programs, line_ends)
@settings(max_examples=60, deadline=None)
def test_lines_and_columns_agree_with_offsets(program: str, line_end: str) -> None:
    text = program.replace("\n", line_end)
    for mutant in mutants_of(text):
        span = mutant.span
        assert offset_of(text, span.line, span.column) == span.start
        assert offset_of(text, span.end_line, span.end_column) == span.end
        assert mutant.lines[0] <= span.line <= span.end_line <= mutant.lines[1]


@given(programs)
@settings(max_examples=60, deadline=None)
def test_ids_are_unique_within_a_file(program: str) -> None:
    ids = Counter(mutant.id for mutant in mutants_of(program))
    assert [number for number in ids.values() if number > 1] == []


@given(programs, programs)
@settings(max_examples=40, deadline=None)
def test_code_elsewhere_in_the_file_changes_no_id(program: str, other: str) -> None:
    inside = "".join(f"    {line}\n" for line in other.splitlines()) if other else "    pass\n"
    before = f"def unrelated():\n{inside}"
    known = {mutant.id for mutant in mutants_of(program)}
    assert known <= {mutant.id for mutant in mutants_of(before + program)}
    assert known <= {mutant.id for mutant in mutants_of(program + before)}


@given(programs, st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]), line_ends)
@settings(max_examples=60, deadline=None)
def test_bytes_outside_the_edit_stay_as_they_are(
    program: str, encoding: str, line_end: str
) -> None:
    cookie = "" if encoding == "utf-8-sig" else f"# -*- coding: {encoding} -*-\n"
    text = (cookie + program).replace("\n", line_end)
    if encoding == "latin-1":
        text = text.replace("😀", "ß")
    content = text.encode(encoding)
    source = decode(content)
    assert source.encode(source.text) == content
    for mutant in list_mutants(source, APP, "a.py", "a", (3, 13)).mutants:
        span, edit = mutant.span, mutant.edits[0]
        head = len(source.encode(source.text[: span.start]))
        tail = source.text[span.end :].encode("latin-1" if encoding == "latin-1" else "utf-8")
        buggy = source.encode(mutant.apply(source.text))
        assert buggy[:head] == content[:head]
        assert buggy[head:] == edit.replacement.encode() + tail


@given(programs)
@settings(max_examples=40, deadline=None)
def test_what_is_evaluated_holds_the_edit_and_is_an_expression(program: str) -> None:
    for mutant in mutants_of(program):
        assert mutant.evaluated is not None
        start, end = mutant.evaluated
        assert start <= mutant.span.end <= end or start >= mutant.span.end
        ast.parse(f"({program[start:end]})", mode="eval")


def test_equal_statements_have_different_ids() -> None:
    first, second = mutants_of("x = 1\nx = 1\n")
    assert first.id != second.id


def test_equal_functions_of_equal_names_have_different_ids() -> None:
    text = "class A:\n    def f(self): return 1\n    def f(self): return 1\n"
    assert len({mutant.id for mutant in mutants_of(text)}) == 2


def test_an_id_tells_root_and_file_apart() -> None:
    source = source_of("x = 1\n")
    ids = {
        list_mutants(source, root, file, "m", (3, 13)).mutants[0].id
        for root in ("app", "keras")
        for file in ("a.py", "b.py")
    }
    assert len(ids) == 4


def test_an_id_does_not_depend_on_line_or_source() -> None:
    assert place_of("x = 1\n").id == place_of("# a comment\n\nx = 1\n").id


def test_mutants_come_in_the_order_of_the_text() -> None:
    starts = [mutant.span.start for mutant in mutants_of("a = 1 + 2\nif not a: b -= True\n")]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("x = 1", MODULE_LEVEL),
        ("def f():\n    return 1", "f"),
        ("def f(a=1): pass", "f"),
        ("@g(1)\ndef f(): pass", MODULE_LEVEL),
        ("class A:\n    x = 1", "A"),
        ("class A:\n    def f(self):\n        return 1", "A.f"),
        ("class A:\n    @g(1)\n    def f(self): pass", "A"),
        ("class A:\n    class B:\n        x = 1", "A.B"),
        ("def f():\n    def g():\n        return 1", "f.<locals>.g"),
        ("def f():\n    class A:\n        def g(self): return 1", "f.<locals>.A.g"),
        ("async def f():\n    return 1", "f"),
        ("x = lambda: 1", MODULE_LEVEL),
        ("def f():\n    return [1 for a in b]", "f"),
        ("if a:\n    def f():\n        return 1", "f"),
    ],
)
def test_function_of_is_the_qualified_name(text: str, function: str) -> None:
    assert place_of(text).function == function


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("if a > b: pass", Context.IF),
        ("if c:\n    pass\nelif a > b: pass", Context.IF),
        ("while a > b: pass", Context.WHILE),
        ("x = y if a > b else z", Context.CONDITIONAL),
        ("x = a > b if y else z", Context.ASSIGNED),
        ("assert a > b", Context.ASSERT),
        ("[x for x in y if a > b]", Context.COMPREHENSION),
        ("f(x for x in y if a > b)", Context.COMPREHENSION),
        ("[a > b for x in y]", Context.ELEMENT),
        ("{x: a > b for x in y}", Context.ELEMENT),
        ("[x for x in y[a > b]]", Context.SUBSCRIPT),
        ("[x for x in a > b]", Context.ITERABLE),
        ("def f(x=a > b): pass", Context.DEFAULT),
        ("def f(x: int = a > b): pass", Context.DEFAULT),
        ("lambda x=a > b: x", Context.DEFAULT),
        ("def f(x: a > b): pass", Context.ANNOTATION),
        ("def f() -> (a > b): pass", Context.ANNOTATION),
        ("x: (a > b) = c", Context.ANNOTATION),
        ("def f(x: A[c, B[a > b]] = 1): pass", Context.ANNOTATION),
        ("def f(*x: A[f(a > b)]): pass", Context.ANNOTATION),
        ("def f() -> A[[a > b]]: pass", Context.ANNOTATION),
        ("def f():\n    def g(x: A[a > b]): pass", Context.ANNOTATION),
        ("x.y: A[a > b]", Context.ANNOTATION),
        ("class A:\n    x: A[a > b] = c", Context.ANNOTATION),
        ("def f():\n    class A:\n        x: A[a > b] = c", Context.ANNOTATION),
        ("def f():\n    x: A[a > b] = c", Context.DEFERRED),
        ("class A:\n    def f(self):\n        self.x: A[a > b] = c", Context.DEFERRED),
        ("def f[T: A[a > b]](x): pass", Context.DEFERRED),
        ("class A[T = A[a > b]]: pass", Context.DEFERRED),
        ("type A = B[a > b]", Context.DEFERRED),
        ("type A[T: (a > b)] = B", Context.DEFERRED),
        ("if x: type A = a > b", Context.DEFERRED),
        ("from __future__ import annotations\ndef f(x: A[a > b]): pass", Context.DEFERRED),
        ("from __future__ import (c,\n annotations as d)\nx: A[a > b] = 1", Context.DEFERRED),
        ("from __future__ import division\nx: A[a > b] = 1", Context.ANNOTATION),
        ("def f():\n    x: A = B[a > b]", Context.SUBSCRIPT),
        ("def f(x=(1, a > b)): pass", Context.DEFAULT_PART),
        ("def f(x: A = g(y=a > b)): pass", Context.DEFAULT_PART),
        ("def f(x=lambda: a > b): pass", Context.LAMBDA),
        ("T = TypeVar('T', bound=a > b)", Context.KEYWORD),
        ("x = cast(A[a > b], y)", Context.SUBSCRIPT),
        ("x: int = a > b", Context.ASSIGNED),
        ("@(a > b)\ndef f(): pass", Context.DECORATOR),
        ("@f(a > b)\ndef g(): pass", Context.ARGUMENT),
        ("f(x=a > b)", Context.KEYWORD),
        ("f(a > b)", Context.ARGUMENT),
        ("f(c, *(a > b))", Context.ARGUMENT),
        ("class A(a > b): pass", Context.ARGUMENT),
        ("class A(x=a > b): pass", Context.KEYWORD),
        ("x[a > b]", Context.SUBSCRIPT),
        ("x[c, a > b]", Context.SUBSCRIPT),
        ("x[a > b:]", Context.SUBSCRIPT),
        ("x[::a > b]", Context.SUBSCRIPT),
        ("x[a > b] = c", Context.SUBSCRIPT),
        ("(a > b).x = c", Context.TARGET),
        ("del (a > b).x", Context.TARGET),
        ("[a > b]", Context.ELEMENT),
        ("x = [c, a > b]", Context.ELEMENT),
        ("x = {c: a > b}", Context.ELEMENT),
        ("x = (c, a > b)", Context.ELEMENT),
        ("f'{a > b}'", Context.FORMATTED),
        ("f'{c:{a > b}}'", Context.FORMATTED),
        ("x = lambda: a > b", Context.LAMBDA),
        ("def f(): return a > b", Context.RETURN),
        ("def f(): return c, a > b", Context.RETURN),
        ("raise a > b", Context.RAISE),
        ("def f(): yield a > b", Context.YIELD),
        ("def f(): yield from a > b", Context.YIELD),
        ("for x in a > b: pass", Context.ITERABLE),
        ("with a > b: pass", Context.RESOURCE),
        ("with (a > b) as c: pass", Context.RESOURCE),
        ("x += a > b", Context.AUGMENTED),
        ("x = a > b", Context.ASSIGNED),
        ("x = y = a > b", Context.ASSIGNED),
        ("x = c, a > b", Context.ASSIGNED),
        ("x = (a > b)", Context.ASSIGNED),
        ("match a > b:\n    case c: pass", Context.SUBJECT),
        ("match f(a > b):\n    case c: pass", Context.ARGUMENT),
        ("match c:\n    case d if a > b: pass", Context.PATTERN),
        ("a > b", Context.STATEMENT),
        ("try: pass\nexcept (a > b): pass", Context.STATEMENT),
    ],
)
def test_context_of_is_the_nearest_construct(text: str, context: Context) -> None:
    assert place_of(text, ">").context == context


def test_context_of_can_return_every_context() -> None:
    cases = test_context_of_is_the_nearest_construct.pytestmark[0].args[1]
    assert {context for _, context in cases} == set(Context) - {Context.UNKNOWN}


def test_the_bug_of_an_augmented_assignment_has_its_context() -> None:
    assert place_of("x += a", replacement="=").context is Context.AUGMENTED


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x = f(a,\n      b,\n      1)\n", (1, 3)),
        ("x = '''\n''' + y\n", (1, 2)),
        ("x = a \\\n    + b\n", (1, 2)),
        ("if (a and\n        b):\n    pass\n", (1, 2)),
        ("if a:\n    pass\nelif b > c:\n    pass\n", (3, 3)),
        ("if a:\n    x = 1\n", (2, 2)),
        ("if a: x = 1\n", (1, 1)),
        ("if a: x = 1", (1, 1)),
        ("while (a\n       > b):\n    pass\n", (1, 2)),
        ("for x in f(\n    1\n):\n    pass\n", (1, 3)),
        ("try:\n    pass\nexcept f(1):\n    pass\n", (3, 3)),
        ("with f(1) as a, \\\n        b:\n    pass\n", (1, 2)),
        ("@f(1)\ndef g():\n    pass\n", (1, 1)),
        ("@f\n@f(\n    1)\nclass G:\n    pass\n", (2, 3)),
        ("@f\ndef g(a,\n      b=1):\n    pass\n", (2, 3)),
        ("async def g(a=1):\n    pass\n", (1, 1)),
        ("async def g():\n    async for x in f(1):\n        pass\n", (2, 2)),
        ("class A(f(1)):\n    pass\n", (1, 1)),
        ("x = 5 ; y = z\n", (1, 1)),
        ("def f():\n    '''doc\n    more'''\n    return 1\n", (4, 4)),
        ("x = lambda: (\n    1)\n", (1, 2)),
    ],
)
def test_a_statement_has_all_its_lines_and_a_header_no_more(
    text: str, lines: tuple[int, int]
) -> None:
    assert place_of(text).lines == lines


@pytest.mark.parametrize(
    "text",
    [
        "f'{a + b=}'",
        "def f():\n    x: (y + z) = a\n",
        "from __future__ import annotations\ndef f(a: b + c): pass\n",
        "from __future__ import annotations\ndef f() -> (b + c): pass\n",
        "from __future__ import annotations\nx: (y + z) = a\n",
    ],
)
def test_what_is_seen_as_text_alone_is_not_counted_in_place(text: str) -> None:
    mutant = place_of(text)
    assert mutant.evaluated is None
    assert mutant.apply_counted(text, "hit()") == mutant.apply(text)


@pytest.mark.parametrize(
    "text", ["def f(a: b + c): pass", "def f() -> (b + c): pass", "x: (b + c) = a"]
)
def test_annotations_that_are_evaluated_are_counted_in_place(text: str) -> None:
    (mutant,) = listing_of(text, version=(3, 13)).mutants
    assert mutant.evaluated is not None
    start, end = mutant.evaluated
    assert text[start:end] == "b + c"
    assert listing_of(text, version=(3, 14)).mutants[0].evaluated is None


def test_annotations_are_not_evaluated_where_python_defers_them() -> None:
    text = "def f(x: A[a > b], y=c > d): pass\n"
    contexts = {
        version: [mutant.context for mutant in listing_of(text, version=version).mutants]
        for version in ((3, 13), (3, 14))
    }
    assert contexts[3, 13] == [Context.ANNOTATION, Context.DEFAULT]
    assert contexts[3, 14] == [Context.DEFERRED, Context.DEFAULT]


@pytest.mark.parametrize(
    ("text", "stratum"),
    [
        ("x = 1", Stratum.MODULE),
        ("if x > y: pass", Stratum.MODULE),
        ("@f(1)\ndef g(): pass", Stratum.MODULE),
        ("class A:\n    x = 1", Stratum.CODE),
        ("def f():\n    return 1", Stratum.CODE),
        ("def f():\n    if x > y: pass", Stratum.CONDITION),
        ("def f():\n    return a if x > y else b", Stratum.CONDITION),
        ("def f():\n    assert x > y", Stratum.CONDITION),
        ("def f(a=1): pass", Stratum.DEFAULT),
        ("def f(a=(1, b)): pass", Stratum.DEFAULT),
        ("x = lambda a=1: a", Stratum.DEFAULT),
        ("def f(a: A[1]): pass", Stratum.ANNOTATION),
        ("def f():\n    a: A[1] = b", Stratum.ANNOTATION),
    ],
)
def test_the_stratum_of_a_mutant_follows_from_its_place(text: str, stratum: Stratum) -> None:
    assert place_of(text).stratum is stratum


def test_list_mutants_applies_only_the_given_operators() -> None:
    found = listing_of("x = not 1 + 2\n", OPERATORS[:1]).mutants
    assert [mutant.operator for mutant in found] == ["ArOR"]


def test_list_mutants_of_an_empty_text_is_empty() -> None:
    assert listing_of("").mutants == ()
    assert listing_of("").skipped_lines == ()


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.py")), ids=lambda path: path.stem)
def test_list_mutants_gives_the_committed_listing(path: Path) -> None:
    listing = listing_of(path.read_text(), file=path.name)
    found = "".join(
        f"{mutant.id}  {mutant.name}  <{mutant.context}>\n" for mutant in listing.mutants
    )
    found += "".join(f"skipped line {line}\n" for line in listing.skipped_lines)
    golden = path.with_suffix(".txt")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(found)
    assert found == golden.read_text()
