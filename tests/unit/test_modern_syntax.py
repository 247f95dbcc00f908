"""Syntax newer than the parser: right positions, or an honest list of what was skipped."""

import sys

import pytest

from build import listing_of
from trainwreck.source.modern import as_older_grammar

NEWER = [
    ("match x:\n    case 1:\n        y = 2\n", ["2:9 1", "3:12 2"]),
    ("match x, y:\n    case 1, 2: z = 3\n", ["2:9 1", "2:12 2", "2:19 3"]),
    ("match x:\n    case [1, *rest] if rest[0] < 2:\n        pass\n",
     ["2:10 1", "2:28 0", "2:31 <", "2:33 2"]),
    ("match x:\n    case *_, 1:\n        pass\n", ["2:13 1"]),
    ("match x:\n    case {'if': 1, **rest}:\n        pass\n", ["2:16 1"]),
    ("match x:\n    case [1 as y, (2 | 3) as z]:\n        pass\n",
     ["2:10 1", "2:19 2", "2:21 |", "2:23 3"]),
    ("match x:\n    case y if (1 if y else 2):\n        pass\n", ["2:15 1", "2:27 2"]),
    ("match x:\n    case P(a=1) as y if not y: pass\n", ["2:13 1", "2:24 not "]),
    ("match -x:\n    case -1:\n        pass\n", ["1:6 -", "2:9 -", "2:10 1"]),
    ("match not x:\n    case True:\n        pass\n", ["1:6 not ", "2:9 True"]),
    ("async def f():\n    match await x:\n        case 1:\n            pass\n", ["3:13 1"]),
    ("match x:\n    case 1 if (\n        y > 2\n    ):\n        pass\n",
     ["2:9 1", "3:10 >", "3:12 2"]),
    ("type A = list[1]\n", ["1:14 1"]),
    ("type  A[T: (int, 1)] = T | None\n", ["1:17 1", "1:25 |"]),
    ("def f[T: (1, 2)](a=3): pass\nx = 4 if y else 5\n",
     ["1:10 1", "1:13 2", "1:19 3", "2:4 4", "2:16 5"]),
    ("class A[*Ts, **P](f(1)): x = 2\n", ["1:20 1", "1:29 2"]),
    ("try:\n    x = 1\nexcept* f(2) as e:\n    y = 3\n", ["2:8 1", "3:10 2", "4:8 3"]),
    ("try: pass\nexcept *(f(2), g): pass\n", ["2:11 2"]),
    ("with (f(1) as a, g(2) as b):\n    x = 3\n", ["1:8 1", "1:19 2", "2:8 3"]),
    ("with (\n    f(1) as a,\n    g(2),\n):\n    pass\n", ["2:6 1", "3:6 2"]),
    ("async def f():\n    async with (g(1) as a, h as b):\n        pass\n", ["2:18 1"]),
    ("x = a[*b, 1] + a[2:3, *c]\n", ["1:10 1", "1:13 +", "1:17 2", "1:19 3"]),
    ("def f(*args: *Ts, a=1) -> int: pass\n", ["1:20 1"]),
    ("def f(*args: *tuple[1, ...]): pass\n", ["1:20 1"]),
    ("class A[*Ts = *tuple[1], **P = [2]]: x = 3\n", ["1:21 1", "1:32 2", "1:41 3"]),
    ("type A[T: (1, 2) = 3, *Ts = *B[4], **P = [5]] = T | None\n",
     ["1:11 1", "1:14 2", "1:19 3", "1:31 4", "1:42 5", "1:50 |"]),
    ("x = 1; type A = B[2]\nif x: type C = 3\n", ["1:4 1", "1:18 2", "2:15 3"]),
    ("try: pass\nexcept A, b.C, f(1): x = 2\n", ["2:17 1", "2:25 2"]),
    ("try: pass\nexcept* A, B:\n    x = 2\n", ["3:8 2"]),
    ("for x in *a, *b[1]: y = 2\n", ["1:16 1", "1:24 2"]),
    ("match x:\n    case {'a': 1 as b} | P(c=2 as d): y = 3\n",
     ["2:15 1", "2:23 |", "2:29 2", "2:42 3"]),
    ("match *a, 1:\n    case *b, 2,: pass\n", ["1:10 1", "2:13 2"]),
    ("match x := f(1):\n    case 2 if y := 3: pass\n", ["1:13 1", "2:9 2", "2:19 3"]),
    ("match lambda a=1: 2:\n    case 3 if (lambda: 4)(): pass\n",
     ["1:15 1", "1:18 2", "2:9 3", "2:23 4"]),
    ("match 1,:\n    case y as v,: x = 2\n", ["1:6 1", "2:22 2"]),
    ("x = f'{a:{b:0}.{c + 1:2}}' + 3\n", ["1:18 +", "1:20 1", "1:27 +", "1:29 3"]),
    ("match ...:\n    case 1: pass\n", ["2:9 1"]),
    ("x = f'{a[', '] + 1}' + 2\n", ["1:15 +", "1:17 1", "1:21 +", "1:23 2"]),
    ("x = f'{', '.join(a + 1 for a in b)!r:>{w + 2}}' + 3\n",
     ["1:19 +", "1:21 1", "1:41 +", "1:43 2", "1:48 +", "1:50 3"]),
    ("x = f'{f'{f'{1 + 2}' 'c'}' 'd' f'{3}'}'\n", ["1:13 1", "1:15 +", "1:17 2", "1:34 3"]),
    ("x = f'{'\\n'.join(a) + 1}'\n", ["1:20 +", "1:22 1"]),
    ("x = f'{a +\n 1:{b *\n 2}}' + 3\n",
     ["1:9 +", "2:1 1", "2:6 *", "3:1 2", "3:6 +", "3:8 3"]),
    ('x = f"""{\n a # why 9\n + 1}\n{\'\'\'2\n\'\'\'}""" + 3\n',
     ["3:1 +", "3:3 1", "5:8 +", "5:10 3"]),
    ("x = rf'\\{a + 1}\\\\' + 2\n", ["1:11 +", "1:13 1", "1:19 +", "1:21 2"]),
    ("x = f'\\N{DASH}{{3}}{f'{a}'}' + 1\n", ["1:29 +", "1:31 1"]),
    ("x = t'a{b + 1:{c}}' + Rt'{2}'\n", ["1:10 +", "1:12 1", "1:20 +", "1:26 2"]),
]  # fmt: skip


