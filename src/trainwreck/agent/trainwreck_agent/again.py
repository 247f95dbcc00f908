"""Applies operators again to operands that were seen, without running anybody's code."""

import operator

PLAIN = frozenset([int, float, complex, bool, str, bytes, type(None)])
MOST_SHIFTED = 10000
LARGEST = 1 << 64
BASES = type.__dict__["__mro__"]
SPACE = type.__dict__["__dict__"]

BINARY = {
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
SIGNS = {"+": operator.pos, "-": operator.neg, "~": operator.invert}
COMPARISONS = {
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
    """What the bug would have done here cannot be known."""


def is_plain(value):
    """Whether a value is an immutable built-in, all through."""
    kind = type(value)
    return kind in PLAIN or (kind is tuple and all(map(is_plain, value)))


def is_plain_truth(value):
    """Whether asking for the truth of a value runs no code of its class."""
    kind = type(value)
    if kind in PLAIN or kind is tuple:
        return True
    return not any("__bool__" in space or "__len__" in space for space in spaces(kind))


def spaces(kind):
    """What a class and its bases define, nearest first, without running a metaclass's code."""
    return [SPACE.__get__(base) for base in BASES.__get__(kind)]


def same(left, right):
    """The same object, or immutable built-ins of one type with one value.

    The two zeros are told apart, and values that are no number: they have a sign and an identity.
    """
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right):
        return False
    if kind is tuple:
        return len(left) == len(right) and all(map(same, left, right))
    if kind in (float, complex):
        return left == right and repr(left) == repr(right)
    return kind in PLAIN and left == right


def evaluate(kind, operators, operands, pure):
    """The value of the operands joined by ``operators``. Raises Unknown, or what it would raise.

    Only operands that the original evaluated are given. One that the mutant would not evaluate
    must be ``pure``: its evaluation has no effect.
    """
    if kind == "binary":
        return _binary(operators, operands)
    used = set()
    if kind == "compare":
        value = _compare(operators, operands, used)
    elif kind == "logic":
        value = _logic(operators, operands, used)
    else:
        raise Unknown(kind)
    for place, operand in enumerate(operands):
        if place not in used and not (pure[place] and is_plain(operand)):
            raise Unknown("an operand would not have been evaluated")
    return value


def _binary(operators, operands):
    if not all(map(is_plain, operands)):
        raise Unknown("not an immutable built-in")
    if len(operands) == 1:
        return SIGNS[operators[0]](operands[0])
    value = operands[0]
    for name, operand in zip(operators, operands[1:]):
        if name == "<<" and not (type(operand) is int and operand <= MOST_SHIFTED):
            raise Unknown("too large")
        if name == "*" and not _is_small(value, operand):
            raise Unknown("too large")
        value = BINARY[name](value, operand)
    return value


def _is_small(*values):
    return all(
        type(value) in (float, complex, bool) or (type(value) is int and abs(value) < LARGEST)
        for value in values
    )


def _compare(operators, operands, used):
    """A chain: each operand at most once, from the left, until one comparison is false."""
    used.add(0)
    for place, name in enumerate(operators, 1):
        if place >= len(operands):
            raise Unknown("an operand was not evaluated")
        used.add(place)
        left, right = operands[place - 1 : place + 1]
        if name in ("is", "is not"):
            value = (left is right) == (name == "is")
        elif is_plain(left) and is_plain(right):
            value = COMPARISONS[name](left, right)
        else:
            raise Unknown("not an immutable built-in")
        if not value:
            return value
    return value


def _logic(operators, operands, used):
    """``and`` before ``or``, from the left, as far as the value is not known."""
    place, value = 0, None
    while True:
        value, end = _conjunction(operators, operands, place, used)
        if end == len(operators) or _truth(value):
            return value
        place = end + 1


def _conjunction(operators, operands, place, used):
    """Value of the ``and``s from ``place`` on, and the place of the operator behind them."""
    end = place
    while end < len(operators) and operators[end] == "and":
        end += 1
    for current in range(place, end + 1):
        if current >= len(operands):
            raise Unknown("an operand was not evaluated")
        used.add(current)
        value = operands[current]
        if current < end and not _truth(value):
            break
    return value, end


def _truth(value):
    if not is_plain_truth(value):
        raise Unknown("its class decides on its truth")
    return bool(value)
