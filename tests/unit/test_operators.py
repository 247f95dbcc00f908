"""Every operator proves its own examples."""

import ast
from itertools import count

import pytest

from build import STARTS, executed, listing_of, mutants_of
from trainwreck.model import Mutant, OperatorCode
from trainwreck.operators import Operator, all_operators
from trainwreck.operators.table2 import OPERATORS

EXAMPLES = [
    pytest.param(operator, text, expected, id=f"{operator.name} {text}")
    for operator in all_operators()
    for text, expected in operator.examples
]

RUNNABLE = """\
def area(width, height=2, *, scale=3):
    total = width * height + scale - 1
    total += 4
    total *= 2
    if total > 3 and not width < 0 or height is None:
        total -= 1
    elif total == 0:
        total /= 2
    return total / 5 % 7

class Box:
    sides = [index + 1 for index in range(4) if index != 2]
    ready = True
    def pair(self):
        yield from (side << 1 for side in self.sides if side in (1, 2, 4))

@lambda function: function
def text(number, places=2):
    return f"{number + 1:>{places * 3}} {not number}"

masks = {"low": 6 & 3, "high": 6 | 8, "odd": 6 ^ 1}
values = [area(3, scale=5) if side >= 1 else -area(2) for side in (0, 1)] + [area(-3)]
pairs = list(Box().pair())
line = text(4) + text(0, 1)
steps = 0
while steps <= 3:
    steps += 1
chosen = [*masks.values()][-1:][0] // 2
with memoryview(b"abc") as view:
    part = bytes(view[1:2])
try:
    part = part[5]
except (IndexError if True else KeyError):
    part = 0
absent = None is not part
found = 3 not in pairs
"""


def made_by(operator: Operator, text: str) -> tuple[Mutant, ...]:
    return listing_of(text, [operator]).mutants


def ending_mutants() -> list[Mutant]:
    """The mutants of ``RUNNABLE`` whose loop still moves on."""
    texts = [(mutant, mutant.apply(RUNNABLE)) for mutant in mutants_of(RUNNABLE)]
    return [
        mutant for mutant, text in texts if "steps -= 1" not in text and "steps = 1" not in text
    ]


def counted_results(mutant: Mutant, text: str) -> tuple[object, object, int]:
    """What the plain and the counted buggy text leave behind, and the number of hits."""
    counter = count(1)
    plain = shown(mutant.apply(text))
    counted = shown(mutant.apply_counted(text, "hit()"), hit=lambda: next(counter))
    return plain, counted, next(counter) - 1


def shown(text: str, **names: object) -> object:
    """What running a text leaves behind, or the exception that it ends in."""
    try:
        found = executed(text, names)
    except (ArithmeticError, LookupError, NameError, TypeError, ValueError) as error:
        return type(error), str(error)
    return {name: value for name, value in found.items() if isinstance(value, int | str | list)}


def names_of(mutants: tuple[Mutant, ...], text: str) -> list[str]:
    return [mutant.apply(text) for mutant in mutants]


@pytest.mark.parametrize(("operator", "text", "expected"), EXAMPLES)
def test_an_example_gives_exactly_these_texts(
    operator: Operator, text: str, expected: tuple[str, ...]
) -> None:
    assert tuple(names_of(made_by(operator, text), text)) == expected


@pytest.mark.parametrize(("operator", "text", "expected"), EXAMPLES)
def test_every_mutant_of_an_example_compiles(
    operator: Operator, text: str, expected: tuple[str, ...]
) -> None:
    for mutant in made_by(operator, text):
        compile(mutant.apply(text), "example", "exec")


@pytest.mark.parametrize(("operator", "text", "expected"), EXAMPLES)
def test_a_counter_fits_into_every_example_without_moving_a_line(
    operator: Operator, text: str, expected: tuple[str, ...]
) -> None:
    for mutant in made_by(operator, text):
        counted = mutant.apply_counted(text, "hit()")
        compile(counted, "example", "exec")
        assert counted.count("hit()") == 1
        assert len(counted.splitlines()) == len(mutant.apply(text).splitlines())


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_an_operator_has_an_example_of_each_text_that_it_changes(operator: Operator) -> None:
    examples = " ".join(text for text, changed in operator.examples if changed)
    assert [text for text in STARTS[operator.name] if text not in examples] == []


def test_table2_has_the_operators_of_the_paper_in_its_order() -> None:
    assert [operator.name for operator in OPERATORS] == list(OperatorCode)


def test_the_names_of_all_operators_differ() -> None:
    names = [operator.name for operator in all_operators()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("mutant", ending_mutants(), ids=lambda mutant: mutant.name)
def test_counting_changes_nothing_but_the_count(mutant: Mutant) -> None:
    plain, counted, hits = counted_results(mutant, RUNNABLE)
    assert counted == plain
    assert hits > 0


def test_a_sign_is_changed_like_an_operator() -> None:
    assert names_of(mutants_of("-a", "ArOR"), "-a") == ["+a"]
    assert mutants_of("+a", "ArOR")[0].apply("+a") == "-a"
    assert mutants_of("~a", "ArOR", "BitOR") == ()


def test_a_number_grows_by_one() -> None:
    changed = {m.edits[0].original: m.edits[0].replacement for m in mutants_of("[0, 9, 1.5, 0o17]")}
    assert changed == {"0": "1", "9": "10", "1.5": "2.5", "0o17": "16"}


def test_a_number_that_cannot_grow_is_left_alone() -> None:
    assert mutants_of("x = [1e17, 1e999, 1e300j]") == ()


def test_a_number_of_too_many_digits_is_left_alone() -> None:
    assert mutants_of("x = " + "9" * 5000) == ()


def test_a_long_hexadecimal_number_grows_and_stays_readable() -> None:
    text = "x = 0x" + "f" * 4000
    assert ast.literal_eval(mutants_of(text)[0].edits[0].replacement) == 16**4000


def test_stars_that_are_no_products_are_left_alone() -> None:
    for text in ("f(*a, **b)", "[*a]", "def f(*a, **b): pass", "a, *b = c", "print(*a)"):
        assert mutants_of(text) == ()


def test_signs_of_the_grammar_are_no_operators() -> None:
    for text in ("def f(a, /): pass", "def f() -> a: pass", "@f\ndef g(): pass", "import a as b"):
        assert mutants_of(text) == ()


def test_deleting_not_joins_no_words() -> None:
    assert names_of(mutants_of("x = a or not b", "LogOR"), "x = a or not b")[1] == "x = a or b"
    text = "return(not(a))"
    found = listing_of(f"def f(): {text}").mutants
    assert [mutant.apply(f"def f(): {text}") for mutant in found] == ["def f(): return((a))"]


def test_a_not_over_two_lines_still_compiles_when_it_goes() -> None:
    text = "x = (not\n     a)\ny = not \\\n  b\n"
    for mutant in mutants_of(text, "LogOR"):
        compile(mutant.apply(text), "text", "exec")
        assert mutant.apply(text).count("\n") == text.count("\n")


def test_an_augmented_assignment_gives_two_bugs_of_one_node() -> None:
    first, second = mutants_of("a += b")
    assert (first.edits[0].replacement, second.edits[0].replacement) == ("-=", "=")
    assert first.node == second.node
    assert first.id != second.id


def test_a_docstring_and_a_comment_hold_no_bugs() -> None:
    assert mutants_of('"""1 + 1 is True"""\n# 1 + 1\n') == ()