def places_in(text: str) -> list[str]:
    found: list[str] = []
    for mutant in listing_of(text).mutants:
        place = f"{mutant.span.line}:{mutant.span.column} {mutant.edits[0].original}"
        if place not in found:
            found.append(place)
    return found


@pytest.mark.parametrize(("text", "places"), NEWER)
def test_newer_syntax_is_listed_with_its_own_positions(text: str, places: list[str]) -> None:
    assert places_in(text) == places
    assert listing_of(text).skipped_lines == ()


@pytest.mark.parametrize(("text", "places"), NEWER)
def test_newer_syntax_after_an_older_program_reads_alike(text: str, places: list[str]) -> None:
    before = "x = [\n]\nwith open(a) as b: pass\r\n"
    moved = [f"{int(place.split(':')[0]) + 3}:{place.split(':', 1)[1]}" for place in places]
    assert places_in(before + text) == moved


@pytest.mark.parametrize("text", [text for text, _ in NEWER])
def test_as_older_grammar_keeps_length_and_lines(text: str) -> None:
    older = as_older_grammar(text)
    assert older != text or "[T" in text
    assert [len(line) for line in older.split("\n")] == [len(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    "text",
    [
        "match = case = type = 1\n",
        "match[1:2]\n",
        "match.x: int = 3\n",
        "print(match, case, type)\n",
        "type(x)\n",
        "match: int = 1\n",
        "case * 2\n",
        "x = [1 for match in case if type]\n",
        "type in [1]\n",
        "x: type = 1\n",
        "f(*a, **b)\n",
        "a, *b = c\n",
        "x = {**a, 'b': [c]}\n",
        "def f(*, a, **b): pass\n",
        "x = lambda *a, **b: a\n",
        "x = rb'a{1}' + u'{' + b'}'\n",
        "f = t = rf = 1\n",
    ],
)
def test_as_older_grammar_leaves_soft_keywords_that_are_names(text: str) -> None:
    assert as_older_grammar(text) == text


def test_a_pattern_is_never_counted_in_place_but_by_its_match() -> None:
    text = "x = 0\nmatch x:\n    case 5:\n        pass\n    case 7 if x > 8:\n        y = 9\n"
    found = {mutant.edits[0].original: mutant for mutant in listing_of(text).mutants}
    assert found["5"].evaluated is None
    assert found["5"].lines == (2, 3)
    assert (found["7"].lines, found[">"].lines) == ((2, 5), (2, 5))
    assert (found["9"].lines, found["9"].evaluated is not None) == ((6, 6), True)


def test_a_pattern_belongs_to_the_nearest_match() -> None:
    text = "match x:\n  case y:\n    match z:\n      case 1:\n        pass\n  case 2:\n    pass\n"
    first, second = listing_of(text).mutants
    assert (first.lines, second.lines) == ((3, 4), (1, 6))


def test_a_match_inside_a_with_is_found_beneath_it() -> None:
    text = "with a as b:\n  match x:\n    case 1:\n      pass\n"
    assert listing_of(text).mutants[0].lines == (2, 3)


def test_every_counted_mutant_of_newer_syntax_compiles_where_the_plain_one_does() -> None:
    for text, _ in NEWER:
        if not compiles(text):
            assert sys.version_info < (3, 12)
            continue
        for mutant in listing_of(text).mutants:
            counted = mutant.apply_counted(text, "hit()")
            assert compiles(counted) == compiles(mutant.apply(text))


def compiles(text: str) -> bool:
    try:
        compile(text, "text", "exec")
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "skipped", "places"),
    [
        ("x = 1\ny = = 2\nz = 3\n", (2,), ["1:4 1", "3:4 3"]),
        ("x = 1\nmatch x:\n    case 1 +: y = 2\nz = 3\n", (3,), ["1:4 1", "4:4 3"]),
        ("x = 1\nprint(2 +\n", (2,), ["1:4 1"]),
    ],
)
def test_skipped_lines_are_reported_and_have_no_mutants(
    text: str, skipped: tuple[int, ...], places: list[str]
) -> None:
    listing = listing_of(text)
    assert listing.skipped_lines == skipped
    assert places_in(text) == places


