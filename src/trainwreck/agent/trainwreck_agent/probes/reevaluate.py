"""Applies operators to recorded operands, without running code of the program's classes."""

import operator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Operands = Sequence[Any]
    Operators = Sequence[str]

PLAIN = frozenset([int, float, complex, bool, str, bytes, type(None)])
MOST_SHIFTED = 10000
LARGEST = 1 << 64

# Read through the descriptors of `type`: attribute access would run code of a metaclass.
BASES: "Any" = type.__dict__["__mro__"]
NAMESPACE: "Any" = type.__dict__["__dict__"]

BINARY: "dict[str, Callable[[Any, Any], Any]]" = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "=": lambda _, right: right,
}
SIGNS: "dict[str, Callable[[Any], Any]]" = {
    "+": operator.pos,
    "-": operator.neg,
    "~": operator.invert,
}
COMPARISONS: "dict[str, Callable[[Any, Any], Any]]" = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


class Unknown(Exception):
    """The mutant's value cannot be known from the recorded operands."""


def is_plain(value: object) -> bool:
    """Return whether a value and all values within it are immutable built-ins."""
    kind = type(value)
    return kind in PLAIN or (type(value) is tuple and all(map(is_plain, value)))


def is_plain_truth(value: object) -> bool:
    """Return whether the truth of a value can be asked for without running code of its class."""
    kind = type(value)
    if kind in PLAIN or kind is tuple:
        return True
    return not any("__bool__" in names or "__len__" in names for names in namespaces(kind))


def namespaces(kind: type) -> "list[Mapping[str, Any]]":
    """Return what a class and its bases define, nearest first."""
    return [NAMESPACE.__get__(base) for base in BASES.__get__(kind)]


def same(left: "Any", right: "Any") -> bool:
    """Return whether both are one object, or immutable built-ins of one type with one value.

    The two zeros differ by their sign, and two NaNs by their identity.
    """
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right):
        return False
    if kind is tuple:
        return len(left) == len(right) and all(map(same, left, right))
    if kind in (float, complex):
        return bool(left == right) and repr(left) == repr(right)
    return kind in PLAIN and bool(left == right)


def evaluate(
    kind: str, operators: "Operators", operands: "Operands", pure: "Sequence[bool]"
) -> "Any":
    """Return the value of the operands joined by the operators.

    Args:
        kind: ``binary``, ``compare`` or ``logic``.
        operators: The mutant's operators, from the left.
        operands: The operands that the original evaluated, from the left.
        pure: For each operand, whether its evaluation has no effect. Only a pure one may be
            left out by the mutant.

    Raises:
        Unknown: The value depends on what was not recorded, or on code of a class.
        Exception: The operation itself fails.
    """
    if kind == "binary":
        return _binary(operators, operands)
    used: "set[int]" = set()
    if kind == "compare":
        value = _compare(operators, operands, used)
    elif kind == "logic":
        value = _logic(operators, operands, used)
    else:
        raise Unknown(kind)
    for index, operand in enumerate(operands):
        if index not in used and not (pure[index] and is_plain(operand)):
            raise Unknown("an operand would not have been evaluated")
    return value


def _binary(operators: "Operators", operands: "Operands") -> "Any":
    if len(operands) == 1:
        if not is_plain(operands[0]):
            raise Unknown("not an immutable built-in")
        return SIGNS[operators[0]](operands[0])
    value = operands[0]
    for name, operand in zip(operators, operands[1:]):
        value = apply_binary(name, value, operand)
    return value


def apply_binary(name: str, left: "Any", right: "Any") -> "Any":
    """Return ``left NAME right``. Raises Unknown where that could run code or take too long."""
    if not (is_plain(left) and is_plain(right)):
        raise Unknown("not an immutable built-in")
    if name == "<<" and not (type(right) is int and right <= MOST_SHIFTED):
        raise Unknown("too large")
    if name == "*" and not _is_small(left, right):
        raise Unknown("too large")
    if name == "%" and type(left) in (str, bytes):
        raise Unknown("a text may be filled in")
    return BINARY[name](left, right)


def _is_small(*values: "Any") -> bool:
    return all(
        type(value) in (float, complex, bool) or (type(value) is int and abs(value) < LARGEST)
        for value in values
    )


def _compare(operators: "Operators", operands: "Operands", used: "set[int]") -> "Any":
    """Evaluate a chain: each operand at most once, from the left, until a comparison is false."""
    used.add(0)
    value: "Any" = None
    for index, name in enumerate(operators, 1):
        if index >= len(operands):
            raise Unknown("an operand was not evaluated")
        used.add(index)
        left, right = operands[index - 1 : index + 1]
        if name in ("is", "is not"):
            value = (left is right) == (name == "is")
        elif is_plain(left) and is_plain(right):
            value = COMPARISONS[name](left, right)
        else:
            raise Unknown("not an immutable built-in")
        if not value:
            return value
    return value


def _logic(operators: "Operators", operands: "Operands", used: "set[int]") -> "Any":
    """Evaluate ``and`` before ``or``, from the left, until the value is decided."""
    start = 0
    while True:
        value, end = _conjunction(operators, operands, start, used)
        if end == len(operators) or truth_of(value):
            return value
        start = end + 1


def _conjunction(
    operators: "Operators", operands: "Operands", start: int, used: "set[int]"
) -> "tuple[Any, int]":
    """Return the value of the ``and``s from ``start``, and the index of the operator after them."""
    end = start
    while end < len(operators) and operators[end] == "and":
        end += 1
    value: "Any" = None
    for index in range(start, end + 1):
        if index >= len(operands):
            raise Unknown("an operand was not evaluated")
        used.add(index)
        value = operands[index]
        if index < end and not truth_of(value):
            break
    return value, end


def truth_of(value: object) -> bool:
    """Return the truth of a value. Raises Unknown where its class decides on it."""
    if not is_plain_truth(value):
        raise Unknown("its class decides on its truth")
    return bool(value)
