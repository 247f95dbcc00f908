"""Operators applied again to operands that were seen: the same value, or an honest unknown."""

import math
from typing import Any

import pytest

from guest import agent_module

again: Any = agent_module("probes.reevaluate")

NAN = float("nan")
LOG: list[str] = []


class Own:
    """Whatever is done to it is noted."""

    def __add__(self, other: object) -> int:
        LOG.append("add")
        return 1

    def __lt__(self, other: object) -> bool:
        LOG.append("lt")
        return True

    def __eq__(self, other: object) -> bool:
        LOG.append("eq")
        return True

    def __bool__(self) -> bool:
        LOG.append("bool")
        return True

    __hash__ = object.__hash__


class Sized:
    """Its length decides on its truth."""

    def __len__(self) -> int:
        LOG.append("len")
        return 0


class Bare:
    """Nothing of it runs when it is asked for its truth."""


class Meta(type):
    """Notes who looks into its classes."""

    def __getattribute__(cls, name: str) -> Any:
        LOG.append(name)
        return super().__getattribute__(name)


class Watchful(metaclass=Meta):
    """A class that notices being asked for an attribute."""


class Text(str):
    """Not a built-in any more."""


@pytest.fixture(autouse=True)
def nobody_is_asked() -> Any:
    """No test may run anybody's code."""
    LOG.clear()
    yield
    assert LOG == []


def binary(text: str, *operands: object) -> Any:
    return again.evaluate("binary", text.split(), list(operands), ())


def compare(text: str, *operands: object, pure: bool = True) -> Any:
    return again.evaluate("compare", text.split(), list(operands), [pure] * 4)


def logic(text: str, *operands: object, pure: bool = True) -> Any:
    return again.evaluate("logic", text.split(), list(operands), [pure] * 4)


@pytest.mark.parametrize(
    ("left", "right"),
    [(0.0, -0.0), (-0.0, 0.0), (True, 1), (1, 1.0), (0, False), (0, 0.0), ("a", b"a"), (0j, -0j)],
)
def test_equal_values_of_another_kind_or_sign_are_not_the_same(left: object, right: object) -> None:
    assert left == right or "a" in (left, right)
    assert not again.same(left, right)
    assert not again.same((1, left), (1, right))


def test_what_is_no_number_is_only_the_same_as_itself() -> None:
    other = float("nan")
    assert again.same(NAN, NAN)
    assert not again.same(NAN, other)
    assert not again.same(NAN, math.copysign(NAN, -1))
    assert not again.same(complex(NAN, 1), complex(other, 1))


@pytest.mark.parametrize(
    "text", ["1", "2.5", "-0.0", "'a' + 'b'", "b'a'", "(1, (2.0, 'a'))", "None", "1j", "10 ** 5000"]
)
def test_immutable_built_ins_of_one_value_are_the_same(text: str) -> None:
    assert again.same(eval(text), eval(f"({text})"))


def test_numbers_of_more_digits_than_python_converts_are_compared() -> None:
    assert not again.same(10**5000, 10**5000 + 1)


def test_objects_are_only_the_same_as_themselves() -> None:
    one = Own()
    assert again.same(one, one)
    assert again.same((1, one), (1, one))
    assert not again.same(one, Own())
    assert not again.same((1, one), (1, Own()))
    assert not again.same([1], [1])
    assert not again.same((1,), (1, 2))


def test_plain_is_immutable_all_through() -> None:
    for value in (1, 1.5, 1j, True, "a", b"a", None, (), (1, ("a", None))):
        assert again.is_plain(value)
    for value in ([1], {}, (1, [2]), (1, (Own(),)), Own(), Text("a"), object(), int, frozenset()):
        assert not again.is_plain(value)


def test_the_truth_of_a_class_without_its_own_is_plain() -> None:
    for value in (0, "", (), (Own(),), Bare(), object(), int, len, NAN):
        assert again.is_plain_truth(value)
    for value in (Own(), Sized(), [], {}, Text("a"), set()):
        assert not again.is_plain_truth(value)


def test_nobody_notices_that_their_class_is_looked_into() -> None:
    value = Watchful()
    LOG.clear()
    assert again.is_plain_truth(value)


def test_flat_operators_are_applied_from_the_left() -> None:
    assert binary("- -", 10, 3, 2) == 5
    assert binary("/ *", 8, 4, 2) == 4.0
    assert type(binary("/ *", 8, 4, 2)) is float
    assert binary("<< >>", 1, 4, 2) == 4
    assert binary("=", 1, 2) == 2