def test_what_a_formatted_string_shows_as_text_is_never_counted_in_place() -> None:
    shown, *_ = listing_of("x = f'{a + 1=}' f'{b['c']}'\n").mutants
    assert shown.evaluated is None
    inside_another = listing_of("x = f'{f'{a + 1=}' 'b'}' + f'{\n2=}'\n").mutants
    assert [mutant.edits[0].original for mutant in inside_another] == ["+"]


@pytest.mark.parametrize(
    "text", ["x = f'{a['\n", "x = 'a\n", 'x = f"""{1', "x = f'{a", "x = f'{a:", "x = f'{a!"]
)
def test_as_older_grammar_leaves_strings_that_do_not_end(text: str) -> None:
    assert as_older_grammar(text) == text


def test_the_grammar_is_that_of_the_programs_interpreter() -> None:
    walrus = "if (n := 1):\n    pass\n"
    assert listing_of(walrus, version=(3, 8)).skipped_lines == ()
    assert listing_of(walrus, version=(3, 7)).skipped_lines[0] == 1


def test_interpreters_newer_than_every_grammar_get_the_newest() -> None:
    assert listing_of("x = 1\n", version=(3, 99)).skipped_lines == ()
    assert listing_of("x = 1\n", version=(2, 7)).skipped_lines == ()