def test_a_sign_is_applied_to_one_operand() -> None:
    assert math.copysign(1, binary("-", 0.0)) == -1
    assert binary("~", 0) == -1
    assert binary("+", True) == 1
    assert type(binary("+", True)) is int


@pytest.mark.parametrize(
    ("operators", "operands"),
    [
        ("+", (Own(), 1)),
        ("+", (1, [])),
        ("-", (Own(),)),
        ("<<", (1, 10**9)),
        ("<<", (1, 1.0)),
        ("*", ("a", 10**12)),
        ("*", ((1,), 3)),
        ("*", (1 << 64, 2)),
    ],
)
def test_what_is_foreign_or_too_large_is_unknown(operators: str, operands: tuple[Any, ...]) -> None:
    with pytest.raises(again.Unknown):
        binary(operators, *operands)


@pytest.mark.parametrize(
    ("operators", "operands", "error"),
    [
        ("/", (1, 0), ZeroDivisionError),
        ("-", ("a", "b"), TypeError),
        (">>", (1, -1), ValueError),
        ("@", (1, 2), KeyError),
    ],
)
def test_an_operation_that_fails_says_so(operators: str, operands: Any, error: type) -> None:
    with pytest.raises(error):
        binary(operators, *operands)


def test_a_comparison_of_what_is_no_number_is_false() -> None:
    assert compare("<=", NAN, NAN) is False
    assert compare("!=", NAN, NAN) is True
    assert compare("in", NAN, (NAN,)) is True


def test_a_chain_ends_at_the_first_comparison_that_is_false() -> None:
    assert compare("< <", 1, 2, 3) is True
    assert compare("< >", 1, 2, 3) is False
    assert compare("> <", 1, 2, 3) is False


def test_a_chain_that_would_go_on_is_unknown() -> None:
    assert compare("> <", 1, 1) is False
    with pytest.raises(again.Unknown):
        compare(">= <", 1, 1)


def test_a_chain_that_would_end_earlier_skips_only_pure_operands() -> None:
    assert compare("< <", 2, 1, 3) is False
    with pytest.raises(again.Unknown):
        compare("< <", 2, 1, 3, pure=False)
    with pytest.raises(again.Unknown):
        compare("< is", 2, 1, Own())


def test_identity_asks_nobody_and_everything_else_would() -> None:
    one = Own()
    assert compare("is", one, one) is True
    assert again.evaluate("compare", ["is not"], [one, Own()], [True, True]) is True
    for operator in ("==", "<", "in"):
        with pytest.raises(again.Unknown):
            compare(operator, one, one)


@pytest.mark.parametrize("text", ["and", "or", "and and", "or or", "and or", "or and"])
def test_a_flat_list_has_the_value_of_its_text(text: str) -> None:
    names = "abcd"[: len(text.split()) + 1]
    source = names[0] + "".join(f" {o} {n}" for o, n in zip(text.split(), names[1:], strict=True))
    for number in range(3 ** len(names)):
        values = [(0, 1, "")[number // 3**place % 3] for place in range(len(names))]
        expected = eval(source, dict(zip(names, values, strict=True)))
        assert again.same(logic(text, *values), expected), (source, values)


def test_what_was_not_evaluated_is_unknown_if_the_bug_needs_it() -> None:
    assert logic("or", 1) == 1
    assert logic("and", 0) == 0
    for operators, operands in (("and", (1,)), ("or", (0,)), ("or and", (0, 1)), ("and or", (0,))):
        with pytest.raises(again.Unknown):
            logic(operators, *operands)


def test_the_operand_behind_the_next_or_may_decide() -> None:
    assert logic("and or", 0, 5, 7) == 7
    assert logic("or and", 0, 1, 2) == 2
    assert logic("or and", 3, 1, 0) == 3


def test_an_effect_that_the_bug_would_skip_is_unknown() -> None:
    assert logic("or", 1, 2) == 1
    with pytest.raises(again.Unknown):
        logic("or", 1, 2, pure=False)
    with pytest.raises(again.Unknown):
        logic("or", 1, Own())


def test_truth_that_a_class_decides_on_is_unknown() -> None:
    for value in (Own(), Sized(), []):
        with pytest.raises(again.Unknown):
            logic("and", value, 1)
    bare = Bare()
    assert logic("and", bare, 1) == 1
    assert logic("or", 0, Sized()).__class__ is Sized


def test_other_kinds_of_expression_are_unknown() -> None:
    with pytest.raises(again.Unknown):
        again.evaluate("call", [], [1], [True])
